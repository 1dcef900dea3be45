//! Web pages that an authenticator writes to be printed: Aegis' table of QR codes, those of Stratum and Ente.
//!
//! A link stands in `<code>…</code>`, or it is what the picture of a QR code in the page says. Pages of Aegis have in
//! the other cells of a row what no link says: the note, the star, and the PIN of mOTP. A picture is small, and only
//! so many pixels are looked at in all.

use zeroize::Zeroizing;

use super::google;
use super::otpauth::{entry, is_link, is_migration, name};
use crate::exchange::encodings::json::base64;
use crate::exchange::entry::MOST_ENTRIES;
use crate::exchange::{File, ImportError, Imported, Importer, Likeness, Problem, picture};

/// What a picture in the page begins with. Everybody writes PNG.
const PICTURE: &str = "data:image/png;base64,";

/// What it begins with when it is decoded: the mark of the format, then length and name of its first part. In another
/// format the size stands elsewhere.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

/// The most pixels of one picture; a QR code for a page has some hundred each way.
const MOST_PIXELS: u64 = 2_000_000;

/// The most pixels of all pictures together: some thousand codes.
const MOST_PIXELS_IN_ALL: u64 = 300_000_000;

pub(super) struct Page;

impl Importer for Page {
    fn name(&self) -> &'static str {
        "html"
    }

    fn title(&self) -> &'static str {
        "web page with links or QR codes"
    }

    fn source(&self) -> &'static str {
        "in Aegis, Stratum or Ente Auth: Export, as HTML"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let Some(text) = file.text().filter(|text| is_page(text)) else { return Likeness::No };
        let has_links = elements(text, "code").into_iter().any(|code| is_link(code) || is_migration(code));
        if has_links {
            Likeness::Yes
        } else if text.contains(PICTURE) {
            Likeness::Perhaps
        } else {
            Likeness::No
        }
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let text = file.promised_text()?;
        let mut imported = Imported::default();
        let codes = elements(text, "code");
        if codes.iter().any(|code| is_link(code) || is_migration(code)) {
            for (number, code) in (1..).zip(codes) {
                take(&mut imported, &format!("entry {number}"), &unescape_html(code), &Cells::default());
            }
            return Ok(imported);
        }
        let rows: Vec<&str> = elements(text, "tr").into_iter().filter(|row| row.contains(PICTURE)).collect();
        let rows = if rows.is_empty() { vec![text] } else { rows };
        let heads: Vec<String> =
            elements(text, "th").into_iter().map(|head| unescape_html(head).trim().to_lowercase()).collect();
        let mut left = MOST_PIXELS_IN_ALL;
        let mut number = 0;
        for row in rows {
            let cells = Cells::of(&heads, row);
            for picture in row.split(PICTURE).skip(1) {
                number += 1;
                let place = format!("picture {number}");
                let data = picture.split(['"', '\'']).next().unwrap_or_default();
                match codes_of(data, &mut left) {
                    Ok(codes) => codes.iter().for_each(|code| take(&mut imported, &place, code, &cells)),
                    Err(problem) => imported.take(place, &cells.name, Err(problem)),
                }
            }
        }
        Ok(imported)
    }
}

/// Reads the QR codes in a picture. Its size is looked at first: `left` is how many pixels may still be.
fn codes_of(data: &str, left: &mut u64) -> Result<Vec<Zeroizing<String>>, Problem> {
    let unread = Problem::NoCodes("no QR code could be read in this picture");
    let packed: Zeroizing<String> = Zeroizing::new(data.split_whitespace().collect());
    let bytes = base64(&packed).ok_or_else(|| unread.clone())?;
    if !bytes.starts_with(PNG) {
        return Err(unread);
    }
    // Behind these come the two numbers.
    let size = |from: usize| {
        let number = bytes.get(from..from + 4)?;
        Some(u64::from(u32::from_be_bytes(number.try_into().ok()?)))
    };
    let pixels = size(16).zip(size(20)).and_then(|(width, height)| width.checked_mul(height));
    let pixels = pixels.filter(|pixels| *pixels <= MOST_PIXELS).ok_or_else(|| unread.clone())?;
    *left = left.checked_sub(pixels).ok_or(Problem::NoCodes("there are more pictures than are looked at"))?;
    picture::read_codes(&bytes).map_err(|_| unread)
}

