//! Writes a record. By hand and not by a serialiser, since a serialiser grows its buffer and leaves the old one,
//! with secrets in it, on the heap; here one buffer is filled and, should it be too small, wiped.

use std::fmt::{self, Write as _};

use zeroize::Zeroizing;

use crate::otp::{Kind, Timestamp};
use crate::vault::record::{FORMAT, Record, padded};
use crate::vault::{Account, Checked, Deleted, Stamp, Used};

/// Returns the text of a record, padded with blanks.
pub(in crate::vault) fn write(record: &Record) -> Zeroizing<String> {
    let mut text = Text(Zeroizing::new(String::with_capacity(estimate(record))));
    text.record(record).expect("a String takes whatever is written");
    let size = padded(text.0.len());
    text.reserve(size - text.0.len());
    while text.0.len() < size {
        text.0.push(' ');
    }
    text.0
}

/// Returns a size that the text hardly ever exceeds, padding included.
fn estimate(record: &Record) -> usize {
    let account = |account: &Account| {
        let texts = account.issuer.len() + account.account.len() + account.group.len() + account.note.len();
        512 + 2 * (texts + account.otp.secret.bytes().len())
    };
    let vault = &record.vault;
    let kept: usize = vault.accounts.iter().map(account).sum();
    let gone: usize = vault.deleted.iter().map(|gone| 256 + gone.account.as_deref().map_or(0, account)).sum();
    padded(1024 + 128 * record.recipients.len() + kept + gone)
}

/// A text that is wiped where it is left.
struct Text(Zeroizing<String>);

impl Text {
    /// Makes room. A `String` that grows by itself would leave its old content unwiped.
    fn reserve(&mut self, more: usize) {
        if self.0.capacity() - self.0.len() < more {
            let mut larger = Zeroizing::new(String::with_capacity((self.0.len() + more) * 2));
            larger.push_str(&self.0);
            self.0 = larger;
        }
    }

    fn record(&mut self, record: &Record) -> fmt::Result {
        let vault = &record.vault;
        writeln!(self, "(\n    format: {FORMAT},\n    id: \"{}\",", vault.id)?;
        writeln!(self, "    generation: {},", vault.generation)?;
        if let Some(previous) = &record.previous {
            writeln!(self, "    previous: \"{}\",", data_encoding::HEXLOWER.encode(previous))?;
        }
        self.write_str("    written: (at: ")?;
        self.time(record.written)?;
        writeln!(self, ", device: \"{:016x}\"),", record.device.0)?;
        self.write_str("    clock: ")?;
        self.stamp(vault.clock)?;
        self.write_str(",\n    recipients: [")?;
        for recipient in &record.recipients {
            self.write_str("\n        ")?;
            self.string(recipient)?;
            self.write_char(',')?;
        }
        self.write_str("\n    ],\n    accounts: [")?;
        for account in &vault.accounts {
            self.write_str("\n        ")?;
            self.account(account)?;
            self.write_char(',')?;
        }
        self.write_str("\n    ],\n    deleted: [")?;
        for deleted in &vault.deleted {
            self.write_str("\n        ")?;
            self.deleted(deleted)?;
            self.write_char(',')?;
        }
        self.write_str("\n    ],\n)\n")
    }

    fn account(&mut self, account: &Account) -> fmt::Result {
        let otp = &account.otp;
        write!(self, "(\n            id: \"{}\",\n            issuer: ", account.id)?;
        self.string(&account.issuer)?;
        self.write_str(", account: ")?;
        self.string(&account.account)?;
        self.write_str(",\n            kind: ")?;
        match &otp.kind {
            Kind::Hotp { counter } => write!(self, "Hotp(counter: {counter})")?,
            Kind::Motp { pin } => write!(self, "Motp(pin: \"{}\")", pin.to_base32().as_str())?,
            Kind::Steam => self.write_str("Steam")?,
            Kind::Totp { period } => write!(self, "Totp(period: {})", period.seconds())?,
            Kind::Yandex { pin } => write!(self, "Yandex(pin: \"{}\")", pin.to_base32().as_str())?,
        }
        write!(self, ", algorithm: \"{}\", digits: {}", otp.algorithm.name(), otp.digits.get())?;
        write!(self, ",\n            secret: \"{}\",\n            ", otp.secret.to_base32().as_str())?;
        for (name, value) in [("group", &account.group), ("note", &account.note)] {
            if !value.is_empty() {
                write!(self, "{name}: ")?;
                self.string(value)?;
                self.write_str(", ")?;
            }
        }
        for (name, value) in [("pinned", account.pinned), ("pending", account.pending)] {
            if value {
                write!(self, "{name}: true, ")?;
            }
        }
        self.write_str("added: ")?;
        self.time(account.added)?;
        match account.checked {
            Checked::ByDevice(at) => self.checked("ByDevice", at)?,
            Checked::BySite(at) => self.checked("BySite", at)?,
            Checked::Never => {}
        }
        self.used(account.used)?;
        self.write_str(",\n            stamp: ")?;
        self.stamp(account.stamp)?;
        self.write_str(",\n        )")
    }

    fn checked(&mut self, by: &str, at: Timestamp) -> fmt::Result {
        write!(self, ", checked: {by}")?;
        self.time(at)
    }

    fn used(&mut self, used: Used) -> fmt::Result {
        if used == Used::default() {
            return Ok(());
        }
        write!(self, ", used: (count: {}", used.count)?;
        if let Some(last) = used.last {
            self.write_str(", last: Some(")?;
            self.time(last)?;
            self.write_char(')')?;
        }
        self.write_char(')')
    }

    fn deleted(&mut self, deleted: &Deleted) -> fmt::Result {
        write!(self, "(id: \"{}\", place: {}, at: ", deleted.id, deleted.place)?;
        self.time(deleted.at)?;
        self.write_str(", stamp: ")?;
        self.stamp(deleted.stamp)?;
        if let Some(account) = &deleted.account {
            self.write_str(", account: Some(")?;
            self.account(account)?;
            self.write_char(')')?;
        }
        self.write_char(')')
    }

    fn stamp(&mut self, stamp: Stamp) -> fmt::Result {
        write!(self, "(millis: {}, tick: {}, device: \"{:016x}\")", stamp.millis, stamp.tick, stamp.device.0)
    }

    fn time(&mut self, at: Timestamp) -> fmt::Result {
        write!(self, "({}, {})", at.seconds(), at.nanos())
    }

    /// Writes a string; whatever is not plainly visible is escaped.
    fn string(&mut self, text: &str) -> fmt::Result {
        self.write_char('"')?;
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')) {
            self.write_str(text)?;
        } else {
            for letter in text.chars() {
                match letter {
                    '\'' => self.write_char(letter)?,
                    _ => write!(self, "{}", letter.escape_debug())?,
                }
            }
        }
        self.write_char('"')
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.reserve(text.len());
        self.0.push_str(text);
        Ok(())
    }
}
