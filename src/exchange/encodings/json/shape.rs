//! What a text is like that may be JSON, from one look at it: by that its format is recognised.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The most names of fields by which a file is recognised.
const MOST_NAMES: usize = 1000;

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
