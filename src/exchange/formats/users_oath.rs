//! `/etc/users.oath`, the file of `pam_oath` (OATH Toolkit): one line a user, fields between blanks.
//!
//! `HOTP[/E|/T30][/digits] user password key [counter [last code [time]]]`. Without `/T…` codes are counted. With
//! the last code beside it, it is not said whether the counter is that code's or the next; the code itself tells.

use subtle::ConstantTimeEq;

use crate::exchange::parts::Parts;
use crate::exchange::{Assumed, Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::{Kind, Secret};

pub(super) struct UsersOath;

impl Importer for UsersOath {
    fn name(&self) -> &'static str {
        "users_oath"
    }

    fn title(&self) -> &'static str {
        "pam_oath (users.oath)"
    }

    fn source(&self) -> &'static str {
        "/etc/users.oath of a computer with pam_oath"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let Some(head) = file.head() else { return Likeness::No };
        let mut lines = lines(head).peekable();
        let is = |(_, fields): (usize, Vec<&str>)| {
            let hex = |key: &&str| key.len() >= 2 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
            fields.first().is_some_and(|kind| is_kind(kind)) && fields.get(3).is_some_and(hex)
        };
        (lines.peek().is_some() && lines.take(16).all(is)).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let mut imported = Imported::default();
        for (number, fields) in lines(file.promised_text()?) {
            let name = fields.get(1).copied().unwrap_or_default();
            imported.take(format!("line {number}"), name, read_line(&fields));
            if imported.is_full() {
                break;
            }
        }
        Ok(imported.assuming(&[Assumed::Algorithm]))
    }
}

fn is_kind(kind: &str) -> bool {
    let kind = kind.split('/').next().unwrap_or(kind);
    kind.eq_ignore_ascii_case("hotp") || kind.eq_ignore_ascii_case("totp")
}

/// Returns the fields of the lines that say something, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(number, line)| (number, line.split_ascii_whitespace().take(16).collect()))
}

fn read_line(fields: &[&str]) -> Result<Entry, Problem> {
    let field = |index: usize| fields.get(index).copied().unwrap_or_default();
    let (period, digits) = kind(field(0))?;
    if field(3).is_empty() {
        return Err(Problem::Missing("key"));
    }
    let counter = match field(4) {
        "" => 0,
        count => count.parse().map_err(|_| Problem::Field("counter", "a number from 0 upwards"))?,
    };
    let parts = Parts {
        kind: if period.is_some() { "totp" } else { "hotp" },
        digits,
        period,
        counter: Some(counter),
        ..Parts::of(Secret::from_hex(field(3))?)
    };
    let mut otp = parts.otp()?;
    if let Kind::Hotp { counter } = otp.kind
        && otp.code_at(counter).reveal().as_bytes().ct_eq(field(5).as_bytes()).into()
    {
        otp.kind = Kind::Hotp { counter: counter.saturating_add(1) };
    }
    Ok(Entry::new("", field(1), otp))
}

/// Reads `HOTP/T30/6`: a period, or none where codes are counted, and the digits, if they are said.
fn kind(text: &str) -> Result<(Option<u64>, Option<u64>), Problem> {
    let unknown = || Problem::Kind(text.to_owned());
    let mut parts = text.split('/');
    let mut period = match parts.next() {
        Some(name) if name.eq_ignore_ascii_case("hotp") => None,
        Some(name) if name.eq_ignore_ascii_case("totp") => Some(30),
        _ => return Err(unknown()),
    };
    let mut digits = None;
    for part in parts {
        match part.split_at_checked(1) {
            Some(("E" | "e", "")) => {}
            Some(("T" | "t", seconds)) => period = Some(seconds.parse().map_err(|_| unknown())?),
            _ => digits = Some(part.parse().map_err(|_| unknown())?),
        }
    }
    Ok((period, digits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::Period;

    fn look(text: &str) -> Likeness {
        UsersOath.recognizes(&File::new(text.as_bytes()).unwrap())
    }

    fn read(text: &str) -> Imported {
        UsersOath.read(&File::new(text.as_bytes()).unwrap(), None).unwrap()
    }

    #[test]
    fn kinds_say_period_and_digits() {
        let text =
            "# users\nHOTP\troot\t-\t3132\nHOTP/E/8 a pin 3132 7\nHOTP/T30 b - 3132\nHOTP/T60/7 c + 3132\n";
        assert_eq!(look(text), Likeness::Yes);
        let imported = read(text);
        let totp = |seconds| Kind::Totp { period: Period::new(seconds).unwrap() };
        let kinds: Vec<_> = imported.entries.iter().map(|entry| entry.otp.kind.clone()).collect();
        assert_eq!(kinds, [Kind::Hotp { counter: 0 }, Kind::Hotp { counter: 7 }, totp(30), totp(60)]);
        let digits: Vec<_> = imported.entries.iter().map(|entry| entry.otp.digits.get()).collect();
        assert_eq!(digits, [6, 8, 6, 7]);
        assert_eq!(imported.entries[0].account, "root");
    }

    #[test]
    fn the_counter_is_the_next_whichever_is_written() {
        // RFC 4226 appendix D: the code of counter 0 is 755224, of counter 1 287082.
        let key = "3132333435363738393031323334353637383930";
        let counter = |line: &str| read(&format!("HOTP u - {key} {line}\n")).entries[0].otp.kind.clone();
        assert_eq!(counter("0 755224 2009-12-07T23:23:49L"), Kind::Hotp { counter: 1 });
        assert_eq!(counter("1 755224 2009-12-07T23:23:49L"), Kind::Hotp { counter: 1 });
        assert_eq!(counter("0"), Kind::Hotp { counter: 0 });
    }

    #[test]
    fn one_bad_line_costs_no_other() {
        let imported = read(
            "HOTP a - 3132\nHOTP/X b - 3132\nHOTP/T0 c - 3132\nHOTP/E/11 d - 3132\nHOTP e - xyz\nHOTP f\nHOTP g - 3132 -1\nMOTP h - 3132\n",
        );
        assert_eq!((imported.entries.len(), imported.refused.len()), (1, 7));
        assert_eq!(imported.refused[1].name, "c");
    }

    #[test]
    fn other_texts_are_not_claimed() {
        for text in ["HOTP", "hotp is a standard", "# nothing", "MFRGG", "a b c 3132"] {
            assert_eq!(look(text), Likeness::No, "{text}");
        }
    }
}
