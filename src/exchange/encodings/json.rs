//! JSON of other programs, read field by field.
//!
//! Nothing is copied until it is asked for, so that one bad field costs one entry, not the file, and secrets do not
//! lie about in a tree of values. What the parser itself would say of a value is never passed on: it repeats it.
//! Of a list or an object only so many items are kept as any file may give entries: a list of nothing is two bytes an
//! item in the file, and eight times that in memory.

mod scan;
mod shape;

use std::borrow::Cow;
use std::collections::BTreeMap;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

pub(in crate::exchange) use self::shape::Shape;
use crate::exchange::entry::{ImportError, MOST_ENTRIES, Problem};

/// The most items of a list or an object that are kept: one more than are taken, so that it shows that there were more.
const MOST_ITEMS: usize = MOST_ENTRIES + 1;

/// An object with more fields than this is sorted, so that one is found quickly.
const MOST_UNSORTED: usize = 32;

/// A value that has not been looked into yet.
#[derive(Clone, Copy)]
pub(in crate::exchange) struct Value<'a>(&'a str);

impl<'a> Value<'a> {
    /// Returns the value that a whole text is.
    pub(in crate::exchange) fn read(text: &'a str) -> Result<Self, ImportError> {
        let text = text.trim_start_matches('\u{feff}');
        let raw: &RawValue = serde_json::from_str(text).map_err(|error| {
            ImportError::Damaged(format!("line {}, column {} is no JSON", error.line(), error.column()))
        })?;
        Ok(Self(raw.get()))
    }

    /// Returns the fields, if it is an object: as many as are kept.
    pub(in crate::exchange) fn object(self) -> Option<Object<'a>> {
        let fields = scan::Fields::of(self.0)?.map(|(name, value)| Some((unquoted(name)?, Self(value))));
        let mut fields: Vec<_> = fields.flatten().take(MOST_ITEMS).collect();
        if fields.len() > MOST_UNSORTED {
            // Of two with one name the later stays behind the other.
            fields.sort_by(|one, other| one.0.cmp(&other.0));
        }
        Some(Object(fields))
    }

    /// Returns the values of a list: as many as are kept.
    pub(in crate::exchange) fn list(self) -> Option<Vec<Self>> {
        Some(scan::Items::of(self.0)?.take(MOST_ITEMS).map(Self).collect())
    }

    /// Returns the text of a string.
    pub(in crate::exchange) fn text(self) -> Option<Zeroizing<String>> {
        unquoted(self.0).map(|text| Zeroizing::new(text.into_owned()))
    }

    /// Returns a whole number, also one that is written as text or with `.0` behind it.
    pub(in crate::exchange) fn whole(self) -> Option<i128> {
        let text = self.text();
        let digits = text.as_ref().map_or(self.0, |text| text.trim());
        digits.strip_suffix(".0").unwrap_or(digits).parse().ok()
    }

    /// Returns what `true` and `false` say, also where they are written as text or as 1 and 0.
    pub(in crate::exchange) fn flag(self) -> Option<bool> {
        match self.0.trim_matches('"') {
            "0" | "false" => Some(false),
            "1" | "true" => Some(true),
            _ => None,
        }
    }

    /// Returns bytes that are written as a list of numbers, signed (as Java does) or not.
    pub(in crate::exchange) fn bytes(self) -> Option<Zeroizing<Vec<u8>>> {
        let items = self.list().filter(|items| items.len() < MOST_ITEMS)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(items.len()));
        for item in items {
            let number = item.whole()?;
            bytes.push(u8::try_from(if number < 0 { number + 256 } else { number }).ok()?);
        }
        Some(bytes)
    }

    /// Says whether it is `null`.
    pub(in crate::exchange) fn is_null(self) -> bool {
        self.0 == "null"
    }
}

/// Returns what a string says, if it is one.
fn unquoted(text: &str) -> Option<Cow<'_, str>> {
    let inner = text.strip_prefix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_some() {
        return serde_json::from_str(text).ok().map(Cow::Owned);
    }
    inner.strip_suffix('"').map(Cow::Borrowed)
}

