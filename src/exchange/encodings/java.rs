//! Java's serialisation, as far as a `HashMap` of texts needs it ("Java Object Serialization Specification",
//! chapter 6). Values of other kinds are passed over where they are boxed numbers, and refused where they are not.

use zeroize::Zeroizing;

use crate::exchange::entry::ImportError;
use crate::exchange::file::MOST_BYTES;

/// What every stream begins with: the magic number and version 5.
pub(in crate::exchange) const MAGIC: &[u8] = b"\xac\xed\x00\x05";

/// The most pairs of a map: three for each of 30,000 accounts.
const MOST_PAIRS: usize = 100_000;

/// How deep a chain of classes may be; `Integer` has `Number` above it.
const DEEPEST: usize = 8;

/// What `HashMap` is known by.
const HASH_MAP: (&str, u64) = ("java.util.HashMap", 362_498_820_763_181_265);

/// Reads the texts of a map, in the order of the stream.
pub(in crate::exchange) fn map(bytes: &[u8]) -> Result<Vec<(String, Zeroizing<String>)>, ImportError> {
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(garbled)?;
    let mut stream = Stream { rest, handles: Vec::new() };
    stream.hash_map().ok_or_else(garbled)
}

fn garbled() -> ImportError {
    ImportError::Damaged("it is no map of texts as Java writes it".to_owned())
}

/// A class, as far as its values are passed over.
#[derive(Clone)]
struct Class {
    name: String,
    id: u64,
    /// How many bytes its own fields take and those of the classes above it.
    size: usize,
    flags: u8,
}

/// What a later place of the stream may point back to.
#[derive(Clone)]
enum Handle {
    Class(Class),
    Text(Zeroizing<String>),
    Other,
}

struct Stream<'a> {
    rest: &'a [u8],
    handles: Vec<Handle>,
}

impl<'a> Stream<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn short_text(&mut self) -> Option<Zeroizing<String>> {
        let length = u16::from_be_bytes(self.array()?);
        modified_utf8(self.take(usize::from(length))?)
    }

    fn hash_map(&mut self) -> Option<Vec<(String, Zeroizing<String>)>> {
        // TC_OBJECT
        (self.byte()? == 0x73).then_some(())?;
        let class = self.class(0)?;
        if (class.name.as_str(), class.id) != HASH_MAP {
            return None;
        }
        self.handles.push(Handle::Other);
        self.take(class.size)?;
        // TC_BLOCKDATA of the buckets and the number of pairs.
        (self.array()? == [0x77, 8]).then_some(())?;
        self.take(4)?;
        let pairs = usize::try_from(i32::from_be_bytes(self.array()?)).ok()?;
        if pairs > MOST_PAIRS {
            return None;
        }
        let mut map = Vec::new();
        let mut total = 0;
        for _ in 0..pairs {
            let (key, value) = (self.value()?, self.value()?);
            if let (Handle::Text(key), Handle::Text(value)) = (key, value) {
                // References repeat a text for five bytes.
                total += key.len() + value.len();
                if total > MOST_BYTES {
                    return None;
                }
                map.push((String::clone(&key), value));
            }
        }
        Some(map)
    }

    /// Reads a key or a value.
    fn value(&mut self) -> Option<Handle> {
        match self.byte()? {
            // TC_NULL
            0x70 => Some(Handle::Other),
            // TC_REFERENCE
            0x71 => self.reference(),
            // TC_OBJECT
            0x73 => {
                let class = self.class(0)?;
                // What a class writes by its own method has no length that could be known here.
                if class.flags != 2 {
                    return None;
                }
                self.handles.push(Handle::Other);
                self.take(class.size)?;
                Some(Handle::Other)
            }
            // TC_STRING
            0x74 => {
                let text = self.short_text()?;
                Some(self.remember(Handle::Text(text)))
            }
            // TC_LONGSTRING
            0x7c => {
                let length = usize::try_from(u64::from_be_bytes(self.array()?)).ok()?;
                let text = modified_utf8(self.take(length)?)?;
                Some(self.remember(Handle::Text(text)))
            }
            _ => None,
        }
    }

    fn remember(&mut self, handle: Handle) -> Handle {
        self.handles.push(handle.clone());
        handle
    }

    fn reference(&mut self) -> Option<Handle> {
        let index = u32::from_be_bytes(self.array()?).checked_sub(0x7e_0000)?;
        self.handles.get(usize::try_from(index).ok()?).cloned()
    }

    /// Reads the description of a class, or a reference to one.
    fn class(&mut self, depth: usize) -> Option<Class> {
        match self.byte()? {
            // TC_REFERENCE
            0x71 => match self.reference()? {
                Handle::Class(class) => Some(class),
                _ => None,
            },
            // TC_CLASSDESC
            0x72 if depth < DEEPEST => {
                let name = String::clone(&*self.short_text()?);
                let id = u64::from_be_bytes(self.array()?);
                let place = self.handles.len();
                self.handles.push(Handle::Other);
                let flags = self.byte()?;
                let mut size = 0;
                for _ in 0..u16::from_be_bytes(self.array()?) {
                    size += match self.byte()? {
                        b'B' | b'Z' => 1,
                        b'C' | b'S' => 2,
                        b'F' | b'I' => 4,
                        b'D' | b'J' => 8,
                        _ => return None,
                    };
                    self.short_text()?;
                }
                // TC_ENDBLOCKDATA: no annotation of the class.
                (self.byte()? == 0x78).then_some(())?;
                let above = if self.rest.first() == Some(&0x70) {
                    self.byte()?;
                    0
                } else {
                    self.class(depth + 1)?.size
                };
                let class = Class { name, id, size: size + above, flags };
                *self.handles.get_mut(place)? = Handle::Class(class.clone());
                Some(class)
            }
            _ => None,
        }
    }
}

