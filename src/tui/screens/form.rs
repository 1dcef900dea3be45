//! The values of the edit form: what was there, what is typed, and the difference between the two.

use zeroize::Zeroizing;

use crate::otp::{Algorithm, Digits, Kind, Otp, Period, Secret};
use crate::tui::theme::{Glyph, Theme};
use crate::tui::widgets::{Field, round};
use crate::vault::{Account, AccountId, Checked, Edit as Values};

use super::copy::capitalised;

/// The least room for a text, in bytes; what was longer before may stay so.
const LIMIT: usize = 1024;
/// The room for a secret: 1024 bytes in base32, with blanks between the groups.
const SECRET: usize = 2048;
/// The room for a period.
const PERIOD: usize = 5;

/// A row of the form, in its order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Row {
    Name,
    Account,
    Group,
    Note,
    Pinned,
    Secret,
    Algorithm,
    Digits,
    Period,
}

impl Row {
    /// Returns what stands before the value.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Account => "Account",
            Self::Algorithm => "Algorithm",
            Self::Digits => "Digits",
            Self::Group => "Group",
            Self::Name => "Name",
            Self::Note => "Note",
            Self::Period => "Seconds",
            Self::Pinned => "Pinned",
            Self::Secret => "Secret key",
        }
    }

    /// Says whether it is typed, not chosen.
    pub(super) fn is_text(self) -> bool {
        !matches!(self, Self::Algorithm | Self::Digits | Self::Pinned)
    }
}

/// A value that cannot be saved.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Wrong {
    /// Where it stands.
    pub(super) row: Row,
    /// Why; it is shown below the row.
    pub(super) text: String,
}

/// Returns the error for a text that did not fit.
pub(super) fn too_long(row: Row) -> Wrong {
    Wrong { row, text: "Too long: the rest was cut off".to_owned() }
}

/// A text that can be edited, and what it was at first.
struct Text {
    field: Field,
    start: Field,
}

impl Text {
    fn new(limit: usize, text: &str) -> Self {
        // A field is one line and drops control characters; the words around a line break must stay apart.
        let line: Zeroizing<String> =
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().into();
        let limit = limit.max(line.len());
        Self { field: Field::with(limit, &line), start: Field::with(limit, &line) }
    }

    fn is_changed(&self) -> bool {
        self.field.text() != self.start.text()
    }

    /// Returns what an edit would set: nothing if the text is as it was.
    fn value(&self) -> Option<String> {
        self.is_changed().then(|| self.field.text().trim().to_owned())
    }
}

/// The values.
pub(super) struct Form {
    original: Account,
    rows: Vec<Row>,
    name: Text,
    account: Text,
    group: Text,
    note: Text,
    secret: Text,
    period: Text,
    pinned: bool,
    algorithm: Algorithm,
    digits: Digits,
}

impl Form {
    /// Returns the form, filled with an account.
    pub(super) fn new(account: &Account) -> Self {
        let mut rows = vec![Row::Name, Row::Account, Row::Group, Row::Note, Row::Pinned, Row::Secret];
        let seconds = match account.otp.kind {
            Kind::Hotp { .. } => {
                rows.extend([Row::Algorithm, Row::Digits]);
                String::new()
            }
            // What these fix is not to be chosen.
            Kind::Motp { .. } | Kind::Steam | Kind::Yandex { .. } => String::new(),
            Kind::Totp { period } => {
                rows.extend([Row::Algorithm, Row::Digits, Row::Period]);
                period.seconds().to_string()
            }
        };
        let mut form = Self {
            rows,
            name: Text::new(LIMIT, &account.issuer),
            account: Text::new(LIMIT, &account.account),
            group: Text::new(LIMIT, &account.group),
            note: Text::new(LIMIT, &account.note),
            secret: Text::new(SECRET, &account.otp.secret.to_base32()),
            period: Text::new(PERIOD, &seconds),
            pinned: account.pinned,
            algorithm: account.otp.algorithm,
            digits: account.otp.digits,
            original: account.clone(),
        };
        form.mask(true);
        form
    }

    /// Returns the id of the account.
    pub(super) fn id(&self) -> AccountId {
        self.original.id
    }

    /// Returns what the account was called when the form was opened; it is text from outside.
    pub(super) fn title(&self) -> &str {
        self.original.name()
    }

