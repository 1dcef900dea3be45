//! What must not stand on a command line: secrets. Every user of the machine sees the arguments of a program, and
//! the shell writes them into its history.
//!
//! What is refused here is never repeated in the message.

use std::ffi::OsString;

/// The shortest text that is taken for a secret; services hand out 16 characters and more.
const SHORTEST: usize = 16;
/// Options whose value is a path.
const PATHS: [&str; 9] = [
    "--from",
    "--identity",
    "--new-passphrase-file",
    "--passphrase-file",
    "--password-file",
    "--png",
    "--svg",
    "--to",
    "--vault",
];
/// How links and keys begin that are or hold a secret.
const SCHEMES: [&str; 6] =
    ["age-secret-key-", "apple-otpauth:", "motp:", "otpauth-migration:", "otpauth:", "steam:"];

/// Says whether one of the arguments is, or holds, a secret.
pub(super) fn holds_secret(arguments: &[OsString]) -> bool {
    let mut path = false;
    for argument in arguments {
        let text = argument.to_string_lossy();
        let (name, value) = match text.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, value),
            _ => (&*text, &*text),
        };
        if is_link(&text) || (!path && !PATHS.contains(&name) && is_secret(value)) {
            return true;
        }
        path = PATHS.contains(&&*text);
    }
    false
}

fn is_link(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    SCHEMES.iter().any(|scheme| text.contains(scheme))
}

/// Says whether a text looks like a key: base32 or hexadecimal, blanks and dashes aside.
///
/// Names of services are letters too, so letters alone have to look like no language.
fn is_secret(text: &str) -> bool {
    let mut key: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_')).collect();
    key.truncate(key.trim_end_matches('=').len());
    if key.len() < SHORTEST || !key.is_ascii() {
        return false;
    }
    let digits = key.bytes().any(|b| b.is_ascii_digit());
    let letters = key.bytes().any(|b| b.is_ascii_alphabetic());
    let hex = key.len().is_multiple_of(2) && key.bytes().all(|b| b.is_ascii_hexdigit()) && digits && letters;
    let base32 = key.bytes().all(|b| b.is_ascii_alphabetic() || (b'2'..=b'7').contains(&b)) && letters && {
        let upper = key.bytes().all(|b| !b.is_ascii_lowercase());
        let lower = key.bytes().all(|b| !b.is_ascii_uppercase());
        let possible = !matches!(key.len() % 8, 1 | 3 | 6);
        (upper || lower) && possible && (digits || (upper && !text.contains(' ')) || is_unpronounceable(&key))
    };
    hex || base32
}

/// Says whether five consonants follow one another, which chance does and names do not.
fn is_unpronounceable(key: &str) -> bool {
    let mut run = 0;
    key.bytes().any(|b| {
        run = if b"aeiouy".contains(&b.to_ascii_lowercase()) { 0 } else { run + 1 };
        run >= 5
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &[&str], expected: bool) {
        let arguments: Vec<OsString> = line.iter().map(OsString::from).collect();
        assert_eq!(holds_secret(&arguments), expected, "{line:?}");
    }

    #[test]
    fn keys_and_links_are_found_wherever_they_stand() {
        check(&["add", "JBSWY3DPEHPK3PXP"], true);
        check(&["add", "jbswy3dpehpk3pxp"], true);
        check(&["add", "JBSW Y3DP EHPK 3PXP"], true);
        check(&["add", "GitHub", "--account=JBSWY3DPEHPK3PXP"], true);
        check(&["add", "GitHub", "--secret", "JBSWY3DPEHPK3PXP"], true);
        check(&["JBSWYDPEHPKPXPAB"], true);
        check(&["jbswydpehpkpxpab"], true);
        check(&["add", "3132333435363738393031323334353637383930", "x"], false);
        check(&["add", "48656c6c6f21deadbeef48656c6c6f21deadbeef"], true);
        check(&["add", "otpauth://totp/x?secret=AA"], true);
        check(&["add", "--from", "OTPAUTH://totp/x?secret=AA"], true);
        check(&["add", "otpauth-migration://offline?data=AA"], true);
        check(&["add", "steam://AA"], true);
        check(&["passwd", "--add-recipient", "AGE-SECRET-KEY-1QQ"], true);
    }

    #[test]
    fn names_ids_and_paths_are_not_taken_for_keys() {
        check(&["add", "GitHub"], false);
        check(&["add", "Amazon Web Services"], false);
        check(&["add", "amazonwebservices"], false);
        check(&["add", "internationalization"], false);
        check(&["code", "GitHub:alice@example.com"], false);
        check(&["code", "id:0192f0c1a2b37def8123456789abcdef"], false);
        check(&["add", "--from", "JBSWY3DPEHPK3PXP"], false);
        check(&["add", "--vault=/home/a/JBSWY3DPEHPK3PXP"], false);
        check(&["add", "/home/alice/JBSWY3DPEHPK3PXP"], false);
        check(&["list", "--at", "1600000000"], false);
    }
}