/// Decodes Java's own UTF-8: a zero takes two bytes, and what lies beyond U+FFFF two times three.
fn modified_utf8(bytes: &[u8]) -> Option<Zeroizing<String>> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(Zeroizing::new(text.to_owned()));
    }
    let mut units = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut rest = bytes;
    while let Some((&first, mut tail)) = rest.split_first() {
        let count = match first {
            0..0x80 => 0,
            0xc0..0xe0 => 1,
            0xe0..0xf0 => 2,
            _ => return None,
        };
        let mut unit = u16::from(first) & [0x7f, 0x1f, 0x0f][count];
        for _ in 0..count {
            let (&next, after) = tail.split_first()?;
            if next & 0xc0 != 0x80 {
                return None;
            }
            unit = unit << 6 | u16::from(next & 0x3f);
            tail = after;
        }
        units.push(unit);
        rest = tail;
    }
    String::from_utf16(&units).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A map with these pieces behind its head.
    fn stream(pairs: i32, pieces: &[&[u8]]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(b"sr\x00\x11java.util.HashMap\x05\x07\xda\xc1\xc3\x16\x60\xd1\x03\x00\x02");
        bytes.extend(
            b"F\x00\x0aloadFactorI\x00\x09thresholdxp\x3f\x40\x00\x00\x00\x00\x00\x0cw\x08\x00\x00\x00\x10",
        );
        bytes.extend(pairs.to_be_bytes());
        bytes.extend(pieces.concat());
        bytes
    }

    fn text(text: &[u8]) -> Vec<u8> {
        [b"t", &u16::try_from(text.len()).unwrap().to_be_bytes()[..], text].concat()
    }

    fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
        map(bytes).unwrap().into_iter().map(|(key, value)| (key, String::clone(&value))).collect()
    }

    #[test]
    fn texts_are_short_long_repeated_and_of_any_script() {
        let long = [b"|\x00\x00\x00\x00\x00\x00\x00\x02".as_slice(), b"zz"].concat();
        // The handles: class 0, map 1, "a" 2, the long text 3, "b" 4.
        let bytes = stream(
            3,
            &[
                &text(b"a"),
                &long,
                &text(b"b"),
                b"q\x00\x7e\x00\x03",
                &text(b"c"),
                &text(b"\xed\xa0\xbd\xed\xb8\x80\xc0\x80"),
            ],
        );
        let wanted = [("a", "zz"), ("b", "zz"), ("c", "😀\0")];
        assert_eq!(pairs(&bytes), wanted.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    #[test]
    fn boxed_numbers_are_passed_over() {
        let integer = b"sr\x00\x11java.lang.Integer\x12\xe2\xa0\xa4\xf7\x81\x87\x38\x02\x00\x01I\x00\x05valuexr\x00\x10java.lang.Number\x86\xac\x95\x1d\x0b\x94\xe0\x8b\x02\x00\x00xp\x00\x00\x00\x07";
        // The handles: class 0, map 1, "n" 2, the class of the number 3, the one above it 4, the number 5, "m" 6.
        let again = b"sq\x00\x7e\x00\x03\x00\x00\x00\x08";
        let bytes = stream(
            4,
            &[&text(b"n"), integer, &text(b"m"), again, &text(b"a"), &text(b"z"), &text(b"e"), b"p"],
        );
        assert_eq!(pairs(&bytes), [("a".to_owned(), "z".to_owned())]);
    }

    #[test]
    fn a_hostile_stream_is_refused() {
        let deep = b"sr\x00\x01a\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00x".repeat(10_000);
        for bytes in [
            stream(i32::MAX, &[]),
            stream(-1, &[]),
            stream(1, &[]),
            stream(1, &[b"q\x00\x7e\xff\xff", b"p"]),
            stream(1, &[b"q\x00\x00\x00\x00", b"p"]),
            stream(1, &[b"|\xff\xff\xff\xff\xff\xff\xff\xff"]),
            stream(1, &[b"ur\x00\x02[B"]),
            stream(1, &[&deep]),
            MAGIC.to_vec(),
            b"".to_vec(),
        ] {
            assert!(matches!(map(&bytes), Err(ImportError::Damaged(_))));
        }
    }

    #[test]
    fn a_reference_to_a_long_text_cannot_be_repeated_without_end() {
        let long = text(&vec![b'x'; 60_000]);
        let mut pieces: Vec<&[u8]> = vec![b"p", &long];
        for _ in 0..20_000 {
            pieces.extend([b"q\x00\x7e\x00\x02".as_slice(), b"q\x00\x7e\x00\x02"]);
        }
        assert!(map(&stream(20_001, &pieces)).is_err());
    }
}
