//! Apple's binary property lists, and the archives of objects that `NSKeyedArchiver` makes of them.
//!
//! Nothing is unfolded: a value is decoded when it is asked for, and an archive is walked by the numbers of its
//! objects. So lists that hold each other, or hold one list a million times, cost nothing. All that is decoded counts
//! against one budget. A general reader (crate `plist`) builds the whole tree and is at the mercy of both.
//!
//! A little over 400 lines, since list and archive share one budget and their tests build both from bytes.

use std::cell::Cell;

use zeroize::Zeroizing;

use crate::exchange::entry::ImportError;

/// What every such file begins with.
pub(in crate::exchange) const MAGIC: &[u8] = b"bplist00";

/// The length of what stands at the end.
const TRAILER: usize = 32;

/// The most items of a list.
const MOST_ITEMS: usize = 1_000_000;

/// The most pairs of a dictionary: the objects of the apps have a dozen.
const MOST_PAIRS: usize = 64;

/// What decoding may cost: the bytes that are copied, and `DECODING` for each value.
const BUDGET: usize = 64 << 20;
const DECODING: usize = 8;

/// How many references may stand between a field and its value.
const MOST_HOPS: usize = 4;

/// A value; what it holds is given by number.
enum Value<'a> {
    Data(&'a [u8]),
    Dictionary(Vec<(usize, usize)>),
    Flag(bool),
    List(Vec<usize>),
    Number(i64),
    Other,
    Real(f64),
    Text(Zeroizing<String>),
    Uid(usize),
}

/// A property list.
struct List<'a> {
    bytes: &'a [u8],
    table: &'a [u8],
    offset_size: usize,
    number_size: usize,
    root: usize,
    spent: Cell<usize>,
}

fn big_endian(bytes: &[u8]) -> Option<usize> {
    let (zeros, bytes) = bytes.split_at_checked(bytes.len().saturating_sub(8))?;
    let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    usize::try_from(number).ok().filter(|_| zeros.iter().all(|byte| *byte == 0))
}

