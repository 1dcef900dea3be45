//! Lists of `otpauth:` links, one a line: what nearly every authenticator can write, and `zbarimg` or `pass` print.
//!
//! Around the links may stand comments (`#`), blank lines and whatever else a file has: each line that is no link
//! is refused with its number, and costs nothing else. The same links come in JSON (`["…"]` and `{"items": ["…"]}`,
//! from cotp). What is told of links elsewhere, in pictures for one, is read by the same `Reader`.

use zeroize::Zeroizing;

use super::{google, page};
use crate::exchange::encodings::json::Value;
use crate::exchange::{
    Entry, Exporter, File, Fit, ImportError, Imported, Importer, Likeness, Problem, Protection, Random,
};
use crate::otp::{Kind, Link, LinkError, Otp};
use crate::vault::Account;

pub(super) struct Otpauth;

impl Importer for Otpauth {
    fn name(&self) -> &'static str {
        "otpauth"
    }

    fn title(&self) -> &'static str {
        "list of otpauth links"
    }

    fn source(&self) -> &'static str {
        "in most apps: Export, as plain text or as links"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let (Some(text), Some(head)) = (file.text(), file.head()) else { return Likeness::No };
        if page::is_page(text) {
            return Likeness::No;
        }
        if file.is_json() {
            let may_be_links = file.is_list_of_texts() || file.is_object_with(&["items"]);
            let has_link = file.mentions("://") || file.mentions(":\\/\\/");
            return (may_be_links && has_link && links(text).any(|(_, link)| is_link(&link))).into();
        }
        let Some(first) = lines(head).map(|(_, line)| line).next() else { return Likeness::No };
        // Ente's own list says more than the links do, and its old ones are a single line. WinAuth writes the digits
        // behind the secret, and leaves names unescaped.
        let after_secret = || first.split_once("secret=").and_then(|(_, rest)| rest.split_once('&'));
        let is_others = || {
            file.mentions("codeDisplay=")
                || file.mentions(JOINT)
                || after_secret().is_some_and(|(_, rest)| rest.starts_with("digits="))
        };
        if is_link(first) {
            return if is_others() { Likeness::Perhaps } else { Likeness::Yes };
        }
        if !is_migration(first) && lines(head).any(|(_, line)| is_link(line)) {
            return Likeness::Perhaps;
        }
        Likeness::No
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let mut imported = Imported::default();
        for (place, link) in links(file.promised_text()?) {
            take(place, &link, &mut imported);
            if imported.is_full() {
                break;
            }
        }
        Ok(imported)
    }
}

/// What stands between two links of a list that is a single line. A comma of a name is always escaped there.
const JOINT: &str = ",otpauth://";

/// Returns whatever could be a link, with its place. One at a time: a file may have millions.
fn links(text: &str) -> Box<dyn Iterator<Item = (String, Zeroizing<String>)> + '_> {
    if text.trim_start().starts_with(['[', '{'])
        && let Ok(value) = Value::read(text)
    {
        let items = value.object().map(|object| object.list("items")).or_else(|| value.list());
        let texts = items.unwrap_or_default().into_iter().map(|item| item.text().unwrap_or_default());
        return Box::new((1..).zip(texts).map(|(number, link)| (format!("entry {number}"), link)));
    }
    Box::new(lines(text).flat_map(|(number, line)| {
        let mut rest = Some(line);
        std::iter::from_fn(move || {
            let link = rest?;
            let end = link.find(JOINT);
            rest = end.and_then(|end| link.get(end + 1..));
            let link = end.map_or(link, |end| &link[..end]);
            Some((format!("line {number}"), Zeroizing::new(link.to_owned())))
        })
    }))
}

/// Returns the lines that say something, with their numbers.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).filter_map(|(number, line)| {
        let trimmed = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        // What zbarimg writes in front if it is not told otherwise.
        let bare = trimmed.strip_prefix("QR-Code:").unwrap_or(trimmed);
        (!bare.is_empty() && !bare.starts_with('#')).then_some((number, bare))
    })
}

/// Says whether a text begins as a link of one account does.
pub(super) fn is_link(text: &str) -> bool {
    ["apple-otpauth", "motp", "otpauth", "steam"].contains(&scheme(text).as_str())
}

