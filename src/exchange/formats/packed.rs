//! Zip and gzip files around files of the other formats: what people send, and what a mail program makes of it.
//!
//! Zip archives that an app writes itself are known by that app. Here each file in the archive is looked at like one
//! that came alone; archives in archives are not. One password opens the archive and what is in it.

use std::io::Read;

use zeroize::Zeroizing;

use crate::exchange::encodings::archive::Archive;
use crate::exchange::{File, ImportError, Imported, Importer, Likeness, MOST_BYTES, recognize};

/// What a gzip file begins with.
const GZIP: &[u8] = b"\x1f\x8b";

/// The most files in an archive: each may ask for a derivation of its key.
const MOST_MEMBERS: usize = 100;

/// How much larger than its packed self a file may be, beyond a mebibyte.
const MOST_RATIO: usize = 200;

pub(super) struct Packed;

impl Importer for Packed {
    fn name(&self) -> &'static str {
        "archive"
    }

    fn title(&self) -> &'static str {
        "zip or gzip archive"
    }

    fn source(&self) -> &'static str {
        "a .zip or .gz file with files of the other formats in it"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let is_packed = file.begins(GZIP) || file.members().iter().any(|name| is_wanted(name));
        if is_packed { Likeness::Perhaps } else { Likeness::No }
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        if file.begins(GZIP) {
            return read_inner(&unpack(file.bytes())?, password);
        }
        let mut archive = Archive::open(file.bytes())?;
        let names: Vec<String> = archive.names().iter().filter(|name| is_wanted(name)).cloned().collect();
        if names.len() > MOST_MEMBERS {
            return Err(ImportError::TooLarge("an archive of more than 100 files"));
        }
        let mut all = Imported::default();
        let (mut read, mut others) = (0, 0);
        let mut reason = ImportError::Unknown;
        for name in &names {
            if all.leaves_the_rest() {
                break;
            }
            let bytes = archive.read(|found| found == name, password)?;
            match read_inner(&bytes, password) {
                Ok(imported) if read == 0 => (all, read) = (imported, 1),
                Ok(imported) => {
                    all.append(imported);
                    read += 1;
                }
                Err(error @ (ImportError::PasswordNeeded | ImportError::WrongPassword)) => return Err(error),
                Err(error) => {
                    others += 1;
                    if reason == ImportError::Unknown {
                        reason = error;
                    }
                }
            }
        }
        if read == 0 {
            return Err(reason);
        }
        all.count(others, "file in the archive was left out", "files in the archive were left out");
        Ok(all)
    }
}

/// Says whether a file in an archive is looked at: not folders, and not what macOS puts beside each file.
fn is_wanted(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    !last.is_empty() && !last.starts_with('.') && !name.starts_with("__MACOSX/")
}

fn read_inner(bytes: &[u8], password: Option<&str>) -> Result<Imported, ImportError> {
    let file = File::new(bytes)?;
    // WinAuth's own archive is packed around any text.
    let format = recognize(&file).filter(|format| {
        format.name() != Packed.name() && !(file.begins(b"PK") && format.name() == "winauth")
    });
    format.ok_or(ImportError::Unknown)?.read(&file, password)
}

fn unpack(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let room = bytes.len().saturating_mul(MOST_RATIO).saturating_add(1 << 20).min(MOST_BYTES);
    let mut plain = Zeroizing::new(Vec::new());
    let limit = u64::try_from(room).unwrap_or(u64::MAX).saturating_add(1);
    flate2::read::MultiGzDecoder::new(bytes)
        .take(limit)
        .read_to_end(&mut plain)
        .map_err(|_| ImportError::Damaged("it is no gzip file that can be unpacked".to_owned()))?;
    if plain.len() > room {
        return Err(ImportError::TooLarge("it unpacks to far more than there can be in it"));
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::exchange::encodings::archive::tests::packed;
    use crate::exchange::entry::MOST_ENTRIES;

    const LINK: &[u8] = b"otpauth://totp/A:b?secret=MFRGG\n";
    const AEGIS: &[u8] = br#"{"version":1,"header":{"slots":null,"params":null},"db":{"version":2,"entries":[{"type":"totp","name":"c","issuer":"C","info":{"secret":"MFRGG","algo":"SHA1","digits":6,"period":30}}]}}"#;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn read(bytes: &[u8], password: Option<&str>) -> Result<Imported, ImportError> {
        let file = File::new(bytes).unwrap();
        recognize(&file).ok_or(ImportError::Unknown)?.read(&file, password)
    }

    #[test]
    fn what_is_packed_is_read_as_if_it_were_not() {
        for plain in [LINK, AEGIS] {
            assert_eq!(read(&gzip(plain), None).unwrap().entries.len(), 1);
            assert_eq!(read(&packed(&[("x.bin", plain)], None), None).unwrap().entries.len(), 1);
            // WinAuth's own archive has one text in it.
            assert_eq!(read(&packed(&[("x.txt", plain)], None), None).unwrap().entries.len(), 1);
        }
    }

    #[test]
    fn an_archive_may_hold_several_and_other_things() {
        let files = [
            ("a/", b"".as_slice()),
            ("a/links.txt", LINK),
            ("aegis.json", AEGIS),
            ("readme.md", b"hello"),
            ("__MACOSX/._aegis.json", b"\0\x05"),
        ];
        let imported = read(&packed(&files, None), None).unwrap();
        assert_eq!(imported.entries.len(), 2);
        assert_eq!(imported.notes, ["1 file in the archive was left out"]);
        assert_eq!((imported.entries[0].file, imported.entries[1].file), (0, 1));
    }

    #[test]
    fn all_its_files_together_give_only_so_many_entries() {
        let many = format!("[{}{{\"label\":1,\"secret\":1,\"type\":1}}]", "{},".repeat(MOST_ENTRIES * 3 / 4));
        let many = many.replacen("{}", "{\"label\":1,\"secret\":1,\"type\":1,\"digits\":6}", 1);
        let names: Vec<String> = (0..9).map(|number| format!("{number}.json")).collect();
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), many.as_bytes())).collect();
        let imported = read(&packed(&files, None), None).unwrap();
        assert!(imported.entries.len() + imported.refused.len() < 2 * MOST_ENTRIES);
        assert_eq!(
            imported.notes,
            ["the file has more than 100,000 entries, of which the rest was left out"]
        );
    }

    #[test]
    fn its_password_is_asked_for() {
        let zip = packed(&[("a.json", AEGIS), ("b.txt", LINK)], Some("correct horse"));
        assert_eq!(read(&zip, None), Err(ImportError::PasswordNeeded));
        assert_eq!(read(&zip, Some("wrong")), Err(ImportError::WrongPassword));
        assert_eq!(read(&zip, Some("correct horse")).unwrap().entries.len(), 2);
    }

    #[test]
    fn packing_twice_and_bombs_are_refused() {
        assert_eq!(read(&gzip(&gzip(LINK)), None), Err(ImportError::Unknown));
        let bomb = gzip(&vec![0; 40 << 20]);
        assert!(matches!(read(&bomb, None), Err(ImportError::TooLarge(_))));
        assert!(matches!(read(&gzip(LINK)[..20], None), Err(ImportError::Damaged(_))));
        assert_eq!(read(&packed(&[("a.json", b"[1]")], None), None), Err(ImportError::Unknown));
    }
}
