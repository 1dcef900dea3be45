//! JSON of other programs, read field by field.
//!
//! Nothing is copied until it is asked for, so that one bad field costs one entry, not the file, and secrets do not
//! lie about in a tree of values. What the parser itself would say of a value is never passed on: it repeats it.
//! Of a list or an object only so many items are kept as any file may give entries: a list of nothing is two bytes an
//! item in the file, and eight times that in memory.

use std::collections::BTreeMap;
use std::fmt;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::exchange::entry::{ImportError, MOST_ENTRIES, Problem};

/// The most items of a list or an object that are kept: one more than are taken, so that it shows that there were more.
const MOST_ITEMS: usize = MOST_ENTRIES + 1;

/// The most names of fields by which a file is recognised.
const MOST_NAMES: usize = 1000;

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
        serde_json::Deserializer::from_str(self.0).deserialize_map(Fields).ok()
    }

    /// Returns the values of a list: as many as are kept.
    pub(in crate::exchange) fn list(self) -> Option<Vec<Self>> {
        serde_json::Deserializer::from_str(self.0).deserialize_seq(Items).ok()
    }

    /// Returns the text of a string.
    pub(in crate::exchange) fn text(self) -> Option<Zeroizing<String>> {
        self.0.starts_with('"').then(|| serde_json::from_str(self.0).ok()).flatten()
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

/// The fields of an object. Those that are `null` are as good as missing.
pub(in crate::exchange) struct Object<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Object<'a> {
    /// Returns the object that a whole text is.
    pub(in crate::exchange) fn read(text: &'a str) -> Result<Self, ImportError> {
        Value::read(text)?
            .object()
            .ok_or_else(|| ImportError::Damaged("it is JSON, but no object".to_owned()))
    }

    /// Returns a field that is there and not `null`.
    pub(in crate::exchange) fn get(&self, name: &str) -> Option<Value<'a>> {
        self.0.get(name).map(|raw| Value(raw.get())).filter(|value| !value.is_null())
    }

    /// Says whether there is a field of that name, be it `null`.
    pub(in crate::exchange) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns the names and values, sorted by name.
    pub(in crate::exchange) fn fields(&self) -> impl Iterator<Item = (&str, Value<'a>)> {
        self.0.iter().map(|(name, raw)| (name.as_str(), Value(raw.get())))
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

/// Reads the items of a list.
struct Items;

impl<'a> Visitor<'a> for Items {
    type Value = Vec<Value<'a>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while items.len() < MOST_ITEMS {
            match list.next_element::<&RawValue>()? {
                Some(item) => items.push(Value(item.get())),
                None => return Ok(items),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(items)
    }
}

/// Reads the fields of an object.
struct Fields;

impl<'a> Visitor<'a> for Fields {
    type Value = Object<'a>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut fields = BTreeMap::new();
        while fields.len() < MOST_ITEMS {
            match object.next_entry()? {
                Some((name, value)) => drop(fields.insert(name, value)),
                None => return Ok(Object(fields)),
            }
        }
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Object(fields))
    }
}

/// What a text is like, if it begins as JSON does. What is cut off or goes on as no JSON has the shape of what is there.
#[derive(Default)]
pub(in crate::exchange) struct Shape {
    /// The names of the fields, if it is an object.
    pub(in crate::exchange) object: Vec<String>,
    /// The names of the fields of the first item, if it is a list of objects.
    pub(in crate::exchange) first: Vec<String>,
    /// Is it a list that begins with a text?
    pub(in crate::exchange) begins_with_text: bool,
    /// Is it a list?
    pub(in crate::exchange) is_list: bool,
}

impl Shape {
    /// Goes over a text once, and over a list only as far as its first item.
    pub(in crate::exchange) fn of(text: &str) -> Self {
        let mut shape = Self::default();
        if text.trim_start().starts_with(['[', '{']) {
            let mut reader = serde_json::Deserializer::from_str(text);
            // An error only says where it ended.
            let _ended = reader.deserialize_any(Root(&mut shape));
        }
        shape
    }
}

/// Looks at a whole text.
struct Root<'s>(&'s mut Shape);

impl<'a> Visitor<'a> for Root<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list or an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, object: A) -> Result<(), A::Error> {
        names_of(object, &mut self.0.object)
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<(), A::Error> {
        let first = list.next_element_seed(First(&mut *self.0));
        self.0.is_list |= matches!(first, Ok(None));
        first.map(|_| ())
    }
}

/// Looks at the first item of a list.
struct First<'s>(&'s mut Shape);

impl<'a> DeserializeSeed<'a> for First<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, item: D) -> Result<(), D::Error> {
        item.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for First<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text, a list or an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, object: A) -> Result<(), A::Error> {
        self.0.is_list = true;
        names_of(object, &mut self.0.first)
    }

    fn visit_seq<A: SeqAccess<'a>>(self, _: A) -> Result<(), A::Error> {
        self.0.is_list = true;
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        (self.0.is_list, self.0.begins_with_text) = (true, true);
        Ok(())
    }
}

/// Notes the names of the fields as far as they come.
fn names_of<'a, A: MapAccess<'a>>(mut object: A, names: &mut Vec<String>) -> Result<(), A::Error> {
    while let Some(name) = object.next_key()? {
        names.push(name);
        if names.len() >= MOST_NAMES {
            return Err(A::Error::custom("enough"));
        }
        object.next_value::<IgnoredAny>()?;
    }
    Ok(())
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

    #[test]
    fn base64_is_read_in_all_its_forms() {
        for text in ["+/8=", "-_8", "+/ 8=\n"] {
            assert_eq!(base64(text).unwrap().as_slice(), [0xfb, 0xff], "{text}");
        }
        assert_eq!(base64("+/8*"), None);
    }
}
