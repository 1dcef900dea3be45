//! Seeds of hardware tokens as comma-separated lines: what `LinOTP` and `privacyIDEA` read, and the logs of the
//! `YubiKey` Personalization Tool.
//!
//! The first have `serial, key, type, digits, period or counter`, of which all behind the key may be missing. The
//! logs come in a traditional form, which begins with what was written (`OATH-HOTP`), and in one of Yubico's own,
//! `serial,,counter,key,,time,`, which does not record the digits. Keys are hexadecimal in all of them.

use zeroize::Zeroizing;

use crate::exchange::parts::Parts;
use crate::exchange::{Assumed, Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::{Algorithm, Secret};

/// The shortest key that is taken for one when the file is looked at.
const SHORTEST: usize = 16;

/// The first fields of the lines of a traditional log.
const LOG: [&str; 4] = ["oath-hotp", "yubico otp", "static password", "challenge-response"];

pub(super) struct OathCsv;

impl Importer for OathCsv {
    fn name(&self) -> &'static str {
        "oath_csv"
    }

    fn title(&self) -> &'static str {
        "OATH CSV"
    }

    fn source(&self) -> &'static str {
        "the seed file of a vendor (serial, key, type, digits, period or counter), or the log of the YubiKey \
         Personalization Tool"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let Some(head) = file.head() else { return Likeness::No };
        let mut rows = rows(head).map(|(_, fields)| Row::new(fields));
        match rows.next() {
            Some(Row::Log(_) | Row::Yubico(_)) => Likeness::Yes,
            Some(Row::Seed(fields)) if rows.all(|row| matches!(row, Row::Seed(_))) => {
                if is_kind(fields.get(2)) { Likeness::Yes } else { Likeness::Perhaps }
            }
            _ => Likeness::No,
        }
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let mut imported = Imported::default();
        let (mut others, mut assumed) = (0, Vec::new());
        for (number, fields) in rows(file.promised_text()?) {
            if imported.is_full() {
                break;
            }
            let (place, row) = (format!("line {number}"), Row::new(fields));
            match &row {
                Row::Heading => {}
                Row::Log(fields)
                    if !fields.first().is_some_and(|kind| kind.eq_ignore_ascii_case("oath-hotp")) =>
                {
                    others += 1;
                }
                Row::Log(fields) => {
                    assumed.push(Assumed::Algorithm);
                    let name =
                        fields.get(3).filter(|id| !id.is_empty()).or(fields.get(1)).map_or("", |id| id);
                    let digits = fields.get(11).filter(|digits| matches!(**digits, "6" | "8")).copied();
                    imported.take(place, name, seed(name, fields.get(5), "hotp", digits.unwrap_or("6"), ""));
                }
                Row::Yubico(fields) => {
                    assumed.extend([Assumed::Algorithm, Assumed::Digits]);
                    let (name, counter) =
                        (fields.first().map_or("", |name| name), fields.get(2).map_or("", |count| count));
                    imported.take(place, name, seed(name, fields.get(3), "hotp", "", counter));
                }
                Row::Seed(fields) | Row::Other(fields) => {
                    let field = |index: usize| fields.get(index).copied().unwrap_or_default();
                    if field(5).is_empty() {
                        assumed.push(Assumed::Algorithm);
                    }
                    let name = field(0);
                    // A line without a comma may be nothing but a secret.
                    let shown = if fields.len() > 1 { name } else { "" };
                    imported.take(place, shown, seed_of(fields));
                }
            }
        }
        imported.count(
            others,
            "line is of a YubiKey's other uses, which have no codes to be shown",
            "lines are of a YubiKey's other uses, which have no codes to be shown",
        );
        Ok(imported.assuming(&assumed))
    }
}