/// The fields of an object. Those that are `null` are as good as missing, and of two with one name the last counts.
pub(in crate::exchange) struct Object<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Object<'a> {
    /// Returns the object that a whole text is.
    pub(in crate::exchange) fn read(text: &'a str) -> Result<Self, ImportError> {
        Value::read(text)?
            .object()
            .ok_or_else(|| ImportError::Damaged("it is JSON, but no object".to_owned()))
    }

    /// Returns a field that is there and not `null`.
    pub(in crate::exchange) fn get(&self, name: &str) -> Option<Value<'a>> {
        self.find(name).filter(|value| !value.is_null())
    }

    /// Says whether there is a field of that name, be it `null`.
    pub(in crate::exchange) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    fn find(&self, name: &str) -> Option<Value<'a>> {
        let fields = &self.0;
        let last = if fields.len() > MOST_UNSORTED {
            let end = fields.partition_point(|(known, _)| known.as_ref() <= name);
            fields[..end].last().filter(|(known, _)| known == name)
        } else {
            fields.iter().rev().find(|(known, _)| known == name)
        };
        last.map(|(_, value)| *value)
    }

    /// Returns the names and values, sorted by name.
    pub(in crate::exchange) fn fields(&self) -> impl Iterator<Item = (&str, Value<'a>)> {
        let fields = self.0.iter().map(|(name, value)| (name.as_ref(), *value));
        fields.collect::<BTreeMap<_, _>>().into_iter()
    }

    /// Returns a text, empty where there is none.
    pub(in crate::exchange) fn text(&self, name: &'static str) -> Result<Zeroizing<String>, Problem> {
        match self.get(name) {
            None => Ok(Zeroizing::default()),
            Some(value) => value.text().ok_or(Problem::Field(name, "a text")),
        }
    }

    /// Returns a text that must be there and not be empty.
    pub(in crate::exchange) fn required(&self, name: &'static str) -> Result<Zeroizing<String>, Problem> {
        let text = self.text(name)?;
        if text.trim().is_empty() { Err(Problem::Missing(name)) } else { Ok(text) }
    }

    /// Returns a number from 0 to 2^64 − 1, if there is one.
    pub(in crate::exchange) fn number(&self, name: &'static str) -> Result<Option<u64>, Problem> {
        let Some(value) = self.get(name) else { return Ok(None) };
        if value.text().is_some_and(|text| text.trim().is_empty()) {
            return Ok(None);
        }
        let number = value.whole().and_then(|number| u64::try_from(number).ok());
        number.map(Some).ok_or(Problem::Field(name, "a number from 0 upwards"))
    }

    /// Returns what a flag says; one that is missing or no flag says no.
    pub(in crate::exchange) fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Value::flag).unwrap_or(false)
    }

    /// Returns a text for a name or a note: whatever is wrong with it costs no entry.
    pub(in crate::exchange) fn words(&self, name: &'static str) -> String {
        self.text(name).map(|text| String::clone(&text)).unwrap_or_default()
    }

    /// Returns the object in a field.
    pub(in crate::exchange) fn object(&self, name: &str) -> Option<Self> {
        self.get(name).and_then(Value::object)
    }

    /// Returns the values of the list in a field; none where there is none.
    pub(in crate::exchange) fn list(&self, name: &str) -> Vec<Value<'a>> {
        self.get(name).and_then(Value::list).unwrap_or_default()
    }

    /// Returns the values of a list that the format promises.
    pub(in crate::exchange) fn promised(&self, name: &str) -> Result<Vec<Value<'a>>, ImportError> {
        self.get(name)
            .and_then(Value::list)
            .ok_or_else(|| ImportError::Damaged(format!("the list `{name}` is missing")))
    }

    /// Returns a number that the format promises, as in a header.
    pub(in crate::exchange) fn header_number(&self, name: &'static str) -> Result<u64, ImportError> {
        self.number(name).ok().flatten().ok_or_else(|| garbled(name))
    }

    /// Returns bytes that the format promises in Base64, as in a header.
    pub(in crate::exchange) fn header_base64(
        &self,
        name: &'static str,
    ) -> Result<Zeroizing<Vec<u8>>, ImportError> {
        self.text(name)
            .ok()
            .and_then(|text| base64(&text))
            .filter(|b| !b.is_empty())
            .ok_or_else(|| garbled(name))
    }

    /// Returns bytes that the format promises in hexadecimal digits, as in a header.
    pub(in crate::exchange) fn header_hex(
        &self,
        name: &'static str,
    ) -> Result<Zeroizing<Vec<u8>>, ImportError> {
        let text = self.text(name).map_err(|_| garbled(name))?;
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes());
        bytes.map(Zeroizing::new).ok().filter(|bytes| !bytes.is_empty()).ok_or_else(|| garbled(name))
    }
}

/// Says that a field of a header is not as the format has it.
pub(in crate::exchange) fn garbled(name: &'static str) -> ImportError {
    ImportError::Damaged(format!("the field `{name}` is missing or garbled"))
}

