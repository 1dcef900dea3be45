//! What stands before the cursor of a shell, word by word, and how a word is quoted in bash. Nothing is ever expanded:
//! a word that the shell would expand is not understood.

/// The last command of a line, up to the cursor.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Line {
    /// The words before the cursor; the last is the one that is being typed, and may be empty.
    pub(super) words: Vec<Word>,
}

/// A word.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Word {
    /// Without quotes.
    pub(super) text: String,
    /// As it was typed, without a backslash at the end that quotes nothing yet.
    pub(super) raw: String,
    /// What is open at its end.
    pub(super) quote: Quote,
    /// The shell would put something else in its place.
    pub(super) expands: bool,
    /// It is the target of a redirection.
    pub(super) redirected: bool,
}

/// A quote that is open.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Quote {
    #[default]
    None,
    Double,
    Single,
}

impl Quote {
    /// Returns what closes it.
    pub(super) fn letter(self) -> Option<char> {
        match self {
            Self::None => None,
            Self::Double => Some('"'),
            Self::Single => Some('\''),
        }
    }
}

impl Line {
    /// Reads a line up to the cursor, by the rules of POSIX shells, which the others share as far as matters here.
    pub(super) fn read(line: &str) -> Self {
        let mut words = Vec::new();
        let mut word: Option<Word> = None;
        let mut redirected = false;
        let mut letters = line.chars().peekable();
        while let Some(letter) = letters.next() {
            let quote = word.as_ref().map_or(Quote::None, |word| word.quote);
            if quote == Quote::None {
                match letter {
                    '|' | ';' | '&' | '\n' | '(' => {
                        (words, word, redirected) = (Vec::new(), None, false);
                        continue;
                    }
                    '<' | '>' => {
                        words.extend(word.take());
                        redirected = true;
                        continue;
                    }
                    _ if letter.is_ascii_whitespace() => {
                        if let Some(word) = word.take() {
                            words.push(word);
                            redirected = false;
                        }
                        continue;
                    }
                    _ => {}
                }
            }
            let word = word.get_or_insert_with(|| Word { redirected, ..Word::default() });
            let next = letters.peek().copied();
            if letter == '\\' && quote != Quote::Single {
                let Some(quoted) = next else { break };
                word.raw.extend([letter, quoted]);
                if quote == Quote::Double && !matches!(quoted, '"' | '$' | '`' | '\\') {
                    word.text.push(letter);
                }
                word.text.push(quoted);
                letters.next();
                continue;
            }
            word.raw.push(letter);
            match (quote, letter) {
                (Quote::None, '\'') => word.quote = Quote::Single,
                (Quote::None, '"') => word.quote = Quote::Double,
                (Quote::Single, '\'') | (Quote::Double, '"') => word.quote = Quote::None,
                _ => {
                    let special = match quote {
                        Quote::None => matches!(letter, '$' | '`' | '*' | '?' | '[' | '{' | '!' | ')'),
                        Quote::Double => matches!(letter, '$' | '`' | '!'),
                        Quote::Single => false,
                    };
                    word.expands |= special;
                    word.text.push(letter);
                }
            }
        }
        words.push(word.unwrap_or_else(|| Word { redirected, ..Word::default() }));
        Self { words }
    }
}

/// Returns a text as bash reads it back, within the quote that is open. It must hold no control characters.
pub(super) fn quoted(text: &str, quote: Quote) -> String {
    let mut whole = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match (quote, letter) {
            (Quote::Single, '\'') => whole.push_str("'\\''"),
            (Quote::Double, '"' | '$' | '`' | '\\') => whole.extend(['\\', letter]),
            // A backslash before it would stay, and without one it is of the history.
            (Quote::Double, '!') => whole.push_str("\"'!'\""),
            (Quote::Double | Quote::Single, _) => whole.push(letter),
            (Quote::None, _) => {
                let plain = letter.is_alphanumeric() || "_-./+,%@:=".contains(letter);
                if !plain {
                    whole.push('\\');
                }
                whole.push(letter);
            }
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, words: &[&str], quote: Quote) {
        let read = Line::read(line).words;
        let texts: Vec<&str> = read.iter().map(|word| word.text.as_str()).collect();
        assert_eq!((texts.as_slice(), read.last().unwrap().quote), (words, quote), "{line}");
    }

    #[test]
    fn a_line_is_read_up_to_the_cursor() {
        check("twolock code ", &["twolock", "code", ""], Quote::None);
        check("ls | twolock code gi", &["twolock", "code", "gi"], Quote::None);
        check("x=$(twolock  code\tgi", &["twolock", "code", "gi"], Quote::None);
        check(r#"twolock code "Amazon W"#, &["twolock", "code", "Amazon W"], Quote::Double);
        check(r"twolock code 'it'\''s $", &["twolock", "code", "it's $"], Quote::Single);
        check(r"twolock code a\ b\", &["twolock", "code", "a b"], Quote::None);
        check(r#"twolock code "a\b\"c\$"#, &["twolock", "code", "a\\b\"c$"], Quote::Double);
        check("", &[""], Quote::None);
        assert_eq!(Line::read(r"code a\ b\").words[1].raw, r"a\ b");
    }

    #[test]
    fn what_the_shell_would_expand_and_where_it_would_write_is_told() {
        for line in ["code $HO", "code \"`x", "code a*", "code !x", "code \"!x"] {
            assert!(Line::read(line).words[1].expands, "{line}");
        }
        for line in [r"code \$HO", "code '$HO", "code ~/x"] {
            assert!(!Line::read(line).words[1].expands, "{line}");
        }
        let words = Line::read("code x >out y").words;
        assert_eq!(words.iter().map(|word| word.redirected).collect::<Vec<_>>(), [false, false, true, false]);
        assert!(Line::read("code x > ").words[2].redirected);
    }

    #[test]
    fn what_is_quoted_is_read_back() {
        for text in [
            "GitHub:alice@example.com",
            "it's",
            "$(touch x)",
            "`x`",
            "a\\b\"c",
            "!!",
            "~",
            "# *?[{",
            "\u{e9} \u{2019}",
        ] {
            for (quote, begin, end) in
                [(Quote::None, "", ""), (Quote::Double, "\"", "\""), (Quote::Single, "'", "'")]
            {
                let word = Line::read(&format!("{begin}{}{end}", quoted(text, quote))).words.remove(0);
                assert_eq!((word.text.as_str(), word.expands, word.quote), (text, false, Quote::None));
            }
        }
    }
}
