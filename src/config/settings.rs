//! The table of settings: name, type, default, what it takes, and its words, each once.

use std::collections::BTreeMap;

use super::choice::{
    ALGORITHMS, Ascii, AskAgain, ClockCheck, Colours, Expiry, Motion, Order, Palette, ShowCodes, SlowLink,
    Theme, WAY_NAMES,
};
use super::value::{Kind, Range, Seconds, Value};
use crate::otp::{Algorithm, Digits, Kind as CodeKind, Period};
use crate::system::clipboard::Via;

/// A setting.
pub struct Setting {
    /// Its name: `screen.theme`.
    pub key: &'static str,
    /// Its name on the settings screen.
    pub label: &'static str,
    /// What it is for, in a line.
    pub help: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Reads a value into the settings; says whether it is one.
    pub(super) read: fn(&mut Config, &str, &Kind) -> bool,
    /// Writes the value.
    pub(super) write: fn(&Config, &Kind) -> String,
}

impl Setting {
    /// Returns the group: `screen`.
    pub fn group(&self) -> &'static str {
        self.key.split_once('.').map_or("", |(group, _)| group)
    }

    /// Returns the name inside the group: `theme`.
    pub fn name(&self) -> &'static str {
        self.key.split_once('.').map_or(self.key, |(_, name)| name)
    }
}

impl Add {
    /// Returns what moves the codes of an account whose key says nothing else: the hash, the length, the period.
    pub fn parameters(&self) -> (Algorithm, Digits, CodeKind) {
        // The table takes no others, so the defaults never stand in.
        let digits = Digits::new(self.digits.into()).unwrap_or_default();
        let period = Period::new(self.period.0.into()).unwrap_or_default();
        (self.algorithm, digits, CodeKind::Totp { period })
    }
}

/// Returns the names of the groups, in their order.
pub(super) fn groups() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().copied()
}

