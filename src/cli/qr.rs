//! Shows the QR code of an account for a phone to scan: on the terminal, or as a picture.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use super::Run;
use super::output::reason;
use super::session::{Session, choose};
use super::shown::label;
use crate::exchange::picture::{Modules, draw, png, read_codes, svg};
use crate::failure::Failure;
use crate::otp::Link;
use crate::system::environment::Colours;
use crate::system::file;

/// Light modules around a code on a terminal: two scan well, and four take much of a small window.
const QUIET: usize = 2;

/// Show the QR code of an account, for a phone to scan
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock qr github
  twolock qr aws --png aws.png

Anyone who sees or photographs the code gets the secret.")]
pub(super) struct Qr {
    /// The account
    #[arg(value_name = "QUERY", required = true, num_args = 1..)]
    query: Vec<String>,
    /// Draw light on dark; for a light terminal without colours
    #[arg(long)]
    invert: bool,
    /// Write a PNG picture instead
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Replace the picture if it is there already
    #[arg(long)]
    replace: bool,
    /// Write an SVG drawing instead
    #[arg(long, value_name = "FILE", conflicts_with = "png")]
    svg: Option<PathBuf>,
}

impl Run for Qr {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        let vault = session.open()?.vault();
        let account = choose(vault.accounts(), &self.query.join(" "))?;
        let link = Link::write_short(&account.issuer, &account.account, &account.otp);
        let modules = draw(&link)?;
        if let Some(path) = &self.png {
            // Whoever is handed the picture must be able to read it.
            let read = |written: &[u8]| match read_codes(written) {
                Ok(codes) if codes.len() == 1 && codes[0] == link => Ok(()),
                _ => Err(io::Error::other("the picture cannot be read back")),
            };
            return self.write(session, path, &png(&modules), read);
        }
        if let Some(path) = &self.svg {
            return self.write(session, path, svg(&modules).as_bytes(), |_| Ok(()));
        }
        if session.output.is_terminal()
            && let Some(columns) = session.output.columns()
            && columns < modules.side() + 2 * QUIET
        {
            let needed = modules.side() + 2 * QUIET;
            return Err(Failure::other(format!(
                "the code needs {needed} columns, and the window has {columns}"
            ))
            .hint("make the window wider or its letters smaller, or use --png FILE"));
        }
        session.output.say(format_args!("{}: anyone who sees this code gets the secret", label(account)));
        let colours = session.output.is_terminal() && session.environment.colours != Colours::Off;
        session.output.print(&text(&modules, colours, self.invert))
    }
}

impl Qr {
    fn write(
        &self,
        session: &Session,
        path: &Path,
        bytes: &[u8],
        check: impl FnOnce(&[u8]) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let path = session.paths.expand(path)?;
        let shown = session.paths.short(&path);
        file::write_new(&path, bytes, self.replace, check).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Failure::other(format!("\"{shown}\" is there already"))
                .hint("choose another name, or say --replace"),
            _ => Failure::other(format!("cannot write \"{shown}\": {}", reason(&error))),
        })?;
        session.output.say(format_args!(
            "written to \"{shown}\"; delete it when the phone has it: it holds the secret"
        ));
        Ok(())
    }
}

/// Draws two modules in a character cell. With colours they are black on white whatever the theme; without them the
/// light modules are drawn, which is right on a dark screen and in a file that is shown on one.
fn text(modules: &Modules, colours: bool, invert: bool) -> Zeroizing<String> {
    let side = modules.side() + 2 * QUIET;
    let dark = |x: usize, y: usize| x >= QUIET && y >= QUIET && modules.dark(x - QUIET, y - QUIET);
    let mut text = Zeroizing::new(String::with_capacity((side + 2) * side * 12));
    for row in 0..side.div_ceil(2) {
        for column in 0..side {
            let (upper, lower) = (dark(column, row * 2), dark(column, row * 2 + 1));
            if colours {
                let colour = |dark| if dark { "16" } else { "231" };
                for part in ["\u{1b}[38;5;", colour(upper), ";48;5;", colour(lower), "m▀"] {
                    text.push_str(part);
                }
            } else {
                text.push(match (upper != invert, lower != invert) {
                    (true, true) => ' ',
                    (true, false) => '▄',
                    (false, true) => '▀',
                    (false, false) => '█',
                });
            }
        }
        text.push_str(if colours { "\u{1b}[0m\n" } else { "\n" });
    }
    text
}