/// Decodes Base64, plain or URL-safe, with or without padding, with white space in it.
pub(in crate::exchange) fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let plain: Zeroizing<String> =
        Zeroizing::new(text.chars().filter(|c| !c.is_ascii_whitespace() && *c != '=').collect());
    let decoded = BASE64_NOPAD.decode(plain.as_bytes());
    decoded.or_else(|_| BASE64URL_NOPAD.decode(plain.as_bytes())).ok().map(Zeroizing::new)
}

/// Writes a JSON string.
pub(in crate::exchange) fn quoted(text: &str) -> Zeroizing<String> {
    Zeroizing::new(serde_json::to_string(text).expect("a text is always JSON"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_read_however_they_are_spelled() {
        let object = Object::read(
            "\u{feff} {\"a\": \"7\", \"b\": 7.0, \"c\": -1, \"d\": null, \"e\": \"true\", \"f\": [1, -1]}",
        )
        .unwrap();
        assert_eq!(object.number("a"), Ok(Some(7)));
        assert_eq!(object.number("b"), Ok(Some(7)));
        assert_eq!(object.number("c"), Err(Problem::Field("c", "a number from 0 upwards")));
        assert_eq!(object.number("d"), Ok(None));
        assert!(object.flag("e") && !object.flag("a"));
        assert_eq!(object.get("f").unwrap().bytes().unwrap().as_slice(), [1, 255]);
        assert_eq!(object.required("d"), Err(Problem::Missing("d")));
    }

    #[test]
    fn an_error_says_where_and_repeats_nothing() {
        let error = Object::read("{\"secret\": \"HUSH\"").err().unwrap();
        assert_eq!(error.to_string(), "the file is damaged or incomplete: line 1, column 17 is no JSON");
    }

    #[test]
    fn a_million_brackets_are_no_trouble() {
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        assert!(Value::read(&deep).unwrap().object().is_none());
        let deep = "{\"a\":".repeat(200_000) + "1" + &"}".repeat(200_000);
        assert!(Object::read(&deep).unwrap().object("a").is_some());
    }

    #[test]
    fn of_a_list_without_end_enough_is_kept_and_no_more() {
        let list = format!("[{}0]", "0,".repeat(2 * MOST_ITEMS));
        let list = Value::read(&list).unwrap();
        assert_eq!((list.list().map(|items| items.len()), list.bytes()), (Some(MOST_ITEMS), None));
        let names: Vec<String> = (0..2 * MOST_ITEMS).map(|number| format!("\"{number}\":0")).collect();
        let object = format!("{{{},\"last\":0}}", names.join(","));
        let object = Object::read(&object).unwrap();
        assert!(object.has("0") && !object.has("last"));
        assert_eq!(object.fields().count(), MOST_ITEMS);
    }

    /// Reads a whole document as our own reader sees it.
    fn document(value: Value<'_>) -> serde_json::Value {
        if let Some(object) = value.object() {
            return object.fields().map(|(name, value)| (name.to_owned(), document(value))).collect();
        }
        if let Some(list) = value.list() {
            return list.into_iter().map(document).collect();
        }
        match value.text() {
            Some(text) => text.as_str().into(),
            None => serde_json::from_str(value.0).unwrap(),
        }
    }

    fn documents() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
            "[\"\\\\\\[\\]{},: a]{0,6}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 64, 48, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::vec((any::<String>(), inner), 0..48)
                    .prop_map(|fields| fields.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn documents_are_read_as_others_read_them(expected in documents(), pretty in any::<bool>()) {
            let write = if pretty { serde_json::to_string_pretty } else { serde_json::to_string };
            let text = write(&expected).unwrap();
            prop_assert_eq!(document(Value::read(&text).unwrap()), expected);
        }
    }

    #[test]
    fn of_two_fields_with_one_name_the_last_counts() {
        for more in [0, 100] {
            let others: Vec<String> = (0..more).map(|number| format!("\"{number}\":0,")).collect();
            let text = format!("{{\"a\":1,\"\\u0061\":2,{}\"b\":3}}", others.concat());
            let object = Object::read(&text).unwrap();
            assert_eq!((object.number("a"), object.fields().count()), (Ok(Some(2)), 2 + more));
        }
    }

    #[test]
    fn base64_is_read_in_all_its_forms() {
        for text in ["+/8=", "-_8", "+/ 8=\n"] {
            assert_eq!(base64(text).unwrap().as_slice(), [0xfb, 0xff], "{text}");
        }
        assert_eq!(base64("+/8*"), None);
    }
}
