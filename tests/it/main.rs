//! The one test binary: one link, one namespace.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cli;
mod clipboard;
mod dependencies;
mod display;
mod exchange;
mod hostile;
mod lent;
mod mend;
mod otp;
mod papers;
mod picture;
mod plain;
mod prompt;
mod readme;
mod screens;
mod support;
mod tidy;
mod tui;
mod vault;
mod wait;
