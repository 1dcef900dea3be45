//! The program in an empty home, run as a person or a script runs it; what it writes and its exit code are
//! compared whole.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_twolock");
/// The passphrase of every vault in a sandbox.
pub(crate) const PASSPHRASE: &str = "correct horse battery staple";
/// A key as sites hand it out.
pub(crate) const KEY: &str = "JBSWY3DPEHPK3PXP";
/// The key of the test vectors of RFC 4226.
pub(crate) const RFC_KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// What a build that measures coverage is told: where to count. Without it the program would count in its working folder.
#[expect(clippy::disallowed_methods, reason = "it is about the test, not about the program")]
pub(crate) fn counted() -> impl Iterator<Item = (&'static str, OsString)> {
    std::iter::once("LLVM_PROFILE_FILE").filter_map(|name| Some((name, std::env::var_os(name)?)))
}

/// An empty home, and the variables that lead into it.
pub(crate) struct Sandbox {
    home: TempDir,
}

/// A call that is being made ready.
pub(crate) struct Call {
    command: Command,
    home: PathBuf,
    input: Vec<u8>,
    stdout: Option<Stdio>,
}

/// What came of a call.
#[derive(Debug)]
#[must_use]
pub(crate) struct Answer {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl Sandbox {
    /// Returns a home with nothing in it but a file with the passphrase.
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        for name in ["run", "tmp"] {
            fs::create_dir(home.path().join(name)).unwrap();
        }
        let sandbox = Self { home };
        sandbox.write("passphrase", format!("{PASSPHRASE}\n"));
        sandbox
    }

    /// Returns a home with an empty vault.
    pub(crate) fn with_vault() -> Self {
        let sandbox = Self::new();
        let answer = sandbox.run(&["init", "--work-factor", "10", "--quiet"]).answer();
        answer.is(0, &format!("{}\n", sandbox.path("data/twolock").display()), "");
        sandbox
    }

    /// Adds an account with a key, and returns its id.
    pub(crate) fn add(&self, arguments: &[&str], input: &str) -> String {
        let answer = self.run(&[&["add"], arguments].concat()).stdin(input).answer();
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        answer.stdout.trim_end().to_owned()
    }

