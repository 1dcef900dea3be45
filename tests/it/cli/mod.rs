//! The verbs, run as scripts run them.

mod access;
mod add;
mod agent;
mod change;
mod code;
mod completions;
mod config;
mod copy;
mod doctor;
mod export;
mod flags;
mod gate;
mod help;
mod import;
mod init;
mod keep;
mod large;
mod lines;
mod list;
mod man;
mod passwd;
mod streams;
mod usage;

pub(crate) use usage::on_a_terminal;
