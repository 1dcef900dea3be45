//! Runs this program in the background: started as a child that says one line when it is ready, and then lets go of the
//! terminal, so that it outlives it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/// The most bytes of the line.
const MOST_BYTES: u64 = 64 << 10;

/// Starts this program with `input` on its standard input, which may be a secret, and waits for its line. Its words go
/// where ours go.
pub fn start(arguments: &[OsString], input: Option<&[u8]>) -> io::Result<String> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(arguments)
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::inherit() })
        .stdout(Stdio::piped())
        .spawn()?;
    if let (Some(mut pipe), Some(input)) = (child.stdin.take(), input) {
        match pipe.write_all(input) {
            // It ended early, and its line says why.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    let mut line = String::new();
    if let Some(pipe) = child.stdout.take() {
        BufReader::new(pipe.take(MOST_BYTES)).read_line(&mut line)?;
    }
    if line.is_empty() {
        child.wait()?;
        return Err(io::Error::other("it ended without a word"));
    }
    Ok(line)
}

/// Lets go of the terminal, of the three streams and of the directory.
pub fn detach() -> io::Result<()> {
    rustix::process::setsid()?;
    rustix::process::chdir("/")?;
    let (read, write) = (File::open("/dev/null")?, nothing()?);
    rustix::stdio::dup2_stdin(read)?;
    rustix::stdio::dup2_stdout(&write)?;
    rustix::stdio::dup2_stderr(&write)?;
    Ok(())
}

fn nothing() -> io::Result<File> {
    #[expect(clippy::disallowed_methods, reason = "a device, not a file that could be lost")]
    std::fs::OpenOptions::new().write(true).open("/dev/null")
}

/// Returns what has something to read once a signal came that ends a program, and its other end, to ring by hand.
pub fn endings() -> io::Result<(UnixStream, UnixStream)> {
    let (here, there) = UnixStream::pair()?;
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
        signal_hook::low_level::pipe::register(signal, there.try_clone()?)?;
    }
    Ok((here, there))
}
