//! The one test binary: one link, one namespace.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cli;
mod support;
