//! What the password managers have in common: an item with a title, a user name and a field for codes.

use super::entry::{Entry, Problem};
use super::parts::base32;
use crate::otp::percent::{Plus, decode};
use crate::otp::{Link, Otp};

/// An item as a person sees it.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    /// What it is called; often the service.
    pub(super) title: &'a str,
    /// The user name there; may be empty.
    pub(super) user: &'a str,
    /// A link, or nothing but the secret in base32.
    pub(super) otp: &'a str,
}

impl Item<'_> {
    /// Makes an entry of it. What the link says of the names goes before what the item says.
    pub(super) fn entry(self) -> Result<Entry, Problem> {
        let text = self.otp.trim();
        if !text.contains("://") {
            return Ok(Entry::new(self.title, self.user, Otp::totp(base32(text)?)));
        }
        let link = Link::read(text)?;
        // `steam://` holds no name; the one that comes out of it is only the reader's.
        let named = !link.issuer.is_empty() && !begins(text, "steam://");
        let issuer = if named || self.title.trim().is_empty() { &link.issuer } else { self.title };
        let account = if link.account.is_empty() { self.user } else { &link.account };
        Ok(Entry::new(issuer, account, link.otp))
    }
}

/// Says whether a text begins with a scheme, in any case.
pub(super) fn begins(text: &str, scheme: &str) -> bool {
    text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

/// Returns the label of a link for the report: never a part where the secret could be.
pub(super) fn label(link: &str) -> String {
    let path = link.split_once("://").and_then(|(_, rest)| rest.split_once('?')).map_or("", |(path, _)| path);
    let label = path.split_once('/').map_or("", |(_, label)| label);
    if label.contains('=') {
        String::new()
    } else {
        decode(label, Plus::Kept).map(|text| text.to_string()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::Kind;

    fn entry(title: &str, user: &str, otp: &str) -> Entry {
        Item { title, user, otp }.entry().unwrap()
    }

    #[test]
    fn names_of_the_link_go_before_those_of_the_item() {
        let read = entry("My login", "bob", "otpauth://totp/GitHub:alice?secret=MFRGG&issuer=GitHub");
        assert_eq!((read.issuer.as_str(), read.account.as_str()), ("GitHub", "alice"));
        let read = entry("My login", "bob", "otpauth://totp/?secret=MFRGG");
        assert_eq!((read.issuer.as_str(), read.account.as_str()), ("My login", "bob"));
        let read = entry("Valve", "gabe", "STEAM://MFRGG");
        assert_eq!((read.issuer.as_str(), read.account.as_str()), ("Valve", "gabe"));
        assert_eq!(
            (entry("", "gabe", "steam://MFRGG").issuer.as_str(), &read.otp.kind),
            ("Steam", &Kind::Steam)
        );
    }

    #[test]
    fn a_bare_secret_is_enough() {
        let read = entry("GitHub", "alice", " mfrg gzdf ");
        assert_eq!(read.otp.secret.bytes(), b"abcde");
        assert_eq!(Item { title: "", user: "", otp: " " }.entry(), Err(Problem::Missing("secret")));
    }

    #[test]
    fn a_label_for_the_report_holds_no_secret() {
        assert_eq!(label("otpauth://totp/A%20b:c?secret=MFRGG"), "A b:c");
        assert_eq!(label("otpauth://totp/secret=MFRGG&?issuer=x"), "");
        assert_eq!(label("otpauth://totp?secret=MFRGG"), "");
        assert_eq!(label("MFRGG"), "");
    }
}
