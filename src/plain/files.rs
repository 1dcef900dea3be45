//! Files: what other authenticators wrote, pictures of QR codes, and what is written for others.

use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::spoken::{count_of, named, who};
use super::talk::{Heard, is_cancel};
use super::{Plain, complain};
use crate::config::AskAgain;
use crate::display::visible;
use crate::exchange::picture::{MOST_BYTES as LARGEST_PICTURE, draw};
use crate::exchange::{
    self, EXPORTERS, Exporter, File, Fit, ImportError, Imported, Importer, MOST_BYTES, Plan, Protection,
    verify,
};
use crate::failure::Failure;
use crate::otp::{Link, Otp};
use crate::system::file::{self, Original};
use crate::vault::{Account, fresh_bytes, strength};
use crate::words::import;

/// The light squares around a QR code.
const QUIET: usize = 2;

/// Reads a file, and returns which one it was; what is wrong with it is a failure.
pub(super) fn read(path: &Path, most: usize) -> Result<(Zeroizing<Vec<u8>>, Option<Original>), Failure> {
    let about = std::fs::metadata(path);
    // Looked at before it is opened: opening a pipe would wait for somebody to write into it.
    let read = about.and_then(|about| {
        if about.is_file() || about.is_dir() {
            file::read_original(path, most)
        } else {
            Err(io::Error::other("it is not a file"))
        }
    });
    read.map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => {
            Failure::other(format!("the file is too large: more than {} MiB", most >> 20))
        }
        _ => Failure::file("read", path, &error),
    })
}

impl Plain {
    /// Returns the path that was typed, in full.
    pub(super) fn path(&mut self, typed: &str) -> Heard<Option<PathBuf>> {
        match self.paths.expand(Path::new(typed)) {
            Ok(path) => Ok(Some(path)),
            Err(error) => {
                complain(&mut self.talk, &error.into())?;
                Ok(None)
            }
        }
    }

    /// Reads a picture by its path as it was typed.
    pub(super) fn picture(&self, typed: &str) -> Result<(Zeroizing<Vec<u8>>, Option<Original>), Failure> {
        read(&self.paths.expand(Path::new(typed))?, LARGEST_PICTURE)
    }

    /// Deletes a picture that was read, if it is still the same one.
    pub(super) fn delete_picture(&mut self, picture: &Original) -> Heard<()> {
        match picture.delete() {
            Ok(false) => self.say("Deleted the picture."),
            Ok(true) => self.say("Deleted the picture. It has another name, under which it stays."),
            Err(error) => complain(&mut self.talk, &Failure::file("delete", picture.path(), &error)),
        }
    }

    /// Takes in the accounts of a file.
    pub(super) fn import(&mut self, rest: &str) -> Heard<()> {
        let typed = match rest {
            "" => self.talk.ask("File to import: ")?.to_string(),
            rest => rest.to_owned(),
        };
        if typed.is_empty() || is_cancel(&typed) {
            return Ok(());
        }
        let typed = typed.trim_matches(['"', '\'']);
        let Some(path) = self.path(typed)? else { return Ok(()) };
        match read(&path, MOST_BYTES) {
            Ok((bytes, _)) => self.import_bytes(&bytes),
            Err(failure) => complain(&mut self.talk, &failure),
        }
    }

    /// Takes in the accounts of what a file holds.
    pub(super) fn import_bytes(&mut self, bytes: &[u8]) -> Heard<()> {
        let imported = match self.understand(bytes)? {
            Ok(imported) => imported,
            Err(error) => return complain(&mut self.talk, &error.into()),
        };
        let mut plan = Plan::new(imported, &self.vault);
        for (number, row) in (1..).zip(&plan.rows) {
            let name = named(&row.entry.issuer, &row.entry.account);
            self.talk.say(format_args!("{number}  {name}: {}", import::state(row.state)))?;
            if let Some(other) = &row.lookalike {
                self.talk
                    .say(format_args!("Warning: it looks like {} and is not.", visible(other).cut(60)))?;
            }
        }
        for refused in &plan.refused {
            self.talk.say(format_args!("Refused: {}: {}", refused.place, refused.problem))?;
        }
        for note in &plan.notes {
            self.talk.say(format_args!("{note}."))?;
        }
        let tally = plan.tally();
        self.say(format_args!("{} new of {} read.", tally.new, tally.read))?;
        loop {
            let answer = self.talk.ask("Add the new ones? y, n, or the numbers to add: ")?;
            match answer.to_ascii_lowercase().as_str() {
                "n" | "no" | "cancel" | "" => return self.say("Nothing was added."),
                "y" | "yes" => break,
                numbers => match choose(&mut plan, numbers) {
                    Ok(()) => break,
                    Err(why) => self.say(why)?,
                },
            }
        }
        let chosen = plan.tally().chosen;
        let changes = plan.changes(self.talk.now().wall, fresh_bytes);
        if changes.is_empty() {
            return self.say("Nothing was added.");
        }
        let name = format!("the import of {}", count_of(chosen, "account"));
        if self.commit(Some(&name), &changes)?.is_some() {
            self.say(format_args!("Imported {}. undo takes them back.", count_of(chosen, "account")))?;
        }
        Ok(())
    }

