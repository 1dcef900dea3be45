//! Zip archives, read within bounds and without touching the disk.
//!
//! A zip says of itself how many files it holds and how large they are, and may lie in both: the count is checked
//! on the signatures that are really there, before the directory is read, and sizes are checked as the file says
//! them and again as the bytes come out. All that one archive gives together is bounded too, so that entries that
//! share one compressed block gain nothing. Encryption is `WinZip`'s AES or the old `ZipCrypto`; the latter has no
//! check worth the name, so a wrong password may show only in what comes out.

use std::io::{Cursor, ErrorKind, Read};

use zeroize::Zeroizing;
use zip::ZipArchive;
use zip::result::ZipError;

use super::cipher::Bytes;
use crate::exchange::entry::ImportError;

/// The most files in an archive.
const MOST_MEMBERS: usize = 1000;

/// The most bytes that come out of an archive, all reading together.
const MOST_BYTES: u64 = 64 << 20;

/// Up to here a file may be packed as tightly as it likes.
const FREE_BYTES: u64 = 1 << 20;

/// How much larger than its packed self a file may be beyond that. Lists of accounts shrink to a tenth.
const MOST_RATIO: u64 = 200;

/// What the directory of an archive begins each of its lines with.
const DIRECTORY_LINE: &[u8] = b"PK\x01\x02";

/// An archive whose directory has been read.
pub(in crate::exchange) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
    left: u64,
}

impl<'a> Archive<'a> {
    /// Reads the directory.
    pub(in crate::exchange) fn open(bytes: &'a [u8]) -> Result<Self, ImportError> {
        if !bytes.starts_with(b"PK") {
            return Err(damaged());
        }
        if memchr::memmem::find_iter(bytes, DIRECTORY_LINE).nth(MOST_MEMBERS).is_some() {
            return Err(ImportError::TooLarge("an archive of more than 1000 files"));
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
        let names = zip
            .file_names()
            .map(|name| name.map(|name| name.replace('\\', "/")).unwrap_or_default())
            .take(MOST_MEMBERS)
            .collect();
        Ok(Self { zip, names, left: MOST_BYTES })
    }

    /// Returns the names of the files, with `/` between folders, in the order of the directory. A name that cannot
    /// be read is empty.
    pub(in crate::exchange) fn names(&self) -> &[String] {
        &self.names
    }

    /// Reads the first file whose name is one of those wanted. `password` is looked at only if it is encrypted.
    pub(in crate::exchange) fn read(
        &mut self,
        wanted: impl Fn(&str) -> bool,
        password: Option<&str>,
    ) -> Result<Bytes, ImportError> {
        let index = self.names.iter().position(|name| wanted(name)).ok_or_else(|| {
            ImportError::Damaged("the archive does not hold the file that belongs in it".to_owned())
        })?;
        let entry = self.zip.by_index_data(index).map_err(|_| damaged())?;
        let (encrypted, packed, declared) = (entry.encrypted(), entry.compressed_size(), entry.size());
        self.bounded(packed, declared)?;
        if encrypted && password.is_none() {
            return Err(ImportError::PasswordNeeded);
        }
        let opened = match password {
            Some(password) if encrypted => self.zip.by_index_decrypt(index, password.as_bytes()),
            _ => self.zip.by_index(index),
        };
        // One byte more than was declared, so that a lie shows. Room for all of it: a buffer that grows leaves copies.
        let room = usize::try_from(declared).map_err(|_| too_large())?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(room.saturating_add(1)));
        let read = opened.map_err(|error| unopened(&error, encrypted))?;
        let mut read = read.take(declared.saturating_add(1));
        match read.read_to_end(&mut bytes) {
            Ok(_) if bytes.len() > room => Err(too_large()),
            Ok(_) => {
                self.left = self.left.saturating_sub(declared);
                Ok(bytes)
            }
            // A check that fails under a password means the password, nearly always.
            Err(_) if encrypted => Err(ImportError::WrongPassword),
            Err(error) if error.kind() == ErrorKind::OutOfMemory => Err(too_large()),
            Err(_) => Err(damaged()),
        }
    }

    fn bounded(&self, packed: u64, declared: u64) -> Result<(), ImportError> {
        let tight = declared > FREE_BYTES && declared / MOST_RATIO > packed;
        if declared > self.left || tight { Err(too_large()) } else { Ok(()) }
    }
}

/// Returns the names in an archive, or none if it is no archive that would be read.
pub(in crate::exchange) fn names(bytes: &[u8]) -> Vec<String> {
    Archive::open(bytes).map(|archive| archive.names).unwrap_or_default()
}

fn damaged() -> ImportError {
    ImportError::Damaged("it is no zip archive that can be read".to_owned())
}

