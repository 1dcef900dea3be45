//! `WinAuth` for Windows: the links that it exports as text, alone or in an encrypted zip archive.
//!
//! Each line is `otpauth://TYPE/LABEL?secret=…&digits=…` with more behind it. In the label nothing but blanks is
//! escaped, so `?`, `#` and `:` stand in it as they are: the secret begins the values, and that tells where the label
//! ends. Values of its own are `icon`, `serial` (Battle.net) and `deviceid` with `data` (Steam).

use zeroize::Zeroizing;

use crate::exchange::encodings::archive::Archive;
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem, recognize};
use crate::otp::Link;

/// What begins the values, and with it ends the label.
const VALUES: &str = "?secret=";

/// What no other program writes as a value.
const OWN: [&str; 3] = ["&icon=", "&serial=", "&deviceid="];

/// What a text in its archive may be taken for that this program reads as well or better.
const OWN_OR_LESS: [&str; 3] = ["archive", "otpauth", "winauth"];

pub(super) struct WinAuth;

impl Importer for WinAuth {
    fn name(&self) -> &'static str {
        "winauth"
    }

    fn title(&self) -> &'static str {
        "WinAuth"
    }

    fn source(&self) -> &'static str {
        "in WinAuth: the gear, Export, as a text file or a zip file with a password"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        if let [name] = file.members() {
            return is_text(name).into();
        }
        file.head().is_some_and(is_own).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        if !file.begins(b"PK") {
            return Ok(read_text(file.promised_text()?));
        }
        let mut archive = Archive::open(file.bytes())?;
        if archive.names().is_empty() {
            return Err(ImportError::NoAccounts);
        }
        let bytes = archive.read(is_text, password)?;
        let inner = File::new(&bytes)?;
        // Any text may have been packed by somebody.
        match recognize(&inner).filter(|format| !OWN_OR_LESS.contains(&format.name())) {
            Some(format) => format.read(&inner, password),
            None => Ok(read_text(inner.promised_text()?)),
        }
    }
}

/// Says whether a file in an archive is one of these. `Accounts.txt` is Authenticator Plus'.
fn is_text(name: &str) -> bool {
    let end = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    end.strip_suffix(".txt").is_some_and(|stem| stem != "accounts")
}

/// Says whether a text has the marks of this program: every link begins its values with secret and digits, and one
/// has a value or an unescaped label that others do not write.
fn is_own(text: &str) -> bool {
    let mut own = false;
    let mut links = 0;
    for line in lines(text).map(|(_, line)| line) {
        let Some((label, values)) = split(line) else { return false };
        let digits = values.split_once('&').is_some_and(|(_, rest)| rest.starts_with("digits="));
        if !digits || values.contains("codeDisplay=") {
            return false;
        }
        own |= OWN.iter().any(|mark| values.contains(mark)) || label.contains(['?', '#']);
        links += 1;
    }
    own && links > 0
}

/// Returns the lines that say something, with their numbers.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with(['#', ';']))
}

/// Splits a link into what stands between its type and its values, and the values from the secret on.
fn split(line: &str) -> Option<(&str, &str)> {
    let scheme = line.get(..10).filter(|scheme| scheme.eq_ignore_ascii_case("otpauth://"))?;
    let rest = line.get(scheme.len()..)?;
    let (_, rest) = rest.split_once('/')?;
    let at = rest.to_ascii_lowercase().rfind(VALUES)?;
    Some((rest.get(..at)?, rest.get(at + VALUES.len()..)?))
}

/// Reads one link a line.
pub(super) fn read_text(text: &str) -> Imported {
    let mut imported = Imported::default();
    for (number, line) in lines(text) {
        let label = split(line).map_or("", |(label, _)| label);
        imported.take(format!("line {number}"), label, read_link(line));
        if imported.is_full() {
            break;
        }
    }
    imported
}

