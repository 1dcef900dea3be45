//! XML of other programs, read into a small tree: no entity but the five of XML itself, nothing fetched, and bounds
//! on depth, number and length. Names are local ones, since every program picks prefixes of its own.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;
use zeroize::Zeroizing;

use super::json;
use crate::exchange::entry::ImportError;

/// How deep elements may stand in each other; PSKC needs 12.
const DEEPEST: usize = 64;

/// The most elements of a file: 100,000 preferences, or 10,000 keys of PSKC.
const MOST_ELEMENTS: usize = 200_000;

/// The most attributes of an element.
const MOST_ATTRIBUTES: usize = 64;

/// An element with what is in it.
#[derive(Default)]
pub(in crate::exchange) struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: Zeroizing<String>,
    children: Vec<Self>,
}

impl Element {
    /// Returns the name without its prefix.
    pub(in crate::exchange) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the value of an attribute, by its name without a prefix.
    pub(in crate::exchange) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the text that stands in it directly.
    pub(in crate::exchange) fn text(&self) -> &str {
        &self.text
    }

    /// Puts another text in its place.
    pub(in crate::exchange) fn set_text(&mut self, text: Zeroizing<String>) {
        self.text = text;
    }

    /// Takes an attribute away.
    pub(in crate::exchange) fn forget(&mut self, attribute: &str) {
        self.attributes.retain(|(known, _)| known != attribute);
    }

    /// Returns the elements that stand in it directly.
    pub(in crate::exchange) fn children(&self) -> &[Self] {
        &self.children
    }

    /// Returns the first element of that name in it, at whatever depth, in the order of the file.
    pub(in crate::exchange) fn find(&self, name: &str) -> Option<&Self> {
        self.children.iter().find_map(|child| if child.name == name { Some(child) } else { child.find(name) })
    }

    /// Returns all elements of that name in it; inside of these it looks for no others.
    pub(in crate::exchange) fn all<'a>(&'a self, name: &str, found: &mut Vec<&'a Self>) {
        for child in &self.children {
            if child.name == name {
                found.push(child);
            } else {
                child.all(name, found);
            }
        }
    }

    /// Returns its text without any white space, as numbers and Base64 are read.
    pub(in crate::exchange) fn compact(&self) -> Zeroizing<String> {
        Zeroizing::new(self.text.chars().filter(|c| !c.is_whitespace()).collect())
    }

    /// Returns the bytes that its text spells in Base64.
    pub(in crate::exchange) fn base64(&self) -> Option<Zeroizing<Vec<u8>>> {
        json::base64(&self.text)
    }
}

/// What to do where a file ends before its root does.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(in crate::exchange) enum End {
    /// It was cut off.
    MustClose,
    /// Take what is there, if nothing but the root is open: a program is known that forgets its end.
    MayLackRoot,
}

/// Reads a whole file; returns its root.
pub(in crate::exchange) fn read(text: &str, end: End) -> Result<Element, ImportError> {
    read_some(text, end, &mut |_| Ok(true))
}

/// Reads a whole file and keeps of it what `keep` says yes to, which is asked of every element where it ends: before
/// the one around it, and after those in it. What is dropped does not count against the bounds any more.
pub(in crate::exchange) fn read_some(
    text: &str,
    end: End,
    keep: &mut dyn FnMut(&mut Element) -> Result<bool, ImportError>,
) -> Result<Element, ImportError> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.allow_dangling_amp = false;
    let mut open: Vec<Element> = Vec::new();
    let mut before: Vec<usize> = Vec::new();
    let mut elements = 0;
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(_) if may_end(&open, end) && is_stub(text, reader.buffer_position()) => Event::Eof,
            Err(_) => return Err(no_xml(reader.error_position())),
        };
        match event {
            Event::Start(start) => {
                before.push(elements);
                elements += 1;
                if elements > MOST_ELEMENTS || open.len() >= DEEPEST {
                    return Err(ImportError::TooLarge("more XML elements than are read"));
                }
                open.push(element(&start).ok_or_else(|| no_xml(reader.buffer_position()))?);
            }
            Event::End(_) => {
                let (Some(mut closed), Some(before)) = (open.pop(), before.pop()) else {
                    return Err(no_xml(reader.buffer_position()));
                };
                let kept = keep(&mut closed)?;
                match open.last_mut() {
                    Some(parent) if kept => parent.children.push(closed),
                    Some(_) => elements = before,
                    None => return Ok(closed),
                }
            }
            Event::Text(text) => append(&mut open, &text.xml10_content()),
            Event::CData(text) => append(&mut open, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let mut buffer = [0; 4];
                let text = character(&reference, &mut buffer);
                append(&mut open, text.ok_or_else(|| no_xml(reader.buffer_position()))?);
            }
            Event::Eof => match open.pop() {
                Some(root) if open.is_empty() && end == End::MayLackRoot => return Ok(root),
                _ => return Err(ImportError::Damaged("its XML is cut off".to_owned())),
            },
            Event::Comment(_) | Event::Decl(_) | Event::DocType(_) | Event::Empty(_) | Event::PI(_) => {}
        }
    }
}

/// Returns the names and values of a file of Android's preferences, in its order: `<map>` with `<string name="…">`
/// and, for other types, an attribute `value`. Sets are left out.
pub(in crate::exchange) fn preferences(text: &str) -> Result<Vec<(String, Zeroizing<String>)>, ImportError> {
    let root = read(text, End::MustClose)?;
    if root.name() != "map" {
        return Err(ImportError::Damaged("it is XML, but none of Android's preferences".to_owned()));
    }
    let values = root.children.into_iter().filter_map(|mut child| {
        let name = child.attribute("name")?.to_owned();
        let value = match child.name.as_str() {
            "string" => std::mem::take(&mut child.text),
            _ => Zeroizing::new(child.attribute("value")?.to_owned()),
        };
        Some((name, value))
    });
    Ok(values.collect())
}

