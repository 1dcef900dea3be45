//! The real program on a terminal of its own: what it draws is read as a person sees it.

use std::io::{Read, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::sandbox::{Sandbox, counted};

/// A program that runs.
pub(crate) struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    reader: Box<dyn Read + Send>,
    writer: Box<dyn Write + Send>,
    screen: vt100::Parser,
    _master: Box<dyn MasterPty + Send>,
    _guard: Sender<()>,
}

impl Terminal {
    /// Starts the program in a sandbox, on 24 rows of 80 columns.
    pub(crate) fn start(sandbox: &Sandbox) -> Self {
        Self::start_with(sandbox, &[])
    }

    /// The same, with arguments.
    pub(crate) fn start_with(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_twolock"));
        command.args(arguments);
        command.env_clear();
        for (name, value) in counted() {
            command.env(name, value);
        }
        command.cwd(sandbox.path(""));
        for (name, place) in [
            ("HOME", ""),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_RUNTIME_DIR", "run"),
            ("XDG_STATE_HOME", "state"),
        ] {
            command.env(name, sandbox.path(place));
        }
        command.env("TERM", "xterm");
        command.env("LANG", "C.UTF-8");
        command.env("TZ", "UTC");
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut killer = child.clone_killer();
        // A program that draws something else would let the test wait for ever. On a busy machine a step takes minutes.
        let (guard, over) = channel::<()>();
        #[expect(clippy::disallowed_methods, reason = "a guard of the test")]
        drop(std::thread::spawn(move || {
            if over.recv_timeout(Duration::from_mins(5)) == Err(RecvTimeoutError::Timeout) {
                drop(killer.kill());
            }
        }));
        Self {
            child,
            reader: pair.master.try_clone_reader().unwrap(),
            writer: pair.master.take_writer().unwrap(),
            screen: vt100::Parser::new(size.rows, size.cols, 0),
            _master: pair.master,
            _guard: guard,
        }
    }

    /// Reads until a text is on the screen, and returns all of it. Both are as words: where lines end does not count.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        self.wait_until(text, |words| words.contains(text))
    }

    /// The same, until what is on the screen is as it should be.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, what: &str, is_there: impl Fn(&str) -> bool) -> String {
        let mut piece = [0; 4096];
        loop {
            let words = self.screen.screen().contents();
            let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
            if is_there(&words) {
                return words;
            }
            // Reading a terminal that its program has left is an error on Linux.
            let count = self.reader.read(&mut piece).unwrap_or(0);
            assert!(count > 0, "{what:?} never came: {words}");
            self.screen.process(&piece[..count]);
        }
    }

    /// Types.
    pub(crate) fn types(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until the program has ended by itself, with this exit code and the terminal as it was.
    #[track_caller]
    pub(crate) fn ends_with(mut self, code: u32) {
        let mut rest = Vec::new();
        // As above.
        drop(self.reader.read_to_end(&mut rest));
        self.screen.process(&rest);
        assert_eq!(self.child.wait().unwrap().exit_code(), code);
        let screen = self.screen.screen();
        let left = (screen.alternate_screen(), screen.hide_cursor(), screen.bracketed_paste());
        assert_eq!(left, (false, false, false));
    }

    /// Ends the program by Ctrl-c.
    pub(crate) fn quit(mut self) {
        self.types("\u{3}");
        let mut rest = Vec::new();
        // As above; the end is what was waited for.
        drop(self.reader.read_to_end(&mut rest));
        assert_eq!(self.child.wait().unwrap().exit_code(), 0);
    }
}