    /// Returns the rows that the account has.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Returns the text of a row that is typed.
    pub(super) fn text(&self, row: Row) -> Option<&Field> {
        Some(match row {
            Row::Account => &self.account.field,
            Row::Group => &self.group.field,
            Row::Name => &self.name.field,
            Row::Note => &self.note.field,
            Row::Period => &self.period.field,
            Row::Secret => &self.secret.field,
            Row::Algorithm | Row::Digits | Row::Pinned => return None,
        })
    }

    /// Returns the text of a row that is typed, to be edited.
    pub(super) fn text_mut(&mut self, row: Row) -> Option<&mut Field> {
        Some(match row {
            Row::Account => &mut self.account.field,
            Row::Group => &mut self.group.field,
            Row::Name => &mut self.name.field,
            Row::Note => &mut self.note.field,
            Row::Period => &mut self.period.field,
            Row::Secret => &mut self.secret.field,
            Row::Algorithm | Row::Digits | Row::Pinned => return None,
        })
    }

    /// Returns the value of a row that is chosen, as it is drawn.
    pub(super) fn choice(&self, row: Row, theme: Theme) -> String {
        let value = match row {
            Row::Algorithm => self.algorithm.name().to_owned(),
            Row::Digits => self.digits.get().to_string(),
            Row::Pinned => return if self.pinned { "[x]" } else { "[ ]" }.to_owned(),
            _ => return String::new(),
        };
        format!("{} {value} {}", theme.glyph(Glyph::Back), theme.glyph(Glyph::Arrow))
    }

    /// Takes the next value of a row that is chosen, or the one before.
    pub(super) fn turn(&mut self, row: Row, by: isize) {
        match row {
            Row::Algorithm => {
                let all = Algorithm::ALL;
                let at = all.iter().position(|algorithm| *algorithm == self.algorithm).unwrap_or(0);
                self.algorithm = all[round(at, by, all.len())];
            }
            Row::Digits => {
                let next = round(usize::from(self.digits.get()) - 1, by, 10) + 1;
                self.digits = Digits::new(next as u64).unwrap_or_default();
            }
            Row::Pinned => self.pinned = !self.pinned,
            _ => {}
        }
    }

    /// Shows the secret, or dots.
    pub(super) fn mask(&mut self, masked: bool) {
        self.secret.field.mask(masked);
    }

    /// Says whether anything differs from the account as it was.
    pub(super) fn is_changed(&self) -> bool {
        let texts = [&self.name, &self.account, &self.group, &self.note];
        texts.into_iter().any(Text::is_changed) || self.pinned != self.original.pinned || self.changes_codes()
    }

    /// Says whether one of the values differs that the codes are made from.
    pub(super) fn changes_codes(&self) -> bool {
        self.secret.is_changed()
            || self.period.is_changed()
            || self.algorithm != self.original.otp.algorithm
            || self.digits != self.original.otp.digits
    }

    /// Returns the secret as it was typed; nothing if it is the one that was there.
    pub(super) fn typed_secret(&self) -> Zeroizing<String> {
        if self.secret.is_changed() { self.secret.field.secret() } else { Zeroizing::default() }
    }

    /// Returns what the codes would be made from.
    pub(super) fn otp(&self) -> Result<Otp, Wrong> {
        let secret = if self.secret.is_changed() {
            Secret::from_base32(self.secret.field.text())
                .map_err(|why| Wrong { row: Row::Secret, text: capitalised(&why.to_string()) })?
        } else {
            self.original.otp.secret.clone()
        };
        let kind = match &self.original.otp.kind {
            Kind::Totp { .. } => Kind::Totp { period: self.period()? },
            other => other.clone(),
        };
        Ok(Otp { secret, algorithm: self.algorithm, digits: self.digits, kind })
    }

    fn period(&self) -> Result<Period, Wrong> {
        let wrong = |text: String| Wrong { row: Row::Period, text: capitalised(&text) };
        let seconds: u64 = self
            .period
            .field
            .text()
            .trim()
            .parse()
            .map_err(|_| wrong("a period is a number of seconds, usually 30".to_owned()))?;
        Period::new(seconds).map_err(|why| wrong(why.to_string()))
    }