impl<'a> List<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let (body, trailer) = bytes.split_at_checked(bytes.len().checked_sub(TRAILER)?)?;
        bytes.starts_with(MAGIC).then_some(())?;
        let (offset_size, number_size) = (usize::from(*trailer.get(6)?), usize::from(*trailer.get(7)?));
        if !(1..=8).contains(&offset_size) || !(1..=8).contains(&number_size) {
            return None;
        }
        let field = |at: usize| big_endian(trailer.get(at..at + 8)?);
        let (count, root, start) = (field(8)?, field(16)?, field(24)?);
        let table = body.get(start..)?.get(..count.checked_mul(offset_size)?)?;
        Some(Self { bytes: body, table, offset_size, number_size, root, spent: Cell::new(0) })
    }

    fn spend(&self, cost: usize) -> Option<()> {
        self.spent.set(self.spent.get().saturating_add(cost));
        (self.spent.get() <= BUDGET).then_some(())
    }

    /// Returns the first byte of a value, and what follows it.
    fn place(&self, number: usize) -> Option<(u8, &'a [u8])> {
        self.spend(DECODING)?;
        let at = number.checked_mul(self.offset_size)?;
        let offset = big_endian(self.table.get(at..at.checked_add(self.offset_size)?)?)?;
        self.bytes.get(offset..)?.split_first().map(|(mark, rest)| (*mark, rest))
    }

    /// Splits off a length: in the mark, or behind it as a number.
    fn length(mark: u8, rest: &'a [u8]) -> Option<(usize, &'a [u8])> {
        match mark & 0x0f {
            0x0f => {
                let (size, rest) = rest.split_first()?;
                if size & 0xf0 != 0x10 || size & 0x0f > 3 {
                    return None;
                }
                let (number, rest) = rest.split_at_checked(1 << (size & 0x0f))?;
                Some((big_endian(number)?, rest))
            }
            short => Some((usize::from(short), rest)),
        }
    }

    /// Returns `count` numbers of values.
    fn numbers(&self, count: usize, rest: &'a [u8]) -> Option<Vec<usize>> {
        if count > MOST_ITEMS {
            return None;
        }
        let bytes = rest.get(..count.checked_mul(self.number_size)?)?;
        self.spend(bytes.len())?;
        bytes.chunks_exact(self.number_size).map(big_endian).collect()
    }

    fn value(&self, number: usize) -> Option<Value<'a>> {
        let (mark, rest) = self.place(number)?;
        Some(match mark >> 4 {
            0x0 => match mark {
                0x08 => Value::Flag(false),
                0x09 => Value::Flag(true),
                _ => Value::Other,
            },
            0x1 if mark & 0x0f <= 4 => {
                let bytes = rest.get(..1 << (mark & 0x0f))?;
                // Only numbers of eight bytes have a sign; those of sixteen do not fit.
                let number = bytes.iter().fold(0_i128, |number, byte| number << 8 | i128::from(*byte));
                let number = match <[u8; 8]>::try_from(bytes) {
                    Ok(eight) => i128::from(i64::from_be_bytes(eight)),
                    Err(_) => number,
                };
                Value::Number(i64::try_from(number).ok()?)
            }
            0x2 => match mark & 0x0f {
                2 => Value::Real(f32::from_be_bytes(rest.get(..4)?.try_into().ok()?).into()),
                3 => Value::Real(f64::from_be_bytes(rest.get(..8)?.try_into().ok()?)),
                _ => return None,
            },
            0x4 => {
                let (length, rest) = Self::length(mark, rest)?;
                Value::Data(rest.get(..length)?)
            }
            0x5 => {
                let (length, rest) = Self::length(mark, rest)?;
                let text = std::str::from_utf8(rest.get(..length)?).ok()?;
                self.spend(length)?;
                Value::Text(Zeroizing::new(text.to_owned()))
            }
            0x6 => {
                let (length, rest) = Self::length(mark, rest)?;
                let bytes = rest.get(..length.checked_mul(2)?)?;
                self.spend(bytes.len() * 2)?;
                let units: Zeroizing<Vec<u16>> = Zeroizing::new(
                    bytes.as_chunks().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect(),
                );
                Value::Text(Zeroizing::new(String::from_utf16(&units).ok()?))
            }
            0x8 => Value::Uid(big_endian(rest.get(..usize::from(mark & 0x0f) + 1)?)?),
            0xa | 0xc => {
                let (count, rest) = Self::length(mark, rest)?;
                Value::List(self.numbers(count, rest)?)
            }
            0xd => {
                let (count, rest) = Self::length(mark, rest)?;
                if count > MOST_PAIRS {
                    return None;
                }
                let mut keys = self.numbers(count * 2, rest)?;
                let values = keys.split_off(count);
                Value::Dictionary(keys.into_iter().zip(values).collect())
            }
            _ => Value::Other,
        })
    }

    /// Says whether a value is this text, without decoding others.
    fn is_text(&self, number: usize, wanted: &str) -> bool {
        let Some((mark, rest)) = self.place(number) else { return false };
        mark >> 4 == 0x5
            && Self::length(mark, rest)
                .is_some_and(|(length, rest)| length == wanted.len() && rest.starts_with(wanted.as_bytes()))
    }

    /// Returns the value of a key.
    fn get(&self, number: usize, key: &str) -> Option<usize> {
        let Value::Dictionary(pairs) = self.value(number)? else { return None };
        pairs.into_iter().find(|(name, _)| self.is_text(*name, key)).map(|(_, value)| value)
    }
}

/// An archive of objects.
pub(in crate::exchange) struct Archive<'a> {
    list: List<'a>,
    objects: Vec<usize>,
    top: usize,
}

