//! twolock: a terminal authenticator.
#![forbid(unsafe_code)]

pub mod display;
pub mod exchange;
pub mod failure;
pub mod otp;
pub mod system;
pub mod vault;
