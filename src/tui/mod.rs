//! The terminal UI.
//!
//! ```text
//!   input thread ──── Key, Paste ──┐
//!   keeper thread ─── Done(..) ────┤   one channel
//!   signal thread ─── stop, cont ──┤
//!   timeout at wakes_in() ── Tick ─┘
//!                  │ Event
//!                  v
//!      App::update(&mut self, Event, Now) -> Vec<Effect>   pure: no clock, no disk, no thread
//!         1 what is everybody's: time, the vault, lock, quit
//!         2 the screens, the top one first, until one takes it
//!         3 its actions in order: push, pop, say, do
//!                  │ Effect
//!                  v
//!      Runtime::perform(Effect)                            the only hand on the world
//!         Copy -> clipboard, at once      Unlock, Commit -> keeper      ReadFile, AskAgent -> threads of their own
//!                  │
//!      App::view(&self, area, buf)                         pure, after every update
//! ```
//!
//! Floors, lowest first; none may use one above it: `key`, `errand` and `lent`, `effect` and `event`, `screen`, `binding` and `widgets`,
//! `screens`, `app`, `runtime`.

pub mod app;
pub mod binding;
pub mod effect;
pub mod errand;
pub mod event;
pub mod files;
mod history;
pub mod input;
mod keeper;
pub mod key;
pub mod keymap;
pub mod lent;
mod pace;
pub mod runtime;
pub mod screen;
pub mod screens;
pub mod terminal;
pub mod theme;
pub mod widgets;
