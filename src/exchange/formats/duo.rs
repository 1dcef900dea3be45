//! Duo Mobile: `accounts.json` out of the app's own files on a rooted phone; there is no export.
//!
//! It records nothing but a name and a secret. Accounts that Duo itself protects have no secret that makes codes.

use crate::exchange::encodings::json::{Object, Value};
use crate::exchange::parts::{Parts, base32};
use crate::exchange::{Assumed, Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Otp;

pub(super) struct Duo;

impl Importer for Duo {
    fn name(&self) -> &'static str {
        "duo"
    }

    fn title(&self) -> &'static str {
        "Duo Mobile"
    }

    fn source(&self) -> &'static str {
        "on a rooted phone: the file files/duokit/accounts.json of com.duosecurity.duomobile"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let pushed = file.is_list_with(&["accountType", "pkey"]);
        (pushed || file.is_list_with(&["otpGenerator"])).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let list = Value::read(file.promised_text()?)?
            .list()
            .ok_or_else(|| ImportError::Damaged("it is JSON, but no list".to_owned()))?;
        let mut imported =
            Imported::default().assuming(&[Assumed::Algorithm, Assumed::Digits, Assumed::Period]);
        let mut pushed = 0;
        for (index, account) in list.into_iter().enumerate() {
            let place = format!("account {}", index + 1);
            let Some(account) = account.object() else {
                imported.take(place, "", Err(Problem::Field("account", "an object")));
                continue;
            };
            let name = account.words("name");
            match account.object("otpGenerator").filter(|codes| codes.get("otpSecret").is_some()) {
                Some(codes) => imported.take(place, &name, read_account(&name, &codes)),
                None => pushed += 1,
            }
        }
        imported.count(
            pushed,
            "account is confirmed in Duo's app and has no codes; it was left out",
            "accounts are confirmed in Duo's app and have no codes; they were left out",
        );
        Ok(imported)
    }
}

fn read_account(name: &str, codes: &Object<'_>) -> Result<Entry, Problem> {
    let secret = base32(&codes.required("otpSecret")?)?;
    let otp = match codes.number("counter")? {
        Some(counter) => Otp::hotp(secret, counter),
        None => Parts::of(secret).otp()?,
    };
    Ok(Entry::new("", name, otp))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_of_duo_itself_have_no_codes() {
        let text = r#"[{"name":"Corp","accountType":"DuoAccount","pkey":"x","otpGenerator":null},
            {"name":"a","accountType":"OtpAccount","otpGenerator":{"otpSecret":"mfrgg","counter":3},"pkey":null},
            {"name":"b","accountType":"OtpAccount","otpGenerator":{"otpSecret":"1"},"pkey":null},
            {"name":"c","accountType":"OtpAccount","otpGenerator":{"otpSecret":"MFRGG","counter":-1},"pkey":null}]"#;
        let file = File::new(text.as_bytes()).unwrap();
        assert_eq!(Duo.recognizes(&file), Likeness::Yes);
        let imported = Duo.read(&file, None).unwrap();
        assert_eq!(imported.entries[0].otp.kind, crate::otp::Kind::Hotp { counter: 3 });
        assert_eq!((imported.entries.len(), imported.refused.len(), imported.notes.len()), (1, 2, 1));
        assert_eq!(imported.assumed.len(), 3);
    }
}
