//! `~/.google_authenticator` of google-authenticator-libpam: a secret, options and scratch codes, for one login.
//!
//! The first line is base32; options follow, each behind `" `; then come scratch codes of eight digits. The file
//! names nobody.

use zeroize::Zeroizing;

use crate::exchange::parts::{Parts, base32};
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};

/// What an option begins with.
const OPTION: &str = "\" ";

pub(super) struct LibPam;

impl Importer for LibPam {
    fn name(&self) -> &'static str {
        "libpam"
    }

    fn title(&self) -> &'static str {
        "google-authenticator-libpam"
    }

    fn source(&self) -> &'static str {
        "~/.google_authenticator of a computer whose login asks for codes"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let Some(head) = file.head() else { return Likeness::No };
        let mut lines = head.lines();
        let secret = lines.next().is_some_and(|line| {
            let line = line.trim_end();
            line.len() >= 8
                && line.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'2'..=b'7' | b'='))
        });
        (secret && lines.next().is_some_and(|line| line.starts_with(OPTION))).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let mut lines = file.promised_text()?.lines().map(str::trim);
        let secret = Zeroizing::new(lines.next().unwrap_or_default().to_owned());
        let mut options = Options::default();
        let mut scratch = 0;
        for line in lines.filter(|line| !line.is_empty()) {
            match line.strip_prefix(OPTION) {
                Some(option) => options.set(option),
                None => scratch += 1,
            }
        }
        let mut imported = Imported::default();
        imported.take("line 1", "", read_login(&secret, &options));
        imported.count(
            scratch,
            "scratch code is in the file and is left out",
            "scratch codes are in the file and are left out",
        );
        Ok(imported)
    }
}

/// The options that make other codes.
#[derive(Default)]
struct Options {
    counter: Option<Result<u64, Problem>>,
    period: Option<Result<u64, Problem>>,
}

impl Options {
    fn set(&mut self, option: &str) {
        let (name, value) = option.split_once(' ').unwrap_or((option, ""));
        let number =
            |field| value.trim().parse().map_err(|_| Problem::Field(field, "a number from 0 upwards"));
        match name {
            "HOTP_COUNTER" => self.counter = Some(number("HOTP_COUNTER")),
            "STEP_SIZE" => self.period = Some(number("STEP_SIZE")),
            _ => {}
        }
    }
}

fn read_login(secret: &str, options: &Options) -> Result<Entry, Problem> {
    let counter = options.counter.clone().transpose()?;
    let parts = Parts {
        kind: if counter.is_some() { "hotp" } else { "totp" },
        counter,
        period: options.period.clone().transpose()?,
        ..Parts::of(base32(secret)?)
    };
    Ok(Entry::new("", "", parts.otp()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::{Kind, Otp, Period, Secret};

    fn read(text: &str) -> Imported {
        let file = File::new(text.as_bytes()).unwrap();
        assert_eq!(LibPam.recognizes(&file), Likeness::Yes);
        LibPam.read(&file, None).unwrap()
    }

    #[test]
    fn options_that_make_other_codes_are_read() {
        let imported = read("MFRGGZDF\n\" RATE_LIMIT 3 30 1 2\n\" TOTP_AUTH\n12345678\n87654321\n");
        assert_eq!(imported.entries[0].otp, Otp::totp(Secret::from_bytes(b"abcde").unwrap()));
        assert_eq!(imported.notes, ["2 scratch codes are in the file and are left out"]);
        let period = |seconds| Kind::Totp { period: Period::new(seconds).unwrap() };
        assert_eq!(read("MFRGGZDF\n\" STEP_SIZE 60\n\" TOTP_AUTH\n").entries[0].otp.kind, period(60));
        assert_eq!(read("MFRGGZDF\r\n\" HOTP_COUNTER 9\r\n").entries[0].otp.kind, Kind::Hotp { counter: 9 });
    }

    #[test]
    fn options_that_cannot_be_are_refused() {
        for option in ["HOTP_COUNTER -1", "HOTP_COUNTER", "STEP_SIZE 0", "STEP_SIZE x"] {
            assert_eq!(read(&format!("MFRGGZDF\n\" {option}\n")).refused.len(), 1, "{option}");
        }
    }

    #[test]
    fn a_bare_secret_is_not_claimed() {
        for text in ["MFRGGZDF", "MFRGGZDF\n12345678\n", "\" TOTP_AUTH\n", "hello there\n\" x\n"] {
            assert_eq!(LibPam.recognizes(&File::new(text.as_bytes()).unwrap()), Likeness::No, "{text}");
        }
    }
}