fn too_large() -> ImportError {
    ImportError::TooLarge("a file in the archive unpacks to far more than there can be in it")
}

fn unopened(error: &ZipError, encrypted: bool) -> ImportError {
    match error {
        ZipError::InvalidPassword => ImportError::WrongPassword,
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => ImportError::PasswordNeeded,
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => {
            ImportError::Restricted(
                "this archive is packed in a way that is not known here; unpack it, and import what is in it",
            )
        }
        ZipError::Io(_) if encrypted => ImportError::WrongPassword,
        _ => damaged(),
    }
}

#[cfg(test)]
pub(in crate::exchange) mod tests {
    use std::io::Write;

    use zip::unstable::write::FileOptionsExt;
    use zip::write::{FileOptions, SimpleFileOptions};
    use zip::{AesMode, CompressionMethod, ZipWriter};

    use super::*;

    /// Packs files; the last of the tuple is the password, in clear where there is none.
    pub(in crate::exchange) fn packed(files: &[(&str, &[u8])], password: Option<&str>) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
            match password {
                Some(password) => {
                    zip.start_file(*name, options.with_aes_encryption(AesMode::Aes256, password)).unwrap();
                }
                None => zip.start_file(*name, options).unwrap(),
            }
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn old_cipher(name: &str, bytes: &[u8], password: &str) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options: FileOptions<'_, '_, ()> =
            FileOptions::default().with_deprecated_encryption(password.as_bytes()).unwrap();
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes).unwrap();
        zip.finish().unwrap().into_inner()
    }

    fn read(bytes: &[u8], name: &str, password: Option<&str>) -> Result<Vec<u8>, ImportError> {
        Archive::open(bytes)?.read(|found| found == name, password).map(|bytes| bytes.to_vec())
    }

    #[test]
    fn files_are_read_by_name() {
        let bytes = packed(&[("a.txt", b"A"), ("b/c.txt", b"C")], None);
        assert_eq!(Archive::open(&bytes).unwrap().names(), ["a.txt", "b/c.txt"]);
        assert_eq!(read(&bytes, "b/c.txt", None).unwrap(), b"C");
        assert_eq!(read(&bytes, "b/c.txt", Some("not needed")).unwrap(), b"C");
        assert!(matches!(read(&bytes, "x", None), Err(ImportError::Damaged(_))));
    }

    #[test]
    fn passwords_are_asked_for_and_checked() {
        let text = b"otpauth://totp/a?secret=MFRGG ".repeat(20);
        for bytes in [packed(&[("a", &text)], Some("correct horse")), old_cipher("a", &text, "correct horse")]
        {
            assert_eq!(read(&bytes, "a", None), Err(ImportError::PasswordNeeded));
            assert_eq!(read(&bytes, "a", Some("correct horse")).unwrap(), text);
            for wrong in 0..600 {
                let password = format!("wrong {wrong}");
                assert_eq!(read(&bytes, "a", Some(&password)), Err(ImportError::WrongPassword), "{wrong}");
                if bytes[6] & 1 == 1 && bytes[8] == 99 && wrong > 4 {
                    break;
                }
            }
        }
    }

    #[test]
    fn bombs_do_not_go_off() {
        let bomb = packed(&[("a", &vec![0; 80 << 20])], None);
        assert!(bomb.len() < 1 << 20);
        assert!(matches!(read(&bomb, "a", None), Err(ImportError::TooLarge(_))));
        let tight = packed(&[("a", &vec![0; 32 << 20])], None);
        assert!(matches!(read(&tight, "a", None), Err(ImportError::TooLarge(_))));
        let many: Vec<String> = (0..1001).map(|number| number.to_string()).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
        assert!(matches!(Archive::open(&packed(&many, None)), Err(ImportError::TooLarge(_))));
        assert!(Archive::open(&packed(&many[1..], None)).is_ok());
    }

    #[test]
    fn a_size_that_is_a_lie_is_found_out() {
        let mut bytes = packed(&[("a", &[b'x'; 5000])], None);
        let line = memchr::memmem::rfind(&bytes, DIRECTORY_LINE).unwrap();
        bytes[line + 24..line + 28].copy_from_slice(&10_u32.to_le_bytes());
        assert!(read(&bytes, "a", None).is_err());
    }

    #[test]
    fn what_is_cut_off_or_garbled_is_refused() {
        let bytes = packed(&[("a", &[b'x'; 500])], None);
        for length in 0..bytes.len() {
            assert!(read(&bytes[..length], "a", None).is_err(), "{length}");
        }
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x55;
            drop(read(&bytes, "a", None));
        }
        assert!(names(b"PK\x03\x04").is_empty() && names(b"{}").is_empty());
    }
}