/// An object of an archive, or a value in its place.
#[derive(Clone, Copy)]
pub(in crate::exchange) struct Node<'a> {
    archive: &'a Archive<'a>,
    number: usize,
}

impl<'a> Archive<'a> {
    /// Finds the objects.
    pub(in crate::exchange) fn open(bytes: &'a [u8]) -> Result<Self, ImportError> {
        Self::find(bytes)
            .ok_or_else(|| ImportError::Damaged("it is no archive of Apple's objects".to_owned()))
    }

    fn find(bytes: &'a [u8]) -> Option<Self> {
        let list = List::open(bytes)?;
        let Value::List(objects) = list.value(list.get(list.root, "$objects")?)? else { return None };
        let tops = list.get(list.root, "$top")?;
        let top = match list.get(tops, "root") {
            Some(top) => top,
            None => match list.value(tops)? {
                Value::Dictionary(pairs) => pairs.first()?.1,
                _ => return None,
            },
        };
        Some(Self { list, objects, top })
    }

    /// Returns the object that all others hang on.
    pub(in crate::exchange) fn root(&self) -> Option<Node<'_>> {
        self.node(self.top)
    }

    /// Follows references; `$null` is nothing.
    fn node(&self, mut number: usize) -> Option<Node<'_>> {
        for _ in 0..MOST_HOPS {
            match self.list.value(number)? {
                Value::Uid(uid) => number = *self.objects.get(uid)?,
                Value::Text(text) if *text == "$null" => return None,
                _ => return Some(Node { archive: self, number }),
            }
        }
        None
    }
}

impl<'a> Node<'a> {
    fn value(self) -> Option<Value<'a>> {
        self.archive.list.value(self.number)
    }

    /// Returns a field of an object, or the value of a key where the object is a dictionary.
    pub(in crate::exchange) fn get(self, key: &str) -> Option<Self> {
        let list = &self.archive.list;
        if let Some(field) = list.get(self.number, key) {
            return self.archive.node(field);
        }
        let Value::List(keys) = list.value(list.get(self.number, "NS.keys")?)? else { return None };
        let Value::List(values) = list.value(list.get(self.number, "NS.objects")?)? else { return None };
        let place = keys
            .iter()
            .take(MOST_PAIRS)
            .position(|name| self.archive.node(*name).is_some_and(|name| list.is_text(name.number, key)))?;
        self.archive.node(*values.get(place)?)
    }

    /// Returns the items of a list.
    pub(in crate::exchange) fn items(self) -> Option<Vec<Self>> {
        let list = &self.archive.list;
        let numbers = match self.value()? {
            Value::List(numbers) => numbers,
            Value::Dictionary(_) => match list.value(list.get(self.number, "NS.objects")?)? {
                Value::List(numbers) => numbers,
                _ => return None,
            },
            _ => return None,
        };
        numbers.into_iter().map(|number| self.archive.node(number)).collect()
    }

    pub(in crate::exchange) fn text(self) -> Option<Zeroizing<String>> {
        match self.value()? {
            Value::Text(text) => Some(text),
            Value::Dictionary(_) => match self.get("NS.string")?.value()? {
                Value::Text(text) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    pub(in crate::exchange) fn data(self) -> Option<&'a [u8]> {
        match self.value()? {
            Value::Data(data) => Some(data),
            Value::Dictionary(_) => match self.get("NS.data")?.value()? {
                Value::Data(data) => Some(data),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns a whole number; a flag is 0 or 1.
    pub(in crate::exchange) fn number(self) -> Option<i64> {
        match self.value()? {
            Value::Flag(flag) => Some(flag.into()),
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Returns a number, whole or not.
    pub(in crate::exchange) fn real(self) -> Option<f64> {
        match self.value()? {
            // Versions are small.
            Value::Number(number) => i32::try_from(number).ok().map(f64::from),
            Value::Real(number) => Some(number),
            _ => None,
        }
    }
}

#[cfg(test)]
#[path = "bplist_tests.rs"]
mod tests;
