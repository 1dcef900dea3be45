//! What the tests share.

pub mod stage;