    /// Returns what differs, for the account as it is now: its counter may have moved on since.
    pub(super) fn values(&self, now: &Account) -> Result<Values, Wrong> {
        let nameless =
            [&self.name, &self.account].into_iter().all(|text| text.field.text().trim().is_empty());
        if nameless {
            return Err(Wrong { row: Row::Name, text: "An account needs a name".to_owned() });
        }
        let mut values = Values {
            issuer: self.name.value(),
            account: self.account.value(),
            group: self.group.value(),
            note: self.note.value(),
            pinned: (self.pinned != self.original.pinned).then_some(self.pinned),
            ..Values::default()
        };
        if self.changes_codes() {
            let mut otp = self.otp()?;
            if let (Kind::Hotp { counter }, Kind::Hotp { counter: newer }) = (&mut otp.kind, &now.otp.kind) {
                *counter = *newer;
            }
            if otp != now.otp {
                values.otp = Some(otp);
                values.checked = Some(Checked::Never);
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::Timestamp;

    fn account(kind: Kind) -> Account {
        let at = Timestamp::from_seconds(1_000_000_000);
        let secret = Secret::from_bytes(&[7; 20]).unwrap();
        let otp = Otp { kind, ..Otp::totp(secret) };
        let mut account = Account::new(AccountId::new(at, [1; 10]), "GitHub", "alice", otp, at);
        account.checked = Checked::BySite(at);
        account.note = "one\ntwo".to_owned();
        account
    }

    fn set(form: &mut Form, row: Row, text: &str) {
        form.text_mut(row).unwrap().set(text);
    }

    #[test]
    fn an_untouched_form_changes_nothing_not_even_a_note_of_two_lines() {
        let account = account(Kind::TOTP);
        let form = Form::new(&account);
        assert!(!form.is_changed());
        assert_eq!(form.values(&account), Ok(Values::default()));
        assert_eq!(form.text(Row::Note).unwrap().text(), "one two");
    }

    #[test]
    fn only_what_differs_is_set_and_its_blank_ends_are_cut() {
        let account = account(Kind::TOTP);
        let mut form = Form::new(&account);
        set(&mut form, Row::Name, " Codeberg ");
        form.turn(Row::Pinned, 1);
        let expected =
            Values { issuer: Some("Codeberg".to_owned()), pinned: Some(true), ..Values::default() };
        assert_eq!(form.values(&account), Ok(expected));
    }

    #[test]
    fn other_codes_are_unchecked_codes() {
        let account = account(Kind::TOTP);
        let mut form = Form::new(&account);
        set(&mut form, Row::Period, "60");
        assert!(form.changes_codes());
        let values = form.values(&account).unwrap();
        assert_eq!(values.checked, Some(Checked::Never));
        assert_eq!(values.otp.unwrap().period().unwrap().seconds(), 60);
    }

    #[test]
    fn the_same_key_written_otherwise_changes_nothing() {
        let account = account(Kind::TOTP);
        let mut form = Form::new(&account);
        let groups = account.otp.secret.to_groups();
        set(&mut form, Row::Secret, &groups);
        assert_eq!(form.values(&account), Ok(Values::default()));
    }

    #[test]
    fn a_counter_that_moved_on_is_not_put_back() {
        let old = account(Kind::Hotp { counter: 5 });
        let mut form = Form::new(&old);
        form.turn(Row::Digits, 1);
        let values = form.values(&account(Kind::Hotp { counter: 9 })).unwrap();
        assert_eq!(values.otp.unwrap().kind, Kind::Hotp { counter: 9 });
    }

    #[test]
    fn what_cannot_be_saved_is_told_at_its_row() {
        let account = account(Kind::TOTP);
        let mut form = Form::new(&account);
        set(&mut form, Row::Period, "0");
        assert_eq!(form.values(&account).unwrap_err().row, Row::Period);
        set(&mut form, Row::Period, "soon");
        assert_eq!(form.values(&account).unwrap_err().row, Row::Period);
        set(&mut form, Row::Period, "30");
        set(&mut form, Row::Secret, "1");
        assert_eq!(form.values(&account).unwrap_err().row, Row::Secret);
        set(&mut form, Row::Secret, &account.otp.secret.to_base32());
        set(&mut form, Row::Name, " ");
        set(&mut form, Row::Account, "");
        assert_eq!(form.values(&account).unwrap_err().row, Row::Name);
    }

    #[test]
    fn choices_go_round() {
        let mut form = Form::new(&account(Kind::TOTP));
        form.turn(Row::Algorithm, -1);
        assert_eq!(form.algorithm, Algorithm::Sha512);
        form.turn(Row::Algorithm, 1);
        assert_eq!(form.algorithm, Algorithm::Sha1);
        for _ in 0..5 {
            form.turn(Row::Digits, 1);
        }
        assert_eq!(form.digits.get(), 1);
    }
}