    /// Finds out what a file is, and reads it, with its password where it has one.
    fn understand(&mut self, bytes: &[u8]) -> Heard<Result<Imported, ImportError>> {
        let file = match File::new(bytes) {
            Ok(file) => file,
            Err(error) => return Ok(Err(error)),
        };
        let Some(format) = exchange::recognize(&file) else { return Ok(Err(ImportError::Unknown)) };
        self.say(format_args!("Format: {}.", format.title()))?;
        let mut read = format.read(&file, None);
        while matches!(read, Err(ImportError::PasswordNeeded | ImportError::WrongPassword)) {
            if read == Err(ImportError::WrongPassword) {
                self.say("Wrong password, or a damaged file. It is the one that was set at export.")?;
            }
            if format.takes_key_file() {
                match self.with_key_file(bytes, format)? {
                    Some(again) => read = again,
                    None => break,
                }
                continue;
            }
            let password = self.talk.ask_hidden("Password of the file, Enter leaves (not shown): ")?;
            if password.is_empty() {
                break;
            }
            read = format.read(&file, Some(&password));
        }
        Ok(read)
    }

    /// Asks for a password and for a key file, each of which may be all that there is, and reads a file with them.
    /// Nothing if neither was given.
    fn with_key_file(
        &mut self,
        bytes: &[u8],
        format: &dyn Importer,
    ) -> Heard<Option<Result<Imported, ImportError>>> {
        let password = self.talk.ask_hidden("Password of the file, Enter if it has none (not shown): ")?;
        let key_file = loop {
            let typed = self.talk.ask("Its key file, Enter if it has none: ")?;
            if typed.is_empty() || is_cancel(&typed) {
                break None;
            }
            let Some(path) = self.path(typed.trim_matches(['"', '\'']))? else { continue };
            match read(&path, MOST_BYTES) {
                Ok((key, _)) => break Some(key),
                Err(failure) => complain(&mut self.talk, &failure)?,
            }
        };
        if password.is_empty() && key_file.is_none() {
            return Ok(None);
        }
        Ok(Some(File::new(bytes).and_then(|file| {
            format.read(&file.with_key_file(key_file.as_ref().map(|key| key.as_slice())), Some(&password))
        })))
    }

    /// Writes accounts into a file, encrypted unless a format without is chosen.
    pub(super) fn export(&mut self, rest: &str) -> Heard<()> {
        if self.vault.accounts().is_empty() {
            return self.say("Nothing to export: there are no accounts.");
        }
        if !self.trusts(AskAgain::ExportPlain, "to export")? {
            return Ok(());
        }
        for (number, format) in (1..).zip(EXPORTERS) {
            let warning = if format.protection() == Protection::Plain { ", not encrypted" } else { "" };
            self.talk.say(format_args!("{number}  {}{warning}", format.title()))?;
        }
        let usual = EXPORTERS.iter().position(|format| format.name() == "twolock").unwrap_or(0);
        let question = format!("Format: number, Enter is {}: ", usual + 1);
        let format = loop {
            let answer = self.talk.ask(&question)?;
            match answer.parse::<usize>() {
                _ if answer.is_empty() => break EXPORTERS[usual],
                _ if is_cancel(&answer) => return Ok(()),
                Ok(number) if (1..=EXPORTERS.len()).contains(&number) => break EXPORTERS[number - 1],
                _ => self.say(format_args!("Type a number from 1 to {}, or cancel.", EXPORTERS.len()))?,
            }
        };
        let accounts: Vec<Account> = self.vault.accounts().to_vec();
        let mut fitting: Vec<&Account> = Vec::new();
        for account in &accounts {
            match format.fits(account) {
                Fit::Whole => fitting.push(account),
                Fit::Without(lost) => {
                    self.say(format_args!("Without {}: {}.", lost.join(" and "), who(account)))?;
                    fitting.push(account);
                }
                Fit::Not(why) => self.say(format_args!(
                    "Left out: {}. {} cannot hold {why}.",
                    who(account),
                    format.title()
                ))?,
            }
        }
        if fitting.is_empty() {
            return self.say("Nothing to export: the format can hold none of the accounts.");
        }
        let typed = match rest {
            "" => self.talk.ask(&format!("File to write, ending in .{}: ", format.extension()))?.to_string(),
            rest => rest.to_owned(),
        };
        if typed.is_empty() || is_cancel(&typed) {
            return self.say("Nothing was written.");
        }
        let Some(path) = self.path(&typed)? else { return Ok(()) };
        let Some(password) = self.protection(format)? else { return self.say("Nothing was written.") };
        let password = Some(password.as_str()).filter(|password| !password.is_empty());
        let mut random = |bytes: &mut [u8]| bytes.fill_with(|| fresh_bytes::<1>()[0]);
        let sealed = format.write(&fitting, password, &mut random);
        let check = |written: &[u8]| verify(format, written, password, &fitting).map_err(io::Error::other);
        if let Err(error) = file::write_new(&path, &sealed, false, check) {
            let failure = match error.kind() {
                io::ErrorKind::AlreadyExists => {
                    Failure::other("there is such a file already; choose another name")
                }
                _ => Failure::file("write", &path, &error),
            };
            return complain(&mut self.talk, &failure);
        }
        let written = count_of(fitting.len(), "account");
        let shown = self.paths.short(&path);
        self.say(format_args!("Wrote {written} to {shown}, read back and compared."))?;
        if format.protection() == Protection::Plain {
            self.say("Warning: it is not encrypted. Move it where it is needed, then delete it.")?;
        }
        Ok(())
    }