macro_rules! settings {
    ($(
        #[doc = $about:literal]
        $group:ident: $Group:ident {
            $( #[doc = $doc:literal] $key:ident: $Type:ty = $default:expr, $kind:expr, $label:literal; )*
        }
    )*) => {
        $(
            #[doc = $about]
            #[derive(Clone, Debug, Eq, PartialEq)]
            #[allow(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
            pub struct $Group { $( #[doc = $doc] pub $key: $Type, )* }

            impl Default for $Group {
                fn default() -> Self {
                    Self { $( $key: $default, )* }
                }
            }
        )*

        /// Every setting.
        #[derive(Clone, Debug, Default, Eq, PartialEq)]
        pub struct Config {
            $( #[doc = $about] pub $group: $Group, )*
            /// The keys of actions, where they differ, as they are spelled in the file.
            pub keys: BTreeMap<String, Vec<String>>,
        }

        const GROUPS: &[&str] = &[$( stringify!($group), )*];

        /// Every setting, in the order of the file.
        pub const SETTINGS: &[Setting] = &[$( $(
            Setting {
                key: concat!(stringify!($group), ".", stringify!($key)),
                label: $label,
                help: $doc.trim_ascii(),
                kind: $kind,
                read: |config, text, kind| match <$Type>::read(text, kind) {
                    Some(value) => {
                        config.$group.$key = value;
                        true
                    }
                    None => false,
                },
                write: |config, kind| config.$group.$key.write(kind),
            },
        )* )*];
    };
}

/// Numbers from `least` to `most`.
const fn number(least: u32, most: u32, steps: &'static [u32], unit: &'static str) -> Kind {
    Kind::Number(Range { least, most, steps, unit })
}

settings! {
    /// Where the vault is.
    vault: Vault {
        /// The directory of the vault, instead of the usual one
        dir: Option<String> = None, Kind::Text("Usual"), "Directory";
    }
    /// How things look.
    screen: Screen {
        /// Is the terminal dark or light? For the built-in colours
        theme: Theme = Theme::Auto, Kind::Choice(Theme::NAMES), "Theme";
        /// How many colours
        colors: Colours = Colours::Auto, Kind::Choice(Colours::NAMES), "Colours";
        /// Your terminal's own 16 colours, or the built-in ones
        palette: Palette = Palette::User16, Kind::Choice(Palette::NAMES), "Palette";
        /// Draw with ASCII only
        ascii: Ascii = Ascii::Auto, Kind::Choice(Ascii::NAMES), "ASCII only";
        /// Bars move each second, or every 5 seconds
        motion: Motion = Motion::Normal, Kind::Choice(Motion::NAMES), "Motion";
        /// Seconds in steps of five, for a slow line; Auto finds out
        slow_link: SlowLink = SlowLink::Auto, Kind::Choice(SlowLink::NAMES), "Slow line";
        /// Click to copy, choose and press; off leaves the mouse to the terminal
        mouse: bool = true, Kind::Switch, "Mouse";
        /// Put the name of this program into the title of the window
        title: bool = true, Kind::Switch, "Window title";
        /// Hide everything while the window has no focus
        hide_on_focus_lost: bool = false, Kind::Switch, "Hide without focus";
        /// The list begins in the search
        start_in_search: bool = false, Kind::Switch, "Start in the search";
        /// Numbers before the first nine rows
        row_numbers: bool = true, Kind::Switch, "Row numbers";
        /// Codes are shown, or hidden until Space
        show_codes: ShowCodes = ShowCodes::Always, Kind::Choice(ShowCodes::NAMES), "Show codes";
        /// How long Space shows a hidden code
        show_on_space: Seconds = Seconds(10), number(1, 300, &[3, 5, 10, 20, 30, 60], "s"), "Space shows for";
        /// Show the next code in the last seconds; 0 never, 999 always
        next_in_last: Seconds = Seconds(10), number(0, 999, &[0, 5, 10, 15, 20, 30, 999], "s"), "Next code in last";
        /// Mark the last seconds with !
        urgent_in_last: Seconds = Seconds(5), number(0, 60, &[0, 3, 5, 8, 10], "s"), "Mark the last";
        /// Lines instead of screens, as for screen readers
        plain: bool = false, Kind::Switch, "Plain line mode";
        /// Plain line mode spells codes digit by digit
        spell: bool = false, Kind::Switch, "Spell codes";
    }
    /// The list.
    list: List {
        /// The order of the list
        sort: Order = Order::MostUsed, Kind::Choice(Order::NAMES), "Order";
        /// Pinned accounts come first
        pinned_first: bool = true, Kind::Switch, "Pinned first";
        /// The group that is shown at first
        group: Option<String> = None, Kind::Text("All"), "Group at first";
    }
    /// The clipboard.
    copy: Copy {
        /// Which way to the clipboard
        via: Via = Via::Auto, Kind::Choice(WAY_NAMES), "How";
        /// The command for via: Command; the code goes to its standard input
        command: Option<Vec<String>> = None, Kind::Words, "Command";
        /// Clear a local clipboard that still holds the code; 0 never
        clear_after: Seconds = Seconds(30), number(0, 3600, &[0, 10, 20, 30, 60, 120, 300], "s"), "Clear after";
        /// Ask clipboard managers not to keep the code
        exclude_from_history: bool = true, Kind::Switch, "Keep out of histories";
        /// What is copied near the end of a code's time
        on_expiry: Expiry = Expiry::Follow, Kind::Choice(Expiry::NAMES), "When the code changes";
        /// How near the change that counts
        follow_within: Seconds = Seconds(10), number(0, 60, &[0, 5, 10, 15, 30], "s"), "Follow within";
        /// Messages show the code that was copied
        say_code: bool = true, Kind::Switch, "Say the code";
        /// A copied code stays on a local clipboard when the program ends, until it is cleared
        hold_after_quit: bool = true, Kind::Switch, "Keep after quitting";
    }
    /// Locking.
    lock: Lock {
        /// Lock after so many seconds without a key; 0 never
        after: Seconds = Seconds(600), number(0, 86_400, &[0, 60, 120, 300, 600, 900, 1800, 3600], "s"), "Lock after";
        /// Lock as soon as the window has no focus
        on_focus_lost: bool = false, Kind::Switch, "Lock without focus";
        /// What the passphrase is asked for once more
        ask_again: Vec<AskAgain> = vec![AskAgain::ShowSecret, AskAgain::ExportPlain, AskAgain::ShowQr],
            Kind::List(AskAgain::NAMES), "Ask again before";
        /// For how long a passphrase counts as just given
        ask_again_after: Seconds = Seconds(60), number(0, 3600, &[0, 30, 60, 300, 600], "s"), "Ask again after";
    }
    /// Adding accounts.
    add: Add {
        /// The group of new accounts
        default_group: Option<String> = None, Kind::Text("None"), "Group of new ones";
        /// The algorithm, where the key does not say
        algorithm: Algorithm = Algorithm::Sha1, Kind::Choice(ALGORITHMS), "Algorithm";
        /// The digits of a code, where the key does not say
        digits: u32 = 6, number(1, 10, &[6, 7, 8], ""), "Digits";
        /// The seconds a code is valid, where the key does not say
        period: Seconds = Seconds(30), number(1, 86_400, &[15, 30, 60], "s"), "Period";
        /// The length of new secrets, in bytes
        secret_bytes: u32 = 20, number(16, 32, &[16, 20, 32], ""), "Bytes of new secrets";
        /// Who issues new secrets: this computer's name, or a text
        issuer: Option<String> = None, Kind::Text("Hostname"), "Issuer of new secrets";
        /// Offer to delete a picture that held a secret
        offer_delete_picture: bool = true, Kind::Switch, "Offer to delete pictures";
    }
    /// Checking codes of others.
    check: Check {
        /// How many codes before and after are accepted
        window: u32 = 1, number(0, 10, &[0, 1, 2, 3], ""), "Window";
        /// What is done about a clock that nothing keeps right
        clock: ClockCheck = ClockCheck::Warn, Kind::Choice(ClockCheck::NAMES), "Clock";
    }
    /// What is deleted.
    delete: Delete {
        /// How many days a deleted account can be put back
        keep_days: u32 = 30, number(1, 3650, &[7, 30, 90, 365], ""), "Keep deleted, days";
        /// How many changes can be undone
        undo_depth: u32 = 50, number(1, 1000, &[10, 50, 200], ""), "Changes to undo";
    }
    /// QR codes.
    qr: Qr {
        /// For how long a code is shown
        seconds: Seconds = Seconds(60), number(5, 3600, &[30, 60, 120, 300], "s"), "Show for";
    }
}
