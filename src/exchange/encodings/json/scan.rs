//! Where the parts of a list or an object lie in a text that is known to be JSON. They are only told apart, not looked
//! into, so that each level of a file costs one quick walk over it. A text that is none gives fewer parts, never a panic.

/// The values of a list, as they are written.
pub(super) struct Items<'a>(Walk<'a>);

/// The names and values of an object, as they are written; a name is still in its quotation marks.
pub(super) struct Fields<'a>(Walk<'a>);

impl<'a> Items<'a> {
    /// Returns the items, if it is a list.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        text.strip_prefix('[').map(|rest| Self(Walk { text: rest, at: 0 }))
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let item = self.0.value()?;
        self.0.pass(b',');
        Some(item)
    }
}

impl<'a> Fields<'a> {
    /// Returns the fields, if it is an object.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        text.strip_prefix('{').map(|rest| Self(Walk { text: rest, at: 0 }))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let name = self.0.value()?;
        self.0.pass(b':');
        let value = self.0.value()?;
        self.0.pass(b',');
        Some((name, value))
    }
}

/// A walk over a text.
struct Walk<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Walk<'a> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes over blanks.
    fn blanks(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// Goes over a sign, if it is there.
    fn pass(&mut self, sign: u8) {
        self.blanks();
        if self.byte() == Some(sign) {
            self.at += 1;
        }
    }

    /// Goes over a value, and returns it; nothing at the end.
    fn value(&mut self) -> Option<&'a str> {
        self.blanks();
        let start = self.at;
        match self.byte()? {
            b'"' => self.string(),
            b'[' | b'{' => self.brackets(),
            _ => {
                while !matches!(
                    self.byte(),
                    None | Some(
                        b',' | b']' | b'}' | b':' | b'"' | b'[' | b'{' | b' ' | b'\n' | b'\r' | b'\t'
                    )
                ) {
                    self.at += 1;
                }
            }
        }
        self.text.get(start..self.at).filter(|value| !value.is_empty())
    }

    /// Goes over a string, from its first quotation mark to behind its last.
    fn string(&mut self) {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'"' => return self.at += 1,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }

    /// Goes over what is in brackets, with whatever is nested there.
    fn brackets(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.byte() {
            match byte {
                b'"' => {
                    self.string();
                    continue;
                }
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        let items: Vec<&str> = Items::of("[ 1 ,\"a\\\"]\" , [2,{\"b\":\"}\"}],null ]").unwrap().collect();
        assert_eq!(items, ["1", "\"a\\\"]\"", "[2,{\"b\":\"}\"}]", "null"]);
        let fields: Vec<_> = Fields::of("{\"a\" : 1.5e3 , \"b:\":{},\"\":\"\"}").unwrap().collect();
        assert_eq!(fields, [("\"a\"", "1.5e3"), ("\"b:\"", "{}"), ("\"\"", "\"\"")]);
        assert_eq!(Items::of("[]").unwrap().count() + Fields::of("{ }").unwrap().count(), 0);
        assert!(Items::of("{}").is_none() && Fields::of("[]").is_none());
    }

    #[test]
    fn what_is_no_json_comes_to_an_end() {
        for text in
            ["[", "[,", "[\"", "[\"\\", "[1 2", "{\"a\"", "{\"a\":", "{:", "{\"\u{e9}\\\u{e9}", "[[{]", "[}"]
        {
            assert!(Items::of(text).map_or(0, Iterator::count) < 4, "{text}");
            assert!(Fields::of(text).map_or(0, Iterator::count) < 4, "{text}");
        }
    }
}
