//! The settings whose values are words, each word with what it means.

use super::value::{Kind, Value};
use crate::otp::Algorithm;
use crate::system::clipboard::Via;

/// Finds a word in a list, in any case.
fn word<T: Copy>(text: &str, names: &[(&str, T)]) -> Option<T> {
    names.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, value)| *value)
}

/// Makes a type whose values are words, each with what it means.
macro_rules! words {
    ($(#[doc = $about:literal] $Name:ident { $(#[doc = $doc:literal] $Word:ident,)* })*) => { $(
        #[doc = $about]
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum $Name { $( #[doc = $doc] $Word, )* }

        impl $Name {
            /// Every word, as it stands in the file.
            pub const NAMES: &'static [&'static str] = &[$( stringify!($Word), )*];
        }

        impl Value for $Name {
            fn read(text: &str, _: &Kind) -> Option<Self> {
                word(text, &[$( (stringify!($Word), Self::$Word), )*])
            }

            fn write(&self, _: &Kind) -> String {
                format!("{self:?}")
            }
        }
    )* };
}

words! {
    /// Whether symbols beyond ASCII are drawn.
    Ascii {
        /// By the locale and the terminal.
        Auto,
        /// ASCII only.
        On,
        /// All symbols.
        Off,
    }
    /// What the passphrase is asked for once more.
    AskAgain {
        /// Showing a secret.
        ShowSecret,
        /// Exporting.
        ExportPlain,
        /// Showing a QR code.
        ShowQr,
    }
    /// What is done about a clock that nothing keeps right.
    ClockCheck {
        /// Nothing.
        Off,
        /// It is said.
        Warn,
        /// No code is given.
        Strict,
    }
    /// How many colours are used.
    Colours {
        /// By the terminal.
        Auto,
        /// The sixteen of the terminal's own theme.
        Ansi16,
        /// The 256 of xterm.
        Ansi256,
        /// All of them.
        TrueColor,
        /// None.
        None,
    }
    /// What is copied, and what becomes of the copy, when the code is about to change.
    Expiry {
        /// The current one, which is replaced once by the next.
        Follow,
        /// The current one.
        Current,
        /// The next one.
        Next,
        /// The next one, when it is current.
        Wait,
    }
    /// How much moves.
    Motion {
        /// Bars move each second.
        Normal,
        /// Bars move every five seconds.
        Less,
    }
    /// The order of the list.
    Order {
        /// By how often a code was taken.
        MostUsed,
        /// By when a code was last taken.
        LastUsed,
        /// By name.
        Name,
        /// By group, then by name.
        Group,
        /// By when they were added, the first one first.
        Added,
        /// As arranged by hand.
        ByHand,
    }
    /// Which colours are used.
    Palette {
        /// The user's own sixteen.
        User16,
        /// Those that come with the program.
        Builtin,
    }
    /// Whether the line to the terminal counts as slow.
    SlowLink {
        /// By how quick it is.
        Auto,
        /// It does.
        On,
        /// It does not.
        Off,
    }
    /// Whether codes are shown.
    ShowCodes {
        /// Always.
        Always,
        /// As dots, until asked for.
        UntilSpace,
    }
    /// What the terminal's background is.
    Theme {
        /// As the terminal says.
        Auto,
        /// Dark.
        Dark,
        /// Light.
        Light,
        /// No colours at all.
        Mono,
    }
}

/// The names of the algorithms, as they stand in the file.
pub(super) const ALGORITHMS: &[&str] = &["Sha1", "Sha256", "Sha512"];

impl Value for Algorithm {
    fn read(text: &str, _: &Kind) -> Option<Self> {
        word(text, &[("Sha1", Self::Sha1), ("Sha256", Self::Sha256), ("Sha512", Self::Sha512)])
    }

    fn write(&self, _: &Kind) -> String {
        match self {
            Self::Sha1 => "Sha1",
            Self::Sha256 => "Sha256",
            Self::Sha512 => "Sha512",
        }
        .to_owned()
    }
}

/// The ways to a clipboard, as they stand in the file.
const WAYS: &[(&str, Via)] = &[
    ("Auto", Via::Auto),
    ("Native", Via::Native),
    ("Tmux", Via::Tmux),
    ("Osc52", Via::Osc52),
    ("Screen", Via::Screen),
    ("Command", Via::Command),
    ("Off", Via::Off),
];

/// Their names alone.
pub(super) const WAY_NAMES: &[&str] = &["Auto", "Native", "Tmux", "Osc52", "Screen", "Command", "Off"];

impl Value for Via {
    fn read(text: &str, _: &Kind) -> Option<Self> {
        word(text, WAYS)
    }

    fn write(&self, _: &Kind) -> String {
        let name = WAYS.iter().find(|(_, way)| way == self).map_or("Auto", |(name, _)| name);
        name.to_owned()
    }
}