    /// Returns a path in the home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes a file in the home.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        let mut file = fs::OpenOptions::new();
        #[expect(clippy::disallowed_methods, reason = "the sandbox is no vault")]
        file.write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .unwrap()
            .write_all(content.as_ref())
            .unwrap();
        path
    }

    /// Writes a program in the home, for its owner to run. Another process writes it: a descriptor of ours that is open for
    /// writing could be held a moment longer by a child of another thread, and no system runs a file that is being written.
    pub(crate) fn program(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        let mut shell = Command::new("sh")
            .args(["-c", "umask 077 && cat > \"$0\" && chmod 700 \"$0\""])
            .arg(&path)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        shell.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(shell.wait().unwrap().success());
        path
    }

    /// Returns a call with these arguments. Its standard input is empty, and it may ask nobody.
    pub(crate) fn run(&self, arguments: &[&str]) -> Call {
        self.call(Command::new(PROGRAM), arguments)
    }

    /// Returns a call that may ask, but has no terminal to ask on.
    pub(crate) fn run_alone(&self, arguments: &[&str]) -> Call {
        let mut command = Command::new("/usr/bin/setsid");
        command.args(["--wait", PROGRAM]);
        self.made(command, arguments)
    }

    /// Returns a call that may take so many MiB of address space and so many seconds of the processor; whoever takes
    /// more gets no memory, and is killed.
    pub(crate) fn run_within(&self, mebibytes: u32, seconds: u32, arguments: &[&str]) -> Call {
        let mut shell = Command::new("/bin/sh");
        let limits = format!("ulimit -v {}; ulimit -t {seconds}; exec \"$0\" \"$@\"", mebibytes * 1024);
        shell.args(["-c", &limits, PROGRAM]);
        self.call(shell, arguments)
    }

    /// Returns a call that gets so many KiB of address space and no more, perhaps too few to be loaded.
    pub(crate) fn run_tight(&self, kibibytes: u32, arguments: &[&str]) -> Call {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("ulimit -v {kibibytes}; exec \"$0\" \"$@\""), PROGRAM]);
        self.call(shell, arguments)
    }

    /// Returns a call of the plain line mode, at a moment, that is told the passphrase by a line.
    pub(crate) fn talk(&self, at: i64, arguments: &[&str]) -> Call {
        self.talk_now(&[&["--at", &at.to_string()], arguments].concat())
    }

    /// The same, at the time that it is.
    pub(crate) fn talk_now(&self, arguments: &[&str]) -> Call {
        let mut call = self.made(Command::new(PROGRAM), &[&["--plain"], arguments].concat());
        call.command.env_remove("TWOLOCK_PASSPHRASE_FILE");
        call
    }

    /// The same, chosen by a variable.
    pub(crate) fn talk_by(&self, name: &str, value: &str) -> Call {
        let mut call = self.made(Command::new(PROGRAM), &[]);
        call.command.env_remove("TWOLOCK_PASSPHRASE_FILE").env(name, value);
        call
    }

    /// Runs a line of shell in which `twolock` is the program under test, and returns all that was said.
    pub(crate) fn shell(&self, line: &str) -> String {
        let mut command = Command::new("/bin/sh");
        let folder = Path::new(PROGRAM).parent().unwrap();
        self.surround(&mut command);
        command.args(["-c", &format!("exec 2>&1; {line}")]);
        command.env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
        let output = command.stdin(Stdio::null()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().replace(&*self.home.path().to_string_lossy(), "HOME")
    }

    fn call(&self, mut command: Command, arguments: &[&str]) -> Call {
        command.arg("--no-input");
        self.made(command, arguments)
    }

    fn made(&self, mut command: Command, arguments: &[&str]) -> Call {
        command.args(arguments);
        self.surround(&mut command);
        Call { command, home: self.home.path().to_owned(), input: Vec::new(), stdout: None }
    }

    /// Leads into the home, and hides everything else.
    fn surround(&self, command: &mut Command) {
        command.env_clear().envs(counted()).current_dir(self.home.path());
        command
            .env("PATH", "/nonexistent")
            .env("LANG", "C.UTF-8")
            .env("TERM", "xterm-256color")
            .env("TZ", "UTC");
        for (name, place) in [
            ("HOME", ""),
            ("TMPDIR", "tmp"),
            ("TWOLOCK_PASSPHRASE_FILE", "passphrase"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_RUNTIME_DIR", "run"),
            ("XDG_STATE_HOME", "state"),
        ] {
            command.env(name, self.home.path().join(place));
        }
    }
}

impl Call {
    /// Gives it this on standard input.
    pub(crate) fn stdin(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Sets a variable, or removes it.
    pub(crate) fn env(mut self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.command.env(name, value),
            None => self.command.env_remove(name),
        };
        self
    }

    /// Sends standard output somewhere else; the answer then has none.
    pub(crate) fn stdout(mut self, to: impl Into<Stdio>) -> Self {
        self.stdout = Some(to.into());
        self
    }

    /// Starts it with pipes on all three ends, for a test that talks and listens by turns.
    pub(crate) fn start(mut self) -> Child {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Makes the call, and waits for what comes of it. The home is written as `HOME` in it.
    pub(crate) fn answer(mut self) -> Answer {
        let stdout = self.stdout.take().unwrap_or_else(Stdio::piped);
        let mut child =
            self.command.stdin(Stdio::piped()).stdout(stdout).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = std::mem::take(&mut self.input);
        // A program that refuses early does not read; that is no failure of the test.
        let written = stdin.write_all(&input);
        assert!(
            written.is_ok() || written.is_err_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
        );
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let stdout = text(output.stdout);
        let stderr = text(output.stderr).replace(&*self.home.to_string_lossy(), "HOME");
        Answer { stdout, stderr, code: output.status.code() }
    }
}

impl Answer {
    /// Checks all of it.
    #[track_caller]
    pub(crate) fn is(self, code: i32, stdout: &str, stderr: &str) {
        assert_eq!(
            (self.code, self.stdout.as_str(), self.stderr.as_str()),
            (Some(code), stdout, stderr),
            "{}",
            self.stderr
        );
    }

    /// Checks that it failed, saying this, and wrote nothing else.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, message: &str, hints: &[&str]) {
        let mut expected = format!("twolock: error: {message}\n");
        for hint in hints {
            expected.push_str("twolock: hint: ");
            expected.push_str(hint);
            expected.push('\n');
        }
        self.is(code, "", &expected);
    }

    /// Returns standard output as JSON, after a call that went well and said nothing.
    #[track_caller]
    pub(crate) fn json(self) -> serde_json::Value {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""));
        assert_eq!(self.stdout.matches('\n').count(), 1, "one line: {}", self.stdout);
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// Returns every file below a directory with its content, to see that nothing was changed.
pub(crate) fn contents(of: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    let mut left = vec![of.to_owned()];
    while let Some(next) = left.pop() {
        if next.is_dir() {
            left.extend(fs::read_dir(&next).unwrap().map(|entry| entry.unwrap().path()));
        } else if let Ok(bytes) = fs::read(&next) {
            all.push((next, bytes));
        }
    }
    all.sort();
    all
}