/// Says whether a text begins like Android's preferences. Cheap.
pub(in crate::exchange) fn is_preferences(text: &str) -> bool {
    let mut start = text.trim_start();
    if let Some(rest) = start.strip_prefix("<?xml") {
        start = rest.split_once("?>").map_or("", |(_, rest)| rest).trim_start();
    }
    start.starts_with("<map>") || start.starts_with("<map ")
}

fn may_end(open: &[Element], end: End) -> bool {
    end == End::MayLackRoot && open.len() == 1
}

/// Says whether what is left of a file is the beginning of an end tag.
fn is_stub(text: &str, position: u64) -> bool {
    let last = text.rfind('<').map_or("", |at| &text[at..]);
    usize::try_from(position).is_ok_and(|position| position + last.len() + 1 >= text.len())
        && (last == "<" || last.starts_with("</"))
        && !last.contains('>')
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        if element.text.capacity() < element.text.len() + text.len() {
            // A string that grows by itself leaves what it held behind in memory.
            let room = (element.text.len() + text.len()) * 2;
            let mut longer = Zeroizing::new(String::with_capacity(room));
            longer.push_str(&element.text);
            element.text = longer;
        }
        element.text.push_str(text);
    }
}

fn element(start: &BytesStart<'_>) -> Option<Element> {
    let mut attributes = Vec::new();
    for attribute in start.attributes().with_checks(false).take(MOST_ATTRIBUTES) {
        let attribute = attribute.ok()?;
        let value = attribute.normalized_value(XmlVersion::default()).ok()?;
        attributes.push((attribute.key.local_name().into_inner().to_owned(), value.into_owned()));
    }
    let name = start.local_name().into_inner().to_owned();
    Some(Element { name, attributes, ..Element::default() })
}

/// Returns the character that a reference stands for.
fn character<'a>(reference: &BytesRef<'_>, buffer: &'a mut [u8; 4]) -> Option<&'a str> {
    match reference.resolve_char_ref().ok()? {
        Some(character) => Some(character.encode_utf8(buffer)),
        None => resolve_xml_entity(reference),
    }
}

fn no_xml(position: u64) -> ImportError {
    ImportError::Damaged(format!("it is no XML at byte {position}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(text: &str) -> Result<Element, ImportError> {
        read(text, End::MustClose)
    }

    #[test]
    fn a_tree_has_names_texts_and_attributes() {
        let tree = root(
            "<?xml version='1.0'?><!-- c --><p:a x='1&amp;2' p:y=\"3\">t&lt;<b/><![CDATA[<&]]>&#65;&#x42;</p:a>",
        )
        .unwrap();
        assert_eq!((tree.name(), tree.text()), ("a", "t<<&AB"));
        assert_eq!((tree.attribute("x"), tree.attribute("y")), (Some("1&2"), Some("3")));
        assert_eq!((tree.children().len(), tree.find("b").unwrap().name()), (1, "b"));
        let mut all = Vec::new();
        tree.all("b", &mut all);
        assert_eq!(all.len(), 1);
    }

    #[test]
    fn entities_of_a_file_are_never_resolved() {
        let laughs =
            "<!DOCTYPE a [<!ENTITY x \"yyyyyyyy\"><!ENTITY z SYSTEM \"file:///etc/passwd\">]><a>&x;&z;</a>";
        assert!(matches!(root(laughs), Err(ImportError::Damaged(_))));
        assert!(matches!(root("<a b='&x;'/>"), Err(ImportError::Damaged(_))));
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let deep = "<a>".repeat(100_000);
        assert!(matches!(root(&deep), Err(ImportError::TooLarge(_))));
        let many = format!("<a>{}</a>", "<b/>".repeat(300_000));
        assert!(matches!(root(&many), Err(ImportError::TooLarge(_))));
    }

    #[test]
    fn many_pieces_of_text_take_no_time() {
        let pieces = format!("<a>{}</a>", "x&lt;".repeat(200_000));
        assert_eq!(root(&pieces).unwrap().text().len(), 400_000);
    }

    #[test]
    fn a_cut_off_file_is_damaged_unless_only_the_end_of_the_root_is_missing() {
        for text in ["<a><b>x", "<a><b/>", "<a", "<a></b></a>", "x", "</a>", "<a>&", "<a b=></a>"] {
            assert!(root(text).is_err(), "{text}");
        }
        for text in ["<a><b/>", "<a><b/>\n", "<a><b/></", "<a><b/></a", "<a><b/><"] {
            assert_eq!(read(text, End::MayLackRoot).unwrap().children().len(), 1, "{text}");
        }
        for text in ["<a><b>", "<a><b></", "<a><b", "<a><b/></c>"] {
            assert!(read(text, End::MayLackRoot).is_err(), "{text}");
        }
    }

    #[test]
    fn preferences_are_texts_and_values() {
        let text = "<?xml version='1.0' ?>\n<map>\n<string name=\"a&quot;b\">x\ny</string><int name='n' value='3' /><set name='s'/></map>";
        assert!(is_preferences(text) && !is_preferences("<?xml ?><mapping/>"));
        let values = preferences(text).unwrap();
        assert_eq!(values.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a\"b", "n"]);
        assert_eq!((values[0].1.as_str(), values[1].1.as_str()), ("x\ny", "3"));
        assert!(preferences("<maps/>").is_err());
    }
}