/// What a line is.
enum Row<'a> {
    /// The names of the columns.
    Heading,
    /// Of a traditional log.
    Log(Vec<&'a str>),
    /// Neither.
    Other(Vec<&'a str>),
    /// Serial, key and more.
    Seed(Vec<&'a str>),
    /// Of Yubico's own form.
    Yubico(Vec<&'a str>),
}

impl<'a> Row<'a> {
    fn new(fields: Vec<&'a str>) -> Self {
        let is = |index: usize, check: fn(&str) -> bool| fields.get(index).is_some_and(|field| check(field));
        let number = |field: &str| !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit());
        if is(0, |field| LOG.iter().any(|kind| field.eq_ignore_ascii_case(kind))) && fields.len() >= 6 {
            Self::Log(fields)
        } else if is(0, number) && is(2, number) && is(3, is_key) && fields.len() >= 6 {
            Self::Yubico(fields)
        } else if is(0, |field| !field.is_empty()) && is(1, is_key) {
            Self::Seed(fields)
        } else if is(0, |field| field.eq_ignore_ascii_case("serial")) && !is(1, is_key) {
            Self::Heading
        } else {
            Self::Other(fields)
        }
    }
}

/// Returns the fields of the lines that say something, with their numbers.
fn rows(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(number, line)| {
        (number, line.split(',').take(64).map(|field| field.trim().trim_matches('"')).collect())
    })
}

fn is_key(field: &str) -> bool {
    field.len() >= SHORTEST
        && field.len().is_multiple_of(2)
        && field.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_kind(field: Option<&&str>) -> bool {
    field.is_some_and(|kind| {
        ["hotp", "totp", "hmac", "ocra", "motp"].iter().any(|known| kind.eq_ignore_ascii_case(known))
    })
}

/// Reads a line of serial and key.
fn seed_of(fields: &[&str]) -> Result<Entry, Problem> {
    let field = |index: usize| fields.get(index).copied().unwrap_or_default();
    let kind = match field(2) {
        "" => "hotp",
        kind if kind.eq_ignore_ascii_case("hmac") => "hotp",
        kind => kind,
    };
    let mut entry = seed(field(0), fields.get(1), kind, field(3), field(4))?;
    if !field(5).is_empty() {
        entry.otp.algorithm =
            Algorithm::from_name(field(5)).ok_or_else(|| Problem::Algorithm(field(5).to_owned()))?;
    }
    Ok(entry)
}

/// Puts a key together; the last is a counter or a period.
fn seed(name: &str, key: Option<&&str>, kind: &str, digits: &str, last: &str) -> Result<Entry, Problem> {
    let key = Zeroizing::new(key.copied().unwrap_or_default().to_owned());
    if key.is_empty() {
        return Err(Problem::Missing("key"));
    }
    if !kind.eq_ignore_ascii_case("hotp") && !kind.eq_ignore_ascii_case("totp") {
        return Err(Problem::Kind(kind.to_owned()));
    }
    let number = |text: &str, name: &'static str| match text {
        "" => Ok(None),
        text => text.parse::<u64>().map(Some).map_err(|_| Problem::Field(name, "a number from 0 upwards")),
    };
    let parts = Parts {
        kind,
        digits: number(digits, "digits")?,
        counter: number(last, "counter")?,
        period: number(last, "period")?,
        ..Parts::of(Secret::from_hex(&key)?)
    };
    Ok(Entry::new("", name, parts.otp()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::{Kind, Period};

    const KEY: &str = "3132333435363738393031323334353637383930";

    fn look(text: &str) -> Likeness {
        OathCsv.recognizes(&File::new(text.as_bytes()).unwrap())
    }

    fn read(text: &str) -> Imported {
        OathCsv.read(&File::new(text.as_bytes()).unwrap(), None).unwrap()
    }

    #[test]
    fn seeds_have_what_they_say_and_the_usual_values() {
        let text = format!(
            "# comment\nserial, key, type\nS1, {KEY}, HOTP, 8, 5\nS2,{KEY},totp,6,60\r\nS3,{KEY},totp\nS4,{KEY}\nS5,{KEY},totp,6,30,sha256\n"
        );
        let imported = read(&text);
        assert_eq!(imported.refused, []);
        let kinds: Vec<_> = imported.entries.iter().map(|entry| entry.otp.kind.clone()).collect();
        let totp = |seconds| Kind::Totp { period: Period::new(seconds).unwrap() };
        assert_eq!(
            kinds,
            [Kind::Hotp { counter: 5 }, totp(60), totp(30), Kind::Hotp { counter: 0 }, totp(30)]
        );
        assert_eq!((imported.entries[0].account.as_str(), imported.entries[0].otp.digits.get()), ("S1", 8));
        assert_eq!(imported.entries[4].otp.algorithm, Algorithm::Sha256);
        assert_eq!(look(&text[text.find("S1").unwrap()..]), Likeness::Yes);
        assert_eq!(look(&format!("S4,{KEY}\n")), Likeness::Perhaps);
    }

    #[test]
    fn logs_of_a_yubikey_are_read() {
        let traditional = format!(
            "OATH-HOTP,11.12.13 18:55,1,cccccccccccc,,{KEY},,,0,0,0,8,0,0,0,0,0,0\nYubico OTP,12/11/2013 11:10,1,vvgutbiedkvi,ab86c04de6a3,d26a7c0f85fdda28bd816e406342b214,,,0,0,0,0,0,0,0,0,0,0\n"
        );
        assert_eq!(look(&traditional), Likeness::Yes);
        let imported = read(&traditional);
        assert_eq!((imported.entries.len(), imported.refused.len(), imported.notes.len()), (1, 0, 1));
        assert_eq!(
            (imported.entries[0].account.as_str(), imported.entries[0].otp.digits.get()),
            ("cccccccccccc", 8)
        );
        let own = format!("1416671,,7,{KEY},,2013-12-11T19:09:00,\n");
        assert_eq!(look(&own), Likeness::Yes);
        let imported = read(&own);
        assert_eq!(imported.entries[0].otp.kind, Kind::Hotp { counter: 7 });
        assert_eq!(imported.assumed, [Assumed::Algorithm, Assumed::Digits]);
    }

    #[test]
    fn one_bad_line_costs_no_other() {
        let text = format!(
            "S,{KEY},totp,6,30\nS,{KEY},ocra,6\nS,{KEY},totp,11\nS,{KEY},totp,6,0\nS,{KEY},hotp,6,x\nS,abc,hotp\nS\nS,{KEY},totp,6,30,md5\n"
        );
        let imported = read(&text);
        assert_eq!((imported.entries.len(), imported.refused.len()), (1, 7));
        assert_eq!(imported.refused[0].place, "line 2");
    }

    #[test]
    fn other_tables_are_not_claimed() {
        for text in ["a,b,c", "name,url,username", "otpauth://totp/a?secret=MFRGG", "S,1234,totp", "", "x"] {
            if let Ok(file) = File::new(text.as_bytes()) {
                assert_eq!(OathCsv.recognizes(&file), Likeness::No, "{text}");
            }
        }
    }
}