/// Says whether a text begins as an export of Google Authenticator does.
pub(super) fn is_migration(text: &str) -> bool {
    scheme(text) == "otpauth-migration"
}

fn scheme(text: &str) -> String {
    // The longest scheme that matters has 17 letters.
    let head: String = text.trim_start().chars().take(24).collect();
    head.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase()).unwrap_or_default()
}

/// Takes one link, of Google Authenticator as well; `place` is where it stands.
pub(super) fn take(place: String, link: &str, imported: &mut Imported) {
    if is_migration(link) {
        google::take(&place, link, imported);
    } else {
        imported.take(place, &name(link), entry(link));
    }
}

/// Reads the link of one account.
pub(super) fn entry(link: &str) -> Result<Entry, Problem> {
    match Link::read(link) {
        Ok(link) => Ok(Entry::new(&link.issuer, &link.account, link.otp)),
        Err(LinkError::PinMissing) => Err(Problem::PinMissing),
        Err(LinkError::Secret(error)) => Err(Problem::Secret(error)),
        Err(error) => Err(Problem::Link(error)),
    }
}

/// Returns the name in a link that cannot be read: its label, which is where no secret stands.
pub(super) fn name(link: &str) -> String {
    let label = match scheme(link).as_str() {
        "motp" => link.split_once("://").map(|(_, label)| label),
        "apple-otpauth" | "otpauth" => {
            link.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, label)| label)
        }
        _ => None,
    };
    // Without a `?` behind it, it may be the rest of anything.
    let label = label.and_then(|label| label.split_once('?')).map(|(label, _)| unescape(label));
    let label = label.filter(|label| !label.to_ascii_lowercase().contains("secret="));
    label.unwrap_or_default().replacen(':', " ", 1)
}

/// Undoes percent encoding. An escape that is none stays, and so does everything where the outcome is no text.
pub(super) fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let hex = |byte: u8| char::from(byte).to_digit(16);
        match tail {
            [high, low, tail @ ..] if *first == b'%' => {
                match hex(*high).zip(hex(*low)).map(|(high, low)| u8::try_from(high << 4 | low)) {
                    Some(Ok(byte)) => {
                        bytes.push(byte);
                        rest = tail;
                    }
                    _ => bytes.push(*first),
                }
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

impl Exporter for Otpauth {
    fn name(&self) -> &'static str {
        "otpauth"
    }

    fn title(&self) -> &'static str {
        "list of otpauth links"
    }

    fn extension(&self) -> &'static str {
        "txt"
    }

    fn protection(&self) -> Protection {
        Protection::Plain
    }

    fn fits(&self, account: &Account) -> Fit {
        misfit(&account.otp).map_or_else(|| Fit::losing(account, &["group", "note", "pin"]), Fit::Not)
    }

    fn write(&self, accounts: &[&Account], _: Option<&str>, _: Random<'_>) -> Zeroizing<Vec<u8>> {
        let links: Vec<Zeroizing<String>> = accounts
            .iter()
            .map(|account| Link::write(&account.issuer, &account.account, &account.otp))
            .collect();
        joined(&links)
    }
}

/// Says why no link can hold what codes are made from, if none can: a vault that was edited by hand holds PINs and
/// secrets that no app takes.
pub(super) fn misfit(otp: &Otp) -> Option<&'static str> {
    let is_number = |pin: &[u8]| (4..=16).contains(&pin.len()) && pin.iter().all(u8::is_ascii_digit);
    match &otp.kind {
        Kind::Motp { pin } if std::str::from_utf8(pin.bytes()).is_err() => Some("a PIN that is no text"),
        Kind::Yandex { pin } if !is_number(pin.bytes()) => Some("a PIN that is not 4 to 16 digits"),
        Kind::Yandex { .. } if otp.secret.bytes().len() < 16 => Some("a Yandex secret of less than 16 bytes"),
        _ => None,
    }
}

