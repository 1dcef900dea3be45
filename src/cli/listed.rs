//! A list as JSON: one document that holds it, or with `--json=lines` a line for each thing in it, so that a reader can
//! take them one by one and need not hold all. The names are in one place: a line is the document of a list of one.

use serde::ser::{Serialize, SerializeMap, Serializer};
use zeroize::Zeroizing;

use super::options::Json;
use super::output::json;
use super::session::Session;
use crate::failure::Failure;

/// A list of things, and what holds for all of them.
pub(super) struct Listed<T> {
    /// What they are called together.
    all: &'static str,
    /// What one is called.
    one: &'static str,
    things: Vec<T>,
    marks: Vec<(&'static str, bool)>,
    /// What holds for the list as a whole, and says nothing of one thing in it.
    whole: Option<(&'static str, bool)>,
}

impl<T: Serialize> Listed<T> {
    /// Returns a list: what its things are called together, what one is called, and the things.
    pub(super) fn new(all: &'static str, one: &'static str, things: impl IntoIterator<Item = T>) -> Self {
        Self { all, one, things: things.into_iter().collect(), marks: Vec::new(), whole: None }
    }

    /// Adds what holds for all things. It stands on every line.
    pub(super) fn marked(mut self, name: &'static str, holds: bool) -> Self {
        self.marks.push((name, holds));
        self
    }

    /// Adds what holds for the list as a whole. It stands on no line: the exit status says it.
    pub(super) fn marked_whole(mut self, name: &'static str, holds: bool) -> Self {
        self.whole = Some((name, holds));
        self
    }

    /// Prints it, as the user wants it.
    pub(super) fn print(&self, session: &mut Session) -> Result<(), Failure> {
        session.output.print(&self.written(session.options.json.unwrap_or_default()))
    }

    fn written(&self, how: Json) -> Zeroizing<String> {
        let mut marks = self.marks.clone();
        if how == Json::Document {
            marks.extend(self.whole);
            let marks = &marks;
            return json(&Document { name: self.all, value: &self.things, marks });
        }
        let line = |value| json(&Document { name: self.one, value, marks: &marks });
        let lines = self.things.iter().map(line);
        let lines: Vec<Zeroizing<String>> = lines.collect();
        let mut whole = Zeroizing::new(String::with_capacity(lines.iter().map(|line| line.len()).sum()));
        for line in &lines {
            whole.push_str(line);
        }
        whole
    }
}

/// A document of one value, and what holds for it.
struct Document<'a, V> {
    name: &'static str,
    value: &'a V,
    marks: &'a [(&'static str, bool)],
}

impl<V: Serialize> Serialize for Document<'_, V> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(2 + self.marks.len()))?;
        map.serialize_entry("v", &1)?;
        map.serialize_entry(self.name, self.value)?;
        for (name, holds) in self.marks {
            map.serialize_entry(name, holds)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(things: &[&str], document: &str, lines: &str) {
        let listed = Listed::new("all", "one", things).marked("dry_run", true).marked_whole("ok", false);
        assert_eq!(*listed.written(Json::Document), document);
        assert_eq!(*listed.written(Json::Lines), lines);
    }

    #[test]
    fn a_list_is_a_document_or_a_line_for_each_thing() {
        check(
            &["a", "b\n"],
            "{\"v\":1,\"all\":[\"a\",\"b\\n\"],\"dry_run\":true,\"ok\":false}\n",
            "{\"v\":1,\"one\":\"a\",\"dry_run\":true}\n{\"v\":1,\"one\":\"b\\n\",\"dry_run\":true}\n",
        );
        check(&[], "{\"v\":1,\"all\":[],\"dry_run\":true,\"ok\":false}\n", "");
    }
}
