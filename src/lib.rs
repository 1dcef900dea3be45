//! twolock: a terminal authenticator.
#![forbid(unsafe_code)]

pub mod exchange;
pub mod otp;
pub mod vault;
