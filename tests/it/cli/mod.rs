//! The verbs, run as scripts run them.

mod access;
mod add;
mod agent;
mod code;
mod config;
mod doctor;
mod export;
mod import;
mod init;
mod list;
mod passwd;
mod usage;