fn take(imported: &mut Imported, place: &str, link: &str, cells: &Cells) {
    let link = link.trim();
    if is_migration(link) {
        return google::take(place, link, imported);
    }
    if !is_link(link) {
        // A code of something else is nothing to be named in a report.
        return imported.take(place, &cells.name, entry(""));
    }
    let with_pin = Zeroizing::new(format!("{link}{}", *cells.pin));
    let read = entry(if link.starts_with("motp") { &with_pin } else { link });
    let read = read.map(|mut entry| {
        entry.note.clone_from(&cells.note);
        entry.pinned = cells.pinned;
        entry
    });
    imported.take(place, &name(link), read);
}

/// What stands in the row of a table beside the code.
#[derive(Default)]
struct Cells {
    name: String,
    note: String,
    pinned: bool,
    /// The PIN as a value of a link; empty if there is none.
    pin: Zeroizing<String>,
}

impl Cells {
    fn of(heads: &[String], row: &str) -> Self {
        let cells = elements(row, "td");
        let cell = |name: &str| {
            let cell = heads.iter().position(|head| head == name).and_then(|index| cells.get(index));
            cell.map(|cell| unescape_html(cell)).unwrap_or_default()
        };
        let pin = cell("pin");
        let is_pin = !pin.is_empty() && pin.bytes().all(|byte| byte.is_ascii_alphanumeric());
        Self {
            name: format!("{} {}", *cell("issuer"), *cell("name")),
            note: cell("note").trim().to_owned(),
            pinned: cell("favorite").eq_ignore_ascii_case("true"),
            pin: if is_pin { Zeroizing::new(format!("&pin={}", *pin)) } else { Zeroizing::default() },
        }
    }
}

/// Says whether a text is a web page.
pub(super) fn is_page(text: &str) -> bool {
    let head: String = text.trim_start().chars().take(256).collect::<String>().to_ascii_lowercase();
    head.starts_with("<!doctype html")
        || head.starts_with("<html")
        || (head.starts_with('<') && memchr::memmem::find(text.as_bytes(), b"<code").is_some())
}

/// Returns what stands in the elements of that name, none of them within another; as many as any file may give.
fn elements<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let (start, end) = (format!("<{name}"), format!("</{name}>"));
    let mut found = Vec::new();
    let mut rest = text;
    while found.len() <= MOST_ENTRIES
        && let Some((_, tail)) = rest.split_once(&start)
    {
        let Some((head, tail)) = tail.split_once('>') else { break };
        // `<codec>` is another element.
        if !head.chars().next().is_none_or(char::is_whitespace) {
            rest = tail;
            continue;
        }
        let Some((inside, tail)) = tail.split_once(&end) else { break };
        found.push(inside);
        rest = tail;
    }
    found
}

/// The most letters between `&` and `;`.
const LONGEST_ESCAPE: usize = 8;

