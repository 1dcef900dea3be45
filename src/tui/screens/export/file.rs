//! The file of an export: its name, and the password or the keys that keep others out.

use super::super::choosing;
use super::{Export, Lock, Step};
use crate::tui::screen::{Cx, Note, Reply};
use crate::vault::{Passphrase, is_recipient};

/// The fields, by their places.
pub(super) const TO: usize = 0;
pub(super) const PASSWORD: usize = 1;
pub(super) const AGAIN: usize = 2;
pub(super) const RECIPIENTS: usize = 3;

impl Export {
    /// Returns the fields that are in sight, by their places.
    pub(super) fn shown(&self) -> &'static [usize] {
        match self.lock() {
            Lock::Keys => &[TO, RECIPIENTS],
            Lock::None => &[TO],
            Lock::Password => &[TO, PASSWORD, AGAIN],
        }
    }

    /// Returns the keys that were typed, each once; or which of them is none, counted from 1.
    pub(super) fn recipients(&self) -> Result<Vec<String>, usize> {
        let mut keys: Vec<String> = Vec::new();
        let typed = self.fields[RECIPIENTS].text().split([' ', ',', ';', '\t']).filter(|key| !key.is_empty());
        for (number, key) in (1..).zip(typed) {
            let key = key.to_owned();
            if !is_recipient(&key) {
                return Err(number);
            }
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        Ok(keys)
    }

    /// Goes to the next field that is empty, or writes.
    pub(super) fn next(&mut self, cx: &Cx<'_>) -> Reply {
        self.note = None;
        if self.fields[TO].text().trim().is_empty() {
            self.focus = 0;
            self.note = Some(Note::error("The file needs a name"));
            return Reply::done();
        }
        match self.lock() {
            Lock::Keys => self.next_key(cx),
            Lock::None => {
                self.step = Step::Plain;
                self.count.clear();
                Reply::done()
            }
            Lock::Password => self.next_password(cx),
        }
    }

    fn next_password(&mut self, cx: &Cx<'_>) -> Reply {
        let [_, first, second, _] = &mut self.fields;
        if self.focus == 0 || first.is_empty() {
            self.note =
                (self.focus == 1).then(|| Note::error("The file needs a password. F4 writes one for you"));
            self.focus = 1;
            return Reply::done();
        }
        if self.focus == 1 || second.is_empty() {
            self.focus = 2;
            return Reply::done();
        }
        if first.text() != second.text() {
            second.clear();
            self.note = Some(Note::error("The two are not the same. Type it once more"));
            return Reply::done();
        }
        let password = Passphrase::new(first.secret());
        first.clear();
        second.clear();
        self.write(Some(password), Vec::new(), cx)
    }

    fn next_key(&mut self, cx: &Cx<'_>) -> Reply {
        if self.focus == 0 {
            self.focus = 1;
            return Reply::done();
        }
        match self.recipients() {
            Ok(keys) if keys.is_empty() => {
                self.note = Some(Note::error("Type or paste the age key of whoever shall open the file"));
                Reply::done()
            }
            Ok(keys) => self.write(None, keys, cx),
            Err(number) => {
                self.note = Some(Note::error(bad_key(number)));
                Reply::done()
            }
        }
    }

    pub(super) fn suggest(&mut self, cx: &Cx<'_>) -> Reply {
        if self.lock() != Lock::Password {
            return Reply::say("This file has no password");
        }
        let [_, first, second, _] = &mut self.fields;
        choosing::write_one([first, second], cx);
        self.focus = 2;
        self.note = Some(Note::plain("Write it down, then type it once more here"));
        Reply::done()
    }
}

/// Says which of the typed keys is none.
pub(super) fn bad_key(number: usize) -> String {
    format!("Key {number} is no age key, or not all of it: they begin with age1")
}

pub(super) fn keys_in_words(count: usize) -> String {
    if count == 1 { "1 age key".to_owned() } else { format!("{count} age keys") }
}
