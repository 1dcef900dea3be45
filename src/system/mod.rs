//! The hands on the computer: clock, memory, places, environment, terminal questions, clipboard.
//!
//! Everything that depends on where the program runs is asked for here and handed on as a value, so that the rest
//! can be told any time, any environment and any directory.

pub mod anew;
pub mod askpass;
pub mod background;
pub mod clipboard;
pub mod clock;
pub mod environment;
pub mod file;
pub mod focus;
pub mod holder;
pub mod ledger;
pub mod memory;
pub mod paths;
pub mod patience;
pub mod prompt;

mod command;

pub use clipboard::Clipboard;
pub use clock::{Clock, ClockTruth, FixedClock, SystemClock};
pub use environment::Environment;
pub use paths::Paths;
