//! Finds the fields of a settings file, with the places where they stand.
//!
//! RON as far as settings need it: groups in round brackets, keys in braces, comments, strings. What a value is, is not
//! asked here, only where it ends; so a wrong value costs its own setting alone, and the rest of the text, comments and
//! all, can be kept when one value is changed.

use std::ops::Range;

/// How deep brackets may stand in each other.
const DEEPEST: usize = 16;

/// A name with its value.
#[derive(Debug)]
pub(super) struct Field {
    /// The name, without quotes.
    pub(super) name: String,
    /// Where it begins.
    pub(super) at: usize,
    /// Where the value stands.
    pub(super) value: Range<usize>,
    /// Where the comma after it ends, if there is one.
    pub(super) comma: Option<usize>,
    /// The fields inside, if it has some.
    pub(super) inner: Option<Body>,
}

/// What stands between two brackets.
#[derive(Debug)]
pub(super) struct Body {
    /// After the opening bracket.
    pub(super) open: usize,
    /// At the closing one.
    pub(super) close: usize,
    /// In the order of the text.
    pub(super) fields: Vec<Field>,
}

/// Why a text is none.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Slip {
    /// Where.
    pub(super) at: usize,
    /// What was expected there.
    pub(super) what: &'static str,
}

/// Returns line and column of a place, from 1.
pub(super) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at.min(text.len())];
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

/// Returns the fields of a whole file; nothing if it is empty but for comments.
pub(super) fn scan(text: &str) -> Result<Option<Body>, Slip> {
    let mut scanner = Scanner { text, at: 0 };
    scanner.eat("\u{feff}");
    scanner.blank()?;
    while scanner.eat("#!") {
        scanner.at = text[scanner.at..].find(']').map_or(text.len(), |end| scanner.at + end + 1);
        scanner.blank()?;
    }
    if scanner.at == text.len() {
        return Ok(None);
    }
    if !scanner.eat("(") {
        return Err(scanner.slip("a file of settings begins with ("));
    }
    let body = scanner.body(')', 1)?;
    scanner.blank()?;
    if scanner.at < text.len() {
        return Err(scanner.slip("nothing comes after the last )"));
    }
    Ok(Some(body))
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl Scanner<'_> {
    fn slip(&self, what: &'static str) -> Slip {
        Slip { at: self.at, what }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn next(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, what: &str) -> bool {
        let here = self.rest().starts_with(what);
        if here {
            self.at += what.len();
        }
        here
    }

    /// Goes past blanks and comments.
    fn blank(&mut self) -> Result<(), Slip> {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            if self.eat("//") {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            } else if self.rest().starts_with("/*") {
                self.block()?;
            } else {
                return Ok(());
            }
        }
    }

    fn block(&mut self) -> Result<(), Slip> {
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            if self.eat("/*") {
                depth += 1;
            } else if self.eat("*/") {
                depth -= 1;
                if depth == 0 {
                    return Ok(());
                }
            } else if let Some(letter) = self.next() {
                self.at += letter.len_utf8();
            } else {
                return Err(Slip { at: start, what: "this comment has no end" });
            }
        }
    }

    /// Reads fields up to the closing bracket, and goes past it.
    fn body(&mut self, closing: char, depth: usize) -> Result<Body, Slip> {
        let open = self.at;
        let mut fields = Vec::new();
        loop {
            self.blank()?;
            let at = self.at;
            match self.next() {
                None => return Err(self.slip("a bracket is not closed")),
                Some(letter) if letter == closing => {
                    self.at += 1;
                    return Ok(Body { open, close: at, fields });
                }
                Some(_) => {}
            }
            let name = self.name()?;
            self.blank()?;
            if !self.eat(":") {
                return Err(self.slip("a : is missing"));
            }
            self.blank()?;
            let (value, inner) = self.value(depth)?;
            self.blank()?;
            let comma = self.eat(",").then_some(self.at);
            if comma.is_none() && self.next() != Some(closing) {
                let end = self.next().is_none();
                return Err(self.slip(if end { "a bracket is not closed" } else { "a comma is missing" }));
            }
            fields.push(Field { name, at, value, comma, inner });
        }
    }

    fn name(&mut self) -> Result<String, Slip> {
        let start = self.at;
        if self.next() == Some('"') {
            self.string()?;
            return ron::from_str(&self.text[start..self.at])
                .map_err(|_| Slip { at: start, what: "this text is not understood" });
        }
        let length = self.rest().find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.'));
        let length = length.unwrap_or(self.rest().len());
        if length == 0 {
            return Err(self.slip("a name is missing"));
        }
        self.at += length;
        Ok(self.text[start..self.at].to_owned())
    }

    /// Goes past a value.
    fn value(&mut self, depth: usize) -> Result<(Range<usize>, Option<Body>), Slip> {
        if depth > DEEPEST {
            return Err(self.slip("brackets stand too deep in each other"));
        }
        let start = self.at;
        if self.eat("{") {
            let body = self.body('}', depth + 1)?;
            return Ok((start..self.at, Some(body)));
        }
        if self.rest().starts_with('(') && self.holds_fields()? {
            self.at += 1;
            let body = self.body(')', depth + 1)?;
            return Ok((start..self.at, Some(body)));
        }
        let end = self.plain()?;
        if end == start {
            return Err(self.slip("a value is missing"));
        }
        Ok((start..end, None))
    }

    /// Says whether the bracket here holds named fields, or nothing. Nothing is read.
    fn holds_fields(&mut self) -> Result<bool, Slip> {
        let start = self.at;
        self.at += 1;
        self.blank()?;
        let empty = self.next() == Some(')');
        let named = empty || (self.name().is_ok() && self.blank().is_ok() && self.next() == Some(':'));
        self.at = start;
        Ok(named)
    }

    /// Goes past a value without fields of its own; returns where it ends.
    fn plain(&mut self) -> Result<usize, Slip> {
        let mut open = Vec::new();
        let mut end = self.at;
        loop {
            self.blank()?;
            let Some(letter) = self.next() else {
                return Err(self.slip("a bracket is not closed"));
            };
            match letter {
                ',' | ')' | ']' | '}' if open.is_empty() => return Ok(end),
                ')' | ']' | '}' => {
                    if open.pop() != Some(letter) {
                        return Err(self.slip("this bracket closes another one"));
                    }
                    self.at += 1;
                }
                '(' | '[' | '{' => {
                    open.push(match letter {
                        '(' => ')',
                        '[' => ']',
                        _ => '}',
                    });
                    if open.len() > DEEPEST {
                        return Err(self.slip("brackets stand too deep in each other"));
                    }
                    self.at += 1;
                }
                '"' => self.string()?,
                _ => self.at += letter.len_utf8(),
            }
            end = self.at;
        }
    }

    fn string(&mut self) -> Result<(), Slip> {
        let start = self.at;
        self.at += 1;
        while let Some(letter) = self.next() {
            self.at += letter.len_utf8();
            match letter {
                '"' => return Ok(()),
                '\\' => self.at += self.next().map_or(0, char::len_utf8),
                _ => {}
            }
        }
        Err(Slip { at: start, what: "this text has no closing \"" })
    }
}