/// Writes links, one a line.
pub(super) fn joined(links: &[Zeroizing<String>]) -> Zeroizing<Vec<u8>> {
    // Room for all of them from the start: bytes that are moved would leave copies of secrets behind.
    let mut file = Zeroizing::new(Vec::with_capacity(links.iter().map(|link| link.len() + 1).sum()));
    for link in links {
        file.extend_from_slice(link.as_bytes());
        file.push(b'\n');
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Imported {
        Otpauth.read(&File::new(text.as_bytes()).unwrap(), None).unwrap()
    }

    fn likeness(text: &str) -> Likeness {
        Otpauth.recognizes(&File::new(text.as_bytes()).unwrap())
    }

    fn names(imported: &Imported) -> Vec<(&str, &str)> {
        imported.entries.iter().map(|entry| (entry.issuer.as_str(), entry.account.as_str())).collect()
    }

    const LINK: &str = "otpauth://totp/A:b?secret=JBSWY3DPEHPK3PXP";

    #[test]
    fn a_line_that_is_no_link_costs_nothing_else() {
        let list = read(&format!("\u{feff}# mine\r\n\r\n{LINK}\r\nJBSWY3DPEHPK3PXP\r\nQR-Code:{LINK}\r\n"));
        assert_eq!(names(&list), [("A", "b"), ("A", "b")]);
        assert_eq!(list.refused.len(), 1);
        assert_eq!((list.refused[0].place.as_str(), list.refused[0].name.as_str()), ("line 4", ""));
        let list = read("otpauth://totp/A%20B:c?secret=0189\nsteam://018!\notpauth://totp/secret=0189\n");
        let refused: Vec<&str> = list.refused.iter().map(|refused| refused.name.as_str()).collect();
        assert_eq!(refused, ["A B c", "", ""]);
    }

    #[test]
    fn every_kind_of_link_is_read() {
        let list = read(concat!(
            "steam://JRZCL47CMXVOQMNPZR2F7J4RGI\n",
            "motp://M:u?secret=e3152afee62599c8&pin=1234\n",
            "motp://M:u?secret=e3152afee62599c8\n",
            "apple-otpauth://totp/A:b?secret=JBSWY3DPEHPK3PXP\n",
            "OTPAUTH://HOTP/A:b?SECRET=JBSWY3DPEHPK3PXP&COUNTER=18446744073709551615\n",
        ));
        let kinds: Vec<_> = list.entries.iter().map(|entry| entry.otp.kind.clone()).collect();
        assert!(matches!(
            kinds[..],
            [Kind::Steam, Kind::Motp { .. }, Kind::Totp { .. }, Kind::Hotp { counter: u64::MAX }]
        ));
        assert_eq!(list.refused.len(), 1);
        assert_eq!((&list.refused[0].problem, list.refused[0].name.as_str()), (&Problem::PinMissing, "M u"));
    }

    #[test]
    fn links_are_found_in_json() {
        for json in [format!("{{\"items\": [\"{LINK}\", 7]}}"), format!("[\"{LINK}\", null]")] {
            assert_eq!(likeness(&json), Likeness::Yes, "{json}");
            let list = read(&json);
            assert_eq!(names(&list), [("A", "b")]);
            assert_eq!(list.refused[0].place, "entry 2");
        }
        assert_eq!(likeness("{\"items\": [{\"rawData\": \"otpauth://\"}]}"), Likeness::No);
    }

    #[test]
    fn a_list_that_is_one_line_is_not_taken_for_one_link() {
        let list = format!("{LINK},{LINK}&issuer=C,otpauth://totp/D?secret=0");
        assert_eq!(likeness(&list), Likeness::Perhaps);
        let list = read(&list);
        assert_eq!(names(&list), [("A", "b"), ("C", "b")]);
        assert_eq!(list.refused[0].place, "line 1");
    }

    #[test]
    fn only_what_begins_with_a_link_is_surely_a_list() {
        assert_eq!(likeness(&format!("# x\n{LINK}")), Likeness::Yes);
        assert_eq!(
            likeness("otpauth://totp/A#?x?secret=JBSWY3DPEHPK3PXP&digits=6&icon=x"),
            Likeness::Perhaps
        );
        assert_eq!(likeness(&format!("hunter2\nuser: x\n{LINK}")), Likeness::Perhaps);
        assert_eq!(likeness(&format!("{LINK}&codeDisplay=%7B%7D")), Likeness::Perhaps);
        assert_eq!(likeness("https://example.com"), Likeness::No);
        assert_eq!(likeness("otpauth-migration://offline?data=AA"), Likeness::No);
    }

    #[test]
    fn what_is_no_escape_stays() {
        assert_eq!(unescape("100%+%4a%C3%9C%"), "100%+JÜ%");
        assert_eq!(unescape("%ff"), "%ff");
    }
}
