//! Battle.net for Android: the preferences of its authenticator, from a rooted phone.
//!
//! Serial number and secret are hexadecimal and masked with bytes that are the same in every app. Unmasked the
//! secret is hexadecimal text again. Codes have eight digits.

use zeroize::Zeroizing;

use crate::exchange::encodings::xml;
use crate::exchange::parts::Parts;
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Secret;

/// What the app hides both texts with.
const MASK: [u8; 57] = [
    0x39, 0x8e, 0x27, 0xfc, 0x50, 0x27, 0x6a, 0x65, 0x60, 0x65, 0xb0, 0xe5, 0x25, 0xf4, 0xc0, 0x6c, 0x04,
    0xc6, 0x10, 0x75, 0x28, 0x6b, 0x8e, 0x7a, 0xed, 0xa5, 0x9d, 0xa9, 0x81, 0x3b, 0x5d, 0xd6, 0xc8, 0x0d,
    0x2f, 0xb3, 0x80, 0x68, 0x77, 0x3f, 0xa5, 0x9b, 0xa4, 0x7c, 0x17, 0xca, 0x6c, 0x64, 0x79, 0x01, 0x5c,
    0x1d, 0x5b, 0x8b, 0x8f, 0x6b, 0x9a,
];

/// The names of both values.
const SERIAL: &str = "com.blizzard.messenger.AUTHENTICATOR_SERIAL";
const SECRET: &str = "com.blizzard.messenger.AUTHENTICATOR_DEVICE_SECRET";

pub(super) struct BattleNet;

impl Importer for BattleNet {
    fn name(&self) -> &'static str {
        "battlenet"
    }

    fn title(&self) -> &'static str {
        "Battle.net"
    }

    fn source(&self) -> &'static str {
        "shared_prefs/com.blizzard.messenger.authenticator_preferences.xml of a rooted phone"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        (file.contains(SECRET.as_bytes()) && file.head().is_some_and(xml::is_preferences)).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let values = xml::preferences(file.promised_text()?)?;
        let value = |name: &str| {
            values.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
        };
        let serial = unmask(value(SERIAL)).unwrap_or_default();
        let mut imported = Imported::default();
        imported.take("entry 1", &serial, read_entry(&serial, value(SECRET)));
        Ok(imported)
    }
}

fn read_entry(serial: &str, masked: &str) -> Result<Entry, Problem> {
    if masked.trim().is_empty() {
        return Err(Problem::Missing("AUTHENTICATOR_DEVICE_SECRET"));
    }
    let garbled = Problem::Field("AUTHENTICATOR_DEVICE_SECRET", "a masked secret");
    let secret = Secret::from_hex(&unmask(masked).ok_or(garbled)?)?;
    let parts = Parts { digits: Some(8), ..Parts::of(secret) };
    Ok(Entry::new("Battle.net", serial, parts.otp()?))
}

fn unmask(hex: &str) -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(data_encoding::HEXLOWER_PERMISSIVE.decode(hex.trim().as_bytes()).ok()?);
    if bytes.len() > MASK.len() {
        return None;
    }
    for (byte, mask) in bytes.iter_mut().zip(MASK) {
        *byte ^= mask;
    }
    std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        let bytes: Vec<u8> = text.bytes().zip(MASK).map(|(byte, mask)| byte ^ mask).collect();
        data_encoding::HEXLOWER.encode(&bytes)
    }

    fn read(serial: &str, secret: &str) -> Imported {
        let text = format!(
            "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<map>\n<string name=\"{SECRET}\">{secret}</string>\n<string name=\"{SERIAL}\">{serial}</string></map>"
        );
        let file = File::new(text.as_bytes()).unwrap();
        assert_eq!(BattleNet.recognizes(&file), Likeness::Yes);
        BattleNet.read(&file, None).unwrap()
    }

    #[test]
    fn both_values_are_unmasked() {
        let imported =
            read(&masked("US-1234-5678-9012"), &masked("3132333435363738393031323334353637383930"));
        let entry = &imported.entries[0];
        assert_eq!((entry.issuer.as_str(), entry.account.as_str()), ("Battle.net", "US-1234-5678-9012"));
        assert_eq!(
            (entry.otp.secret.bytes(), entry.otp.digits.get()),
            (b"12345678901234567890".as_slice(), 8)
        );
    }

    #[test]
    fn what_is_no_masked_secret_is_refused() {
        for secret in ["", "zz", "00", &"00".repeat(58)] {
            assert_eq!(read("", secret).refused.len(), 1, "{secret}");
        }
    }
}