    /// Asks for the password of a file, twice, or for the word that a plain one is meant, which has an empty one. Nothing
    /// if nothing is to be written.
    fn protection(&mut self, format: &dyn Exporter) -> Heard<Option<Zeroizing<String>>> {
        if format.protection() == Protection::Plain {
            self.say("Warning: whoever reads this file can make your codes, for ever.")?;
            let answer = self.talk.ask("Type plain to write it all the same: ")?;
            return Ok((answer.as_str() == "plain").then(Zeroizing::default));
        }
        loop {
            let first = self.talk.ask_hidden("New password for the file, Enter leaves (not shown): ")?;
            if first.is_empty() {
                return Ok(None);
            }
            let judged = strength(&first);
            self.say(format_args!("Strength: {}. It {}.", judged.word, judged.guess_time))?;
            let second = self.talk.ask_hidden("The same again (not shown): ")?;
            if *first == *second {
                return Ok(Some(first));
            }
            self.say("Not the same. Both are to be typed again.")?;
        }
    }

    /// Prints a QR code as text. `light` is for a light screen, where what is drawn is dark.
    pub(super) fn print_code(&mut self, issuer: &str, account: &str, otp: &Otp, light: bool) -> Heard<()> {
        let link = Link::write_short(issuer, account, otp);
        let Ok(modules) = draw(&link) else {
            return self.say("Too long for a QR code. Type the key instead.");
        };
        let side = modules.side() + 2 * QUIET;
        // Which squares are drawn: on a dark screen the light ones.
        let drawn = |x: usize, y: usize| {
            let dark = x >= QUIET && y >= QUIET && modules.dark(x - QUIET, y - QUIET);
            y < side && dark == light
        };
        self.say("QR code. Whoever sees it has the secret.")?;
        let step = if self.utf8 { 2 } else { 1 };
        for y in (0..side).step_by(step) {
            let mut row = Zeroizing::new(String::with_capacity(side * 4));
            for x in 0..side {
                row.push_str(match (drawn(x, y), drawn(x, y + 1)) {
                    (true, _) if !self.utf8 => "##",
                    (false, _) if !self.utf8 => "  ",
                    (true, true) => "█",
                    (true, false) => "▀",
                    (false, true) => "▄",
                    (false, false) => " ",
                });
            }
            self.say(row.as_str())?;
        }
        Ok(())
    }
}

/// Chooses exactly the rows of these numbers.
fn choose(plan: &mut Plan, numbers: &str) -> Result<(), String> {
    let mut chosen = Vec::new();
    for number in numbers.split([' ', ',']).filter(|number| !number.is_empty()) {
        let row = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        match row.filter(|row| *row < plan.rows.len()) {
            Some(row) if plan.rows[row].can_be_chosen() => chosen.push(row),
            Some(_) => return Err(format!("{number} is here already. Type y, n or other numbers.")),
            None => return Err(format!("Type y, n, or numbers from 1 to {}.", plan.rows.len())),
        }
    }
    for (index, row) in plan.rows.iter_mut().enumerate() {
        row.chosen = chosen.contains(&index);
    }
    Ok(())
}
