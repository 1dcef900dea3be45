//! What is said of a secret while it is typed, and of a picture that was read.

use zeroize::Zeroizing;

use super::{Note, sentence};
use crate::display::visible;
use crate::exchange::typed::TypedError;
use crate::failure::Failure;
use crate::otp::{Kind, Link, Period, Secret};

/// Said of what may hold several accounts.
pub const SEVERAL: &str = "This is an export of another app. Enter shows what is in it.";

/// Says what is wrong with the text of a field.
pub fn complaint(error: &TypedError, text: &str) -> Note {
    let mut says = sentence(&error.to_string());
    if let TypedError::Letters { places, fixed } = error {
        let letters: Vec<char> = text.chars().collect();
        for (wrong, right) in [('0', 'O'), ('1', 'I'), ('8', 'B')] {
            if places.iter().any(|place| letters.get(place - 1) == Some(&wrong)) {
                says.push_str(&format!(" {wrong} is probably {right}."));
            }
        }
        if fixed.is_some() {
            says.push_str(" Enter corrects that; two codes will show if it is right.");
        }
    }
    Note::error(says)
}

/// Says why a picture was not read; for a path on another computer, how to bring it here. `reached_as` is how the user's
/// own computer reaches this one, whose name is `host`.
pub fn unread(failure: &Failure, path: &str, host: &str, reached_as: Option<&str>) -> Note {
    let mut text = sentence(&failure.message);
    for hint in &failure.hints {
        text.push(' ');
        text.push_str(&sentence(hint));
    }
    if let Some(there) = reached_as.filter(|_| path.starts_with('/')) {
        text.push_str(&format!(
            " You are connected with SSH to {}. If the picture is on your own computer: scp PICTURE {}: and type \
             its name here, or paste the output of base64 PICTURE.",
            visible(host),
            visible(there)
        ));
    }
    Note::error(text)
}

/// Says what a picture holds instead of a secret.
pub fn no_secret(texts: &[Zeroizing<String>]) -> Note {
    let text = match texts.iter().find(|text| text.starts_with("http")) {
        Some(address) => {
            format!("The QR code holds a web address, not a secret: {}", visible(address).cut(60))
        }
        None => "The QR code holds no secret for sign-in codes.".to_owned(),
    };
    Note::error(text)
}

/// Says what a key is.
pub fn good_key(secret: &Secret) -> Note {
    let letters = secret.to_base32().len();
    if secret.bits() < 80 {
        let text =
            format!("Secret key, {letters} characters, only {} bits. Is that all of it?", secret.bits());
        return Note::warning(text);
    }
    Note::good(format!("Secret key, {letters} characters, {} bits.", secret.bits()))
}

/// Says what a link holds.
pub fn good_link(link: &Link) -> Note {
    let name = match (link.issuer.as_str(), link.account.as_str()) {
        ("", account) => format!("\"{}\"", visible(account).cut(40)),
        (issuer, "") => format!("\"{}\"", visible(issuer).cut(40)),
        (issuer, account) => format!("\"{}\", {}", visible(issuer).cut(40), visible(account).cut(40)),
    };
    if let Some(other) = &link.label_issuer {
        return Note::warning(format!(
            "The link says \"{}\" in one place and \"{}\" in another. The first is used.",
            visible(&link.issuer).cut(30),
            visible(other).cut(30)
        ));
    }
    if let Kind::Hotp { counter } = link.otp.kind {
        return Note::good(format!(
            "Link for {name}: a counter code (HOTP), counter {counter}. Such codes change when you ask, not by time."
        ));
    }
    let period = link.otp.period().map_or(0, Period::seconds);
    Note::good(format!(
        "Link for {name}. {}, {} digits, {period} s.",
        link.otp.algorithm.name(),
        link.otp.digits.get()
    ))
}