/// Undoes what HTML and XML escape.
pub(super) fn unescape_html(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let near = &after[..after.floor_char_boundary(LONGEST_ESCAPE + 1)];
        let entity = near.find(';').map(|end| (&after[..end], &after[end + 1..]));
        if let Some((found, tail)) = entity.and_then(|(name, tail)| Some((character(name)?, tail))) {
            plain.push(found);
            rest = tail;
        } else {
            plain.push('&');
            rest = after;
        }
    }
    plain.push_str(rest);
    plain
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "apos" => Some('\''),
        "gt" => Some('>'),
        "lt" => Some('<'),
        "nbsp" => Some(' '),
        "quot" => Some('"'),
        _ => {
            let number = name.strip_prefix('#')?;
            let hex = number.strip_prefix(['x', 'X']);
            hex.map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())
                .and_then(char::from_u32)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::picture::{draw, png};
    use crate::otp::Kind;

    fn read(text: &str) -> Imported {
        let file = File::new(text.as_bytes()).unwrap();
        assert!(Page.recognizes(&file) > Likeness::No, "{text}");
        Page.read(&file, None).unwrap()
    }

    /// Draws a code and embeds it as Android does, in lines.
    fn embedded(link: &str) -> String {
        let packed = data_encoding::BASE64.encode(&png(&draw(link).unwrap()));
        let lines: Vec<&str> =
            packed.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("<img src=\"{PICTURE}{}\n\"/>", lines.join("\n"))
    }

    #[test]
    fn links_stand_in_their_elements() {
        let page = "<!DOCTYPE html>\n<html><codec>x</codec><td><code class=\"x\">otpauth://totp/A&amp;B%3Ac?secret=JBSWY3DPEHPK3PXP&amp;issuer=A%26B&#38;digits=8</code></td></html>";
        let entry = &read(page).entries[0];
        assert_eq!((entry.issuer.as_str(), entry.account.as_str(), entry.otp.digits.get()), ("A&B", "c", 8));
    }

    #[test]
    fn codes_are_read_with_what_stands_beside_them() {
        let row = |issuer: &str, link: &str, pin: &str| {
            format!(
                "<tr><td>{issuer}</td><td>n</td><td class='qr'>{}</td><td>a &lt;note&gt;</td><td>true</td><td>{pin}</td></tr>",
                embedded(link)
            )
        };
        let page = format!(
            "<html><body><table><tr><th>Issuer</th><th>Name</th><th>QR Code</th><th>Note</th><th>Favorite</th><th>PIN</th></tr>{}{}{}<tr><td>X</td><td>y</td><td><img src=\"{PICTURE}AAAA\"/></td></tr></table></html>",
            row("A", "otpauth://totp/A:b?secret=MFRGG&issuer=A", "-"),
            row("M", "motp://M:u?secret=e3152afee62599c8", "1234"),
            row("Z", "https://example.com", "-"),
        );
        let imported = read(&page);
        let [first, second] = imported.entries.as_slice() else { panic!("{imported:?}") };
        assert_eq!((first.issuer.as_str(), first.note.as_str(), first.pinned), ("A", "a <note>", true));
        assert!(matches!(&second.otp.kind, Kind::Motp { pin } if pin.bytes() == b"1234"));
        let refused: Vec<(&str, &str)> =
            imported.refused.iter().map(|refused| (refused.place.as_str(), refused.name.as_str())).collect();
        assert_eq!(refused, [("picture 3", "Z n"), ("picture 4", "X y")]);
    }

    #[test]
    fn pictures_need_no_table_and_are_bounded() {
        let link = "otpauth://totp/A:b?secret=MFRGG";
        assert_eq!(read(&format!("<html>{}</html>", embedded(link))).entries.len(), 1);
        let packed = data_encoding::BASE64.encode(&png(&draw(link).unwrap()));
        assert!(codes_of(&packed, &mut 1000).is_err());
        let mut bytes = png(&draw(link).unwrap()).to_vec();
        bytes[16..20].copy_from_slice(&100_000_u32.to_be_bytes());
        assert!(codes_of(&data_encoding::BASE64.encode(&bytes), &mut 100_000_000_000).is_err());
        // A picture of 256 pixels each way, which says elsewhere how large it is.
        let mut bitmap = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_luma8(256, 256).write_to(&mut bitmap, image::ImageFormat::Bmp).unwrap();
        let mut left = 1000;
        assert!(codes_of(&data_encoding::BASE64.encode(bitmap.get_ref()), &mut left).is_err());
        assert_eq!(left, 1000);
        let page = "<html><code>x</code></html>";
        assert_eq!(Page.recognizes(&File::new(page.as_bytes()).unwrap()), Likeness::No);
    }

    #[test]
    fn a_million_signs_that_begin_no_escape_are_no_trouble() {
        let text = "&".repeat(1_000_000);
        assert_eq!(*unescape_html(&text), text);
        assert_eq!(unescape_html(&format!("{text}&amp;")).len(), 1_000_001);
    }

    #[test]
    fn what_is_no_escape_stays() {
        assert_eq!(*unescape_html("a&amp;b&b;&#x41;&#99999999;&&lt"), "a&b&b;A&#99999999;&&lt");
        assert_eq!(
            *unescape_html("&\u{e9}\u{e9}\u{e9}\u{e9}\u{e9};&#128512;"),
            "&\u{e9}\u{e9}\u{e9}\u{e9}\u{e9};\u{1f600}"
        );
    }
}