fn read_link(line: &str) -> Result<Entry, Problem> {
    let Some((label, _)) = split(line) else {
        let link = Link::read(line)?;
        return Ok(Entry::new(&link.issuer, &link.account, link.otp));
    };
    // The label is a part of the line, so its place is found by what stands before it.
    let start = label.as_ptr() as usize - line.as_ptr() as usize;
    let (before, after) = (line.get(..start), line.get(start + label.len()..));
    let escaped = Zeroizing::new(format!(
        "{}{}{}",
        before.unwrap_or_default(),
        label.replace('?', "%3F"),
        after.unwrap_or_default()
    ));
    let link = Link::read(&escaped)?;
    // An issuer with a colon in it was split in two.
    let whole = match &link.label_issuer {
        Some(prefix) => format!("{prefix}:{}", link.account),
        None => String::new(),
    };
    let account = whole
        .strip_prefix(link.issuer.as_str())
        .and_then(|rest| rest.strip_prefix(':'))
        .map_or(link.account.as_str(), str::trim);
    Ok(Entry::new(&link.issuer, account, link.otp))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::encodings::archive::tests::packed;

    const TEXT: &str = "otpauth://totp/Big%20Corp:a?b#c:d?secret=MFRGG&digits=8&issuer=Big+Corp&algorithm=SHA256&period=60&icon=x\r\n\
        otpauth://totp/BattleNet:EU-1?secret=MFRGG&digits=8&issuer=BattleNet&serial=EU12&period=30\r\n\
        otpauth://totp/Steam:gabe?secret=MFRGG&digits=5&issuer=Steam&deviceid=android%3a1&data=%7b%22a%22%3a1%7d&period=30\r\n\
        otpauth://hotp/A:B:c?secret=MFRGG&digits=6&issuer=A%3aB&counter=3&period=30\r\n\
        \r\notpauth://totp/bare%20label?secret=MFRGG&digits=6&period=30\r\notpauth://totp/bad?secret=0&digits=6\r\n";

    fn likeness(text: &str) -> Likeness {
        WinAuth.recognizes(&File::new(text.as_bytes()).unwrap())
    }

    #[test]
    fn labels_are_not_escaped() {
        assert_eq!(likeness(TEXT), Likeness::Yes);
        let file = File::new(TEXT.as_bytes()).unwrap();
        let imported = WinAuth.read(&file, None).unwrap();
        let names: Vec<_> =
            imported.entries.iter().map(|entry| (entry.issuer.as_str(), entry.account.as_str())).collect();
        assert_eq!(
            names,
            [
                ("Big Corp", "a?b#c:d"),
                ("BattleNet", "EU-1"),
                ("Steam", "gabe"),
                ("A:B", "c"),
                ("", "bare label")
            ]
        );
        let first = &imported.entries[0].otp;
        assert_eq!(
            (first.algorithm.name(), first.digits.get(), first.period().unwrap().seconds()),
            ("SHA256", 8, 60)
        );
        assert_eq!(imported.entries[2].otp.kind, crate::otp::Kind::Steam);
        assert_eq!(
            (imported.refused[0].place.as_str(), imported.refused[0].name.as_str()),
            ("line 7", "bad")
        );
    }

    #[test]
    fn lists_of_links_of_others_are_not_claimed() {
        for text in [
            "otpauth://totp/a?secret=MFRGG&digits=6&period=30",
            "otpauth://totp/a#b?secret=MFRGG&issuer=x&icon=y",
            "otpauth://totp/a#b?secret=MFRGG&digits=6&codeDisplay=x",
            "otpauth://totp/a?secret=MFRGG&issuer=a&digits=6&icon=x",
            "MFRGG",
            "otpauth://",
        ] {
            assert_eq!(likeness(text), Likeness::No, "{text}");
        }
    }

    #[test]
    fn an_archive_with_one_text_is_read() {
        let bytes = packed(&[("winauth.txt", TEXT.as_bytes())], Some("correct horse"));
        let file = File::new(&bytes).unwrap();
        assert_eq!(WinAuth.recognizes(&file), Likeness::Yes);
        assert_eq!(WinAuth.read(&file, Some("correct horse")).unwrap().entries.len(), 5);
        assert_eq!(WinAuth.read(&file, None), Err(ImportError::PasswordNeeded));
        assert_eq!(WinAuth.read(&file, Some("x")), Err(ImportError::WrongPassword));
        let empty = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        assert_eq!(WinAuth.read(&File::new(empty).unwrap(), None), Err(ImportError::NoAccounts));
        let others = packed(&[("Accounts.txt", b"x")], None);
        assert_eq!(WinAuth.recognizes(&File::new(&others).unwrap()), Likeness::No);
    }
}
