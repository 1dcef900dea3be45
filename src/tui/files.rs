//! The files that the UI reads and writes beside the vault: what other authenticators wrote, pictures, exports.
//!
//! Each runs on a thread of its own, for a key derivation or a large picture takes its time.

use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::effect::Export;
use super::event::{Read, Unread};
use crate::display::visible;
use crate::exchange::picture::{self, read_codes};
use crate::exchange::{self, ImportError, MOST_BYTES};
use crate::failure::Failure;
use crate::system::file;
use crate::vault::{Account, Passphrase, fresh_bytes};

/// A source whose path is known in full.
pub enum Content {
    /// The bytes themselves.
    Bytes(Zeroizing<Vec<u8>>),
    /// A file.
    File(PathBuf),
}

impl Content {
    /// Returns the bytes, unless there are more than `most`.
    fn bytes(self, most: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let path = match self {
            Self::Bytes(bytes) => return Ok(bytes),
            Self::File(path) => path,
        };
        // Looked at before it is opened: opening a pipe would wait for somebody to write into it.
        let read = std::fs::metadata(&path).and_then(|about| {
            if about.is_file() || about.is_dir() {
                file::read(&path, most)
            } else {
                Err(io::Error::other("it is not a file"))
            }
        });
        read.map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge => {
                Failure::other(format!("the file is too large: more than {} MiB", most >> 20))
            }
            _ => Failure::file("read", &path, &error),
        })
    }
}

/// Returns the texts of the QR codes in a picture.
pub fn read_picture(content: Content) -> Result<Vec<Zeroizing<String>>, Failure> {
    Ok(read_codes(&content.bytes(picture::MOST_BYTES)?)?)
}

/// Reads what another authenticator wrote.
pub fn import(content: Result<Content, Failure>, password: Option<&Passphrase>) -> Result<Read, Unread> {
    let failed = |error: ImportError| Unread::Failed(error.into());
    let bytes = content.and_then(|content| content.bytes(MOST_BYTES)).map_err(Unread::Failed)?;
    let file = exchange::File::new(&bytes).map_err(failed)?;
    let format = exchange::recognize(&file).ok_or(ImportError::Unknown).map_err(failed)?;
    let title = format.title();
    match format.read(&file, password.map(Passphrase::reveal)) {
        Ok(imported) => Ok(Read { title, imported }),
        Err(ImportError::PasswordNeeded) => Err(Unread::Password { title, wrong: false }),
        Err(ImportError::WrongPassword) if password.is_some() => Err(Unread::Password { title, wrong: true }),
        Err(error) => Err(failed(error)),
    }
}

/// Writes an export; returns its place.
pub fn export(export: &Export, to: PathBuf) -> Result<PathBuf, Failure> {
    let accounts: Vec<&Account> = export.accounts.iter().collect();
    let format = exchange::EXPORTERS.iter().find(|format| format.name() == export.format);
    let format = format.ok_or_else(|| Failure::from(ImportError::Unknown))?;
    let password = export.password.as_ref().map(Passphrase::reveal);
    let sealed = if export.recipients.is_empty() {
        let mut random = |bytes: &mut [u8]| bytes.fill_with(|| fresh_bytes::<1>()[0]);
        format.write(&accounts, password, &mut random)
    } else {
        exchange::write_for(&accounts, &export.recipients)
            .ok_or_else(|| Failure::usage("one of the recipients is no age key"))?
    };
    let check = |written: &[u8]| {
        if !export.recipients.is_empty() {
            return Ok(());
        }
        exchange::verify(*format, written, password, &accounts).map_err(io::Error::other)
    };
    file::write_new(&to, &sealed, false, check).map_err(|error| unwritten(&to, &error))?;
    Ok(to)
}

/// Saves the QR code of a link as PNG; returns its place.
pub fn save_picture(to: PathBuf, link: &str) -> Result<PathBuf, Failure> {
    let check = |written: &[u8]| match read_codes(written) {
        Ok(codes) if codes.iter().any(|code| code.as_str() == link) => Ok(()),
        _ => Err(io::Error::other("the picture cannot be read back")),
    };
    file::write_new(&to, &picture::png(&picture::draw(link)?), false, check)
        .map_err(|error| unwritten(&to, &error))?;
    Ok(to)
}

fn unwritten(to: &Path, error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::AlreadyExists {
        return Failure::other(format!("\"{}\" is there already", visible(&to.to_string_lossy())));
    }
    Failure::file("write", to, error)
}
