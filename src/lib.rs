//! twolock: a terminal authenticator that makes verification codes and checks them.
//!
//! ```text
//!               main
//!            /   |   \
//!         cli  plain  tui       how people speak to it: verbs, lines, screens
//!            \   |   /
//!              words            sentences that both need
//!                |
//!             config            what can be set, and the file that says so
//!                |
//!             failure           what went wrong, in words, with a hint
//!            /       \
//!     exchange    agent     system     formats of others | the vault held open | clock, clipboard, terminal
//!            \       /
//!             vault  |          what is kept, and every change that may be made to it
//!                \   |
//!                 otp           the arithmetic: pure, told the time
//! ```
//!
//! `display` is a leaf that everything may use: the one way in which text from outside gets onto a screen.
//! `docs/architecture.md` is the map; `tests/it/tidy.rs` keeps the directions.
#![forbid(unsafe_code)]

pub mod agent;
pub mod cli;
pub mod config;
pub mod display;
pub mod exchange;
pub mod failure;
pub mod otp;
pub mod plain;
pub mod system;
pub mod tui;
pub mod vault;
pub mod words;
