//! Runs another program for a short moment. A secret goes in by standard input, never by an argument, and a
//! program that hangs is ended.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use thiserror::Error;
use zeroize::Zeroizing;

use super::clock::since_boot;

/// How long a helper may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// The most that a helper may answer.
const MOST_ANSWERED: usize = 256 * 1024;

/// Why a program did not do its work.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub(super) enum RunError {
    #[error("it ended with status {0}")]
    Failed(i32),
    #[error("it was ended by a signal")]
    Killed,
    #[error("{}", reason(*.0))]
    NotRun(io::ErrorKind),
    #[error("it did not finish within {} seconds", PATIENCE.as_secs())]
    TooSlow,
}

fn reason(kind: io::ErrorKind) -> String {
    match kind {
        io::ErrorKind::NotFound => "it is not installed".to_owned(),
        kind => format!("{kind}"),
    }
}

/// Runs a program with `input`, and returns what it wrote if `answers`. Programs that stay behind to serve a
/// clipboard keep their output open, so it is only waited for where an answer is wanted.
pub(super) fn run(
    program: &str,
    arguments: &[&str],
    input: &[u8],
    answers: bool,
) -> Result<Zeroizing<Vec<u8>>, RunError> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(if answers { Stdio::piped() } else { Stdio::null() })
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| RunError::NotRun(error.kind()))?;
    let deadline = since_boot() + PATIENCE;
    let answer = feed(&mut child, input)
        .and_then(|()| if answers { listen(&mut child, deadline) } else { Ok(Zeroizing::default()) });
    match (finish(&mut child, deadline), answer) {
        (Ok(status), Ok(answer)) if status.success() => Ok(answer),
        (Ok(status), Ok(_)) => Err(status.code().map_or(RunError::Killed, RunError::Failed)),
        // A program that fails does not read its input: how it ended says more than the broken pipe.
        (Ok(status), Err(_)) if status.code().is_some_and(|code| code != 0) => {
            Err(status.code().map_or(RunError::Killed, RunError::Failed))
        }
        (Ok(_), Err(error)) | (Err(error), _) => Err(error),
    }
}

/// Writes the input, which is a code and so fits any pipe, and closes it.
fn feed(child: &mut Child, input: &[u8]) -> Result<(), RunError> {
    let Some(mut pipe) = child.stdin.take() else {
        return Ok(());
    };
    if input.is_empty() {
        return Ok(());
    }
    pipe.write_all(input).map_err(|error| RunError::NotRun(error.kind()))
}

fn listen(child: &mut Child, deadline: Duration) -> Result<Zeroizing<Vec<u8>>, RunError> {
    let mut answer = Zeroizing::new(Vec::with_capacity(MOST_ANSWERED));
    let Some(mut pipe) = child.stdout.take() else {
        return Ok(answer);
    };
    let mut chunk = Zeroizing::new([0; 4096]);
    loop {
        let left = deadline.saturating_sub(since_boot());
        let left = Timespec::try_from(left).map_err(|_| RunError::TooSlow)?;
        let ready = poll(&mut [PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::IN)], Some(&left));
        match ready {
            Ok(0) => return Err(RunError::TooSlow),
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(RunError::NotRun(error.kind())),
        }
        match pipe.read(&mut *chunk) {
            Ok(0) => return Ok(answer),
            Ok(read) => {
                let room = MOST_ANSWERED - answer.len();
                answer.extend_from_slice(&chunk[..read.min(room)]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(RunError::NotRun(error.kind())),
        }
    }
}

/// Waits for the end, and makes it when time is up. Either way no zombie is left.
fn finish(child: &mut Child, deadline: Duration) -> Result<ExitStatus, RunError> {
    let mut pause = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if since_boot() < deadline => {
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(20));
            }
            Ok(None) => break,
            Err(error) => return Err(RunError::NotRun(error.kind())),
        }
    }
    child.kill().and_then(|()| child.wait()).map_err(|error| RunError::NotRun(error.kind()))?;
    Err(RunError::TooSlow)
}

#[cfg(test)]
mod tests {
    use super::{RunError, run};

    #[test]
    fn input_goes_in_and_the_answer_comes_back() {
        let answer = run("cat", &[], b"492039", true).expect("cat is everywhere");
        assert_eq!(answer.as_slice(), b"492039");
    }

    #[test]
    fn an_answer_is_capped() {
        let answer = run("head", &["-c", "1000000", "/dev/zero"], b"", true).expect("head is everywhere");
        assert_eq!(answer.len(), super::MOST_ANSWERED);
    }

    #[test]
    fn failure_and_absence_are_told_apart() {
        assert_eq!(run("false", &[], b"", false).err(), Some(RunError::Failed(1)));
        let missing = run("twolock-no-such-program", &[], b"", false).err();
        assert_eq!(missing.map(|error| error.to_string()).as_deref(), Some("it is not installed"));
    }
}
