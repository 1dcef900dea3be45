//! Asks through a program of the user's, as ssh does with `SSH_ASKPASS`: its argument is the question, the first line
//! that it writes is the answer. The question must never hold a secret.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use super::environment::ASKPASS;
use super::prompt::{PromptError, first_line};

/// Returns what the program answers. It takes as long as the person does.
pub fn ask(program: &Path, question: &str) -> Result<Zeroizing<String>, PromptError> {
    let name = program.to_string_lossy().into_owned();
    let failed = |why: String| PromptError::Askpass { program: name.clone(), why };
    // Its own variable is taken away, for a program that calls twolock would be called by it again, for ever.
    let mut child = Command::new(program)
        .arg(question)
        .env_remove(ASKPASS)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.kind().to_string()))?;
    let answer = child.stdout.take().map(|pipe| {
        let mut pipe = File::from(OwnedFd::from(pipe));
        let line = first_line(&mut pipe, &name);
        // A pipe that closes while more comes would end the program by a signal, and its answer would not count.
        forget(pipe).map_err(|error| failed(error.kind().to_string()))?;
        line
    });
    let status = child.wait().map_err(|error| failed(error.kind().to_string()))?;
    if !status.success() {
        return Err(failed(
            status.code().map_or("it was ended".to_owned(), |code| format!("it ended with status {code}")),
        ));
    }
    answer.unwrap_or_else(|| Err(failed("it has no output".to_owned())))
}

/// Reads to the end, and leaves nothing of it in memory.
fn forget(mut pipe: File) -> io::Result<()> {
    let mut chunk = Zeroizing::new([0; 4096]);
    loop {
        match pipe.read(&mut *chunk) {
            Ok(0) => return Ok(()),
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// Another process writes it: a descriptor of ours could be held a moment longer by a child of another thread, and no
    /// system runs a file that is open for writing.
    fn script(text: &str) -> tempfile::TempPath {
        let path = tempfile::NamedTempFile::new().expect("a place for temporary files").into_temp_path();
        let mut shell = Command::new("sh")
            .args(["-c", "cat > \"$0\" && chmod 700 \"$0\""])
            .arg(&path)
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell is everywhere");
        shell.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
        assert!(shell.wait().expect("it ends").success());
        path
    }

    #[test]
    fn the_first_line_is_the_answer_and_a_failure_is_none() {
        let program = script("#!/bin/sh\necho \"$1, $TWOLOCK_ASKPASS\"\necho more\n");
        assert_eq!(ask(&program, "Passphrase").expect("it answers").as_str(), "Passphrase, ");
        // More than a pipe holds, from a program that a closed pipe would end.
        let program = script("#!/bin/sh\necho first\nhead -c 200000 /dev/zero || exit 1\necho last\n");
        assert_eq!(ask(&program, "Passphrase").expect("it answers").as_str(), "first");
        let program = script("#!/bin/sh\necho secret\nexit 3\n");
        let error = ask(&program, "Passphrase").expect_err("it fails").to_string();
        assert!(error.ends_with("gave no passphrase: it ended with status 3"), "{error}");
        let error = ask(Path::new("/nonexistent/ask"), "").expect_err("there is none");
        assert_eq!(error.to_string(), "\"/nonexistent/ask\" gave no passphrase: entity not found");
    }
}
