//! What is looked at when two codes are diagnosed, and what can be found: words that a screen turns into sentences.
//!
//! `Debug` shows no character of a key or a code.

use std::fmt;

use super::{Otp, Timestamp};

/// One code, and when it was typed.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// The code, as it was typed.
    pub code: &'a str,
    /// When its last character was typed.
    pub at: Timestamp,
}

/// Everything that is known: the account as it was entered, and what the other device showed.
#[derive(Clone, Copy)]
pub struct Observation<'a> {
    /// The account as it stands here.
    pub otp: &'a Otp,
    /// The key as it was typed, if it was typed: it may be another key in another spelling.
    pub key: Option<&'a str>,
    /// The first code.
    pub first: Seen<'a>,
    /// The code after it.
    pub second: Seen<'a>,
}

/// By how many seconds the other device's clock is ahead of this one (negative: behind), at least and at most.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ahead {
    /// At least.
    pub least: i64,
    /// At most.
    pub most: i64,
}

/// In which other way a key is to be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reading {
    /// Base64.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// The characters themselves.
    Text,
}

/// What two codes tell. Places count from 1, in the key without blanks.
#[derive(Clone, Eq, PartialEq)]
pub enum Finding {
    /// Nothing fits: another secret.
    AnotherSecret,
    /// The secret is right; the clocks are apart.
    ClockOff {
        /// How far.
        ahead: Ahead,
        /// The account with the right settings, where they are wrong as well.
        otp: Option<Otp>,
    },
    /// The key was read in the wrong way.
    Key {
        /// The right way.
        reading: Reading,
        /// The account with the key read so.
        otp: Otp,
    },
    /// What was typed cannot be two codes: characters, or two lengths.
    Malformed,
    /// One character of the key is wrong.
    Mistyped {
        /// Which one.
        place: usize,
        /// What was typed.
        typed: char,
        /// What it should be.
        right: char,
        /// The account with the corrected secret.
        otp: Otp,
    },
    /// This computer's clock is before 1970.
    NoClock,
    /// Both are right.
    Right {
        /// How the clocks agree; nothing for a counter code.
        ahead: Option<Ahead>,
        /// For a counter code, the account with the counter after the second.
        otp: Option<Otp>,
    },
    /// The same code twice.
    SameTwice,
    /// The secret is right; the settings are not.
    Settings {
        /// The account with the right settings.
        otp: Otp,
    },
    /// Right, but codes between the two were left out.
    Skipped {
        /// How many.
        codes: u64,
        /// For a counter code, the account with the counter after the second.
        otp: Option<Otp>,
    },
    /// Right, but the second came first.
    Swapped {
        /// For a counter code, the account with the counter after the later one.
        otp: Option<Otp>,
    },
    /// Two neighbouring characters of the key are swapped.
    Transposed {
        /// Where the first of the two stands.
        place: usize,
        /// The account with the corrected secret.
        otp: Otp,
    },
}

impl Finding {
    /// Returns the account as it is to be saved, where something about it has to change.
    pub fn otp(&self) -> Option<&Otp> {
        match self {
            Self::AnotherSecret | Self::Malformed | Self::NoClock | Self::SameTwice => None,
            Self::ClockOff { otp, .. }
            | Self::Right { otp, .. }
            | Self::Skipped { otp, .. }
            | Self::Swapped { otp } => otp.as_ref(),
            Self::Key { otp, .. }
            | Self::Mistyped { otp, .. }
            | Self::Settings { otp }
            | Self::Transposed { otp, .. } => Some(otp),
        }
    }

    /// Says whether the account may be saved as checked: the same secret and settings, and clocks that agree.
    pub fn is_right(&self) -> bool {
        matches!(self, Self::Right { .. } | Self::Skipped { .. } | Self::Swapped { .. })
    }
}

impl fmt::Debug for Finding {
    /// Leaves out the characters of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnotherSecret => f.write_str("AnotherSecret"),
            Self::ClockOff { ahead, otp } => {
                f.debug_struct("ClockOff").field("ahead", ahead).field("otp", otp).finish()
            }
            Self::Key { reading, otp } => {
                f.debug_struct("Key").field("reading", reading).field("otp", otp).finish()
            }
            Self::Malformed => f.write_str("Malformed"),
            Self::Mistyped { place, otp, .. } => {
                f.debug_struct("Mistyped").field("place", place).field("otp", otp).finish_non_exhaustive()
            }
            Self::NoClock => f.write_str("NoClock"),
            Self::Right { ahead, otp } => {
                f.debug_struct("Right").field("ahead", ahead).field("otp", otp).finish()
            }
            Self::SameTwice => f.write_str("SameTwice"),
            Self::Settings { otp } => f.debug_struct("Settings").field("otp", otp).finish(),
            Self::Skipped { codes, otp } => {
                f.debug_struct("Skipped").field("codes", codes).field("otp", otp).finish()
            }
            Self::Swapped { otp } => f.debug_struct("Swapped").field("otp", otp).finish(),
            Self::Transposed { place, otp } => {
                f.debug_struct("Transposed").field("place", place).field("otp", otp).finish()
            }
        }
    }
}
