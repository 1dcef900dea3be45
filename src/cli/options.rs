//! What every verb understands, and what only the list understands.

use std::path::PathBuf;

use clap::{Args, ColorChoice, ValueEnum};

/// The options of every verb.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Take TIME for now: Unix seconds or RFC 3339
    #[arg(
        long,
        value_name = "TIME",
        allow_negative_numbers = true,
        global = true,
        help_heading = "Global options"
    )]
    pub at: Option<String>,
    /// Colours
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        global = true,
        hide_default_value = true,
        help_heading = "Global options"
    )]
    pub color: ColorChoice,
    /// The file of settings
    #[arg(long, value_name = "FILE", global = true, help_heading = "Global options")]
    pub config: Option<PathBuf>,
    /// Open the vault with the age identities in this file instead of the passphrase
    #[arg(long, value_name = "FILE", global = true, help_heading = "Global options")]
    pub identity: Option<PathBuf>,
    /// Print JSON, also for errors: a document, or a line for each thing in a list
    #[arg(
        long,
        value_name = "HOW",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "document",
        global = true,
        help_heading = "Global options"
    )]
    pub(super) json: Option<Json>,
    /// Never ask; fail where an answer is needed
    #[arg(long, global = true, help_heading = "Global options")]
    pub no_input: bool,
    /// Read the passphrase from this file descriptor
    #[arg(
        long,
        value_name = "N",
        global = true,
        conflicts_with = "passphrase_file",
        help_heading = "Global options"
    )]
    pub passphrase_fd: Option<u32>,
    /// Read the passphrase from the first line of this file
    #[arg(long, value_name = "FILE", global = true, help_heading = "Global options")]
    pub passphrase_file: Option<PathBuf>,
    /// Say nothing on standard error but errors
    #[arg(long, short, global = true, help_heading = "Global options")]
    pub quiet: bool,
    /// The directory of the vault
    #[arg(long, value_name = "DIR", global = true, help_heading = "Global options")]
    pub vault: Option<PathBuf>,
}

impl Options {
    /// Says whether what is printed is for programs.
    pub(super) fn json(&self) -> bool {
        self.json.is_some()
    }
}

/// How JSON is printed. What is no list is one document, on one line, either way.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(super) enum Json {
    #[default]
    Document,
    Lines,
}

/// The options of the list.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Show only the accounts that these words find
    #[arg(value_name = "WORDS")]
    pub words: Vec<String>,
    /// Lock after so many seconds without a key; 0 for never
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u32).range(0..=86_400))]
    pub lock_after: Option<u32>,
    /// Lines instead of a screen: for screen readers and terminals that cannot place text
    #[arg(long)]
    pub plain: bool,
}
