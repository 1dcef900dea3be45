//! What the tests share.

pub(crate) mod sandbox;
pub(crate) mod shot;
pub(crate) mod stage;
pub(crate) mod terminal;
