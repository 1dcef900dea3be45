//! twolock, the program: closes its memory, understands the call, runs the list or a verb, makes an exit code.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, IsTerminal};
use std::panic::{self, PanicHookInfo};
use std::process::ExitCode;

use color_eyre::config::HookBuilder;
use color_eyre::section::PanicMessage;
use twolock::cli::{self, Options, Output, Request, Session, complain};
use twolock::config::Seconds;
use twolock::exchange::picture;
use twolock::failure::{Exit, Failure};
use twolock::plain;
use twolock::system::anew;
use twolock::system::clock::local_zone;
use twolock::system::environment::{Colours, Environment};
use twolock::system::holder;
use twolock::system::memory;
use twolock::tui::errand::Errand;
use twolock::tui::keymap::Keymap;
use twolock::tui::runtime::{self, Ending, Settings};
use twolock::tui::screen::{Facts, Note, Random, Screen};
use twolock::tui::screens;
use twolock::tui::screens::create::Create;
use twolock::tui::screens::unlock::Unlock;
use twolock::tui::terminal;
use twolock::tui::theme::{Can, Depth, Symbols, Theme};
use twolock::vault::{Presence, Store, WorkFactor, fresh_bytes};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let json = cli::wants_json(&arguments);
    match run(&arguments) {
        Ok(code) => code,
        Err(failure) => {
            cli::report(&failure, json);
            failure.exit.into()
        }
    }
}

fn run(arguments: &[OsString]) -> Result<ExitCode, Failure> {
    memory::harden()?;
    install_panic_hook()?;
    if let Some(seconds) = holder::is_called(arguments) {
        holder::serve(seconds)?;
        return Ok(ExitCode::SUCCESS);
    }
    let environment = Environment::read();
    match cli::parse(arguments, &environment)? {
        Request::List(list, options) => {
            let mut session = session(options, environment)?;
            session.remarks.extend((session.check_keys)(&session.config));
            if let Some(seconds) = list.lock_after {
                session.config.lock.after = Seconds(seconds);
            }
            let search = (!list.words.is_empty()).then(|| list.words.join(" "));
            let environment = &session.environment;
            let plain = list.plain || environment.plain || session.config.screen.plain;
            if plain || is_only_lines(environment) {
                talk(session, search, arguments)
            } else {
                show(session, search, arguments)
            }
        }
        Request::Text(text) => {
            Output::default().print(&text)?;
            Ok(ExitCode::SUCCESS)
        }
        Request::Verb(call, options) => {
            call.run(&mut session(options, environment)?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Returns the session, which is told what only the terminal UI knows: the actions that keys can be given to.
fn session(options: Options, environment: Environment) -> Result<Session, Failure> {
    let mut session = Session::new(options, environment)?;
    session.check_keys = |config| Keymap::new(&config.keys, &screens::places()).1;
    Ok(session)
}

/// Returns what the terminal can, as the environment says.
fn can(environment: &Environment, wanted: clap::ColorChoice) -> Can {
    let depth = match environment.colours {
        Colours::Off => Depth::None,
        Colours::Ansi16 => Depth::Ansi16,
        Colours::Ansi256 => Depth::Ansi256,
        Colours::TrueColour => Depth::True,
    };
    let symbols = match environment.term.as_str() {
        _ if !environment.utf8 => Symbols::Ascii,
        "linux" => Symbols::Console,
        _ => Symbols::All,
    };
    Can {
        depth: match wanted {
            clap::ColorChoice::Always => depth.max(Depth::Ansi16),
            clap::ColorChoice::Auto => depth,
            clap::ColorChoice::Never => Depth::None,
        },
        symbols,
        dark: environment.dark,
        slow: false,
    }
}

/// Says where the program broke, not with what: the message of a panic may hold a secret.
struct Place;

impl PanicMessage for Place {
    fn display(&self, info: &PanicHookInfo<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = env!("CARGO_PKG_VERSION");
        write!(f, "twolock: error: twolock {version} broke")?;
        match info.location() {
            Some(place) => write!(f, " at {}:{}", place.file(), place.line()),
            None => Ok(()),
        }
    }
}

fn install_panic_hook() -> Result<(), Failure> {
    let (report, errors) = HookBuilder::blank()
        .panic_message(Place)
        .display_env_section(false)
        .display_location_section(false)
        .into_hooks();
    errors.install().map_err(|error| Failure::other(format!("cannot prepare for errors: {error}")))?;
    panic::set_hook(Box::new(move |info| {
        // There it is caught and becomes a message on the screen that still stands.
        if picture::is_decoding() {
            return;
        }
        // A terminal that cannot be given back must not keep the report from being written.
        drop(terminal::leave());
        complain(&format!("{}\n", report.panic_report(info)));
    }));
    Ok(())
}

/// Shows the list of accounts, behind the unlock screen or the first start.
fn show(session: Session, search: Option<String>, arguments: &[OsString]) -> Result<ExitCode, Failure> {
    check_terminal(search.is_some())?;
    let titled = session.config.screen.title;
    let shown = run_list(session, search, arguments);
    if shown.is_err() && anew::was_locked() {
        // Why it ends is to be read where the shell is.
        drop(terminal::decline(titled));
    }
    shown
}

fn run_list(
    mut session: Session,
    search: Option<String>,
    arguments: &[OsString],
) -> Result<ExitCode, Failure> {
    let relocked = anew::was_locked();
    if relocked {
        // A terminal that was stuck may still hold pictures of the open vault. One that is gone is noticed later.
        drop(terminal::discard());
    }
    let presence = Store::presence(&session.place)?;
    let present = presence == Presence::Present;
    let agent = session.agent_door();
    let starts_in_search = session.config.screen.start_in_search.then_some("");
    let errand = anew::word().and_then(|word| Errand::read(&word));
    let screen: Box<dyn Screen> = match presence {
        Presence::Missing | Presence::Unfinished => Box::new(Create::new()),
        Presence::Present if relocked => match &errand {
            Some(errand) => screens::locked_for(errand),
            None => Box::new(Unlock::again()),
        },
        Presence::Present if session.agent_lends() => screens::lent(search.as_deref().or(starts_in_search)),
        Presence::Present => Box::new(Unlock::new()),
        Presence::Vanished { generation } => {
            return Err(session.vanished(generation));
        }
    };
    let passphrase = if present && !relocked { session.given_passphrase()? } else { None };
    let identity_file = if present && !relocked { session.identity_file()? } else { None };
    let environment = &session.environment;
    let facts = Facts {
        clock_synchronised: None,
        config_file: session.paths.short(&session.paths.config).into(),
        host: environment.hostname.clone(),
        place: session.paths.short(session.place.dir()).into(),
        place_is_named: session.options.vault.is_some() || environment.vault.is_some(),
        reached_as: environment.reached_as(),
        random: Random(fresh_bytes::<32>),
        zone: local_zone(),
    };
    let theme = Theme::of(can(environment, session.options.color));
    let environment = environment.clone();
    session.config.copy.via = session.via()?;
    let settings = Settings {
        agent,
        config: session.config,
        arguments: arguments.to_vec(),
        theme,
        environment,
        clock: session.clock,
        facts,
        search,
        errand,
        identity_file: identity_file.map(|file| file.to_string_lossy().into_owned()),
        note: note(&session.remarks),
        passphrase,
        paths: session.paths,
        place: session.place,
        screen,
        work: WorkFactor::default(),
    };
    Ok(match runtime::run(settings)? {
        Ending::Quit => ExitCode::SUCCESS,
        Ending::Signal(number) => ended_by(number),
    })
}

/// A person sits at a terminal that cannot place text.
fn is_only_lines(environment: &Environment) -> bool {
    environment.is_dumb() && io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Talks in lines.
fn talk(session: Session, search: Option<String>, arguments: &[OsString]) -> Result<ExitCode, Failure> {
    if session.options.no_input {
        return Err(Failure::usage("plain line mode is made of questions, and --no-input forbids them")
            .hint("for scripts: twolock list, twolock code"));
    }
    let relocked = anew::was_locked();
    let presence = Store::presence(&session.place)?;
    if let Presence::Vanished { generation } = presence {
        return Err(session.vanished(generation));
    }
    let passphrase = if relocked { None } else { session.given_passphrase()? };
    let environment = &session.environment;
    let settings = plain::Settings {
        arguments: arguments.to_vec(),
        clipboard: session.clipboard()?,
        config: session.config,
        host: environment.hostname.clone(),
        passphrase,
        place: session.place.clone(),
        presence,
        remarks: session.remarks,
        reached_as: environment.reached_as(),
        relocked,
        search,
        sequences: io::stdout().is_terminal() && !environment.is_dumb(),
        shown_place: session.paths.short(session.place.dir()).into(),
        stands: session.options.at.is_some(),
        utf8: environment.utf8,
        work: WorkFactor::default(),
        zone: local_zone(),
        clock: session.clock,
        paths: session.paths,
    };
    Ok(match plain::run(settings)? {
        plain::Ending::Quit => ExitCode::SUCCESS,
        plain::Ending::Signal(number) => ended_by(number),
    })
}

/// Returns the exit code of a program that a signal ended.
fn ended_by(signal: i32) -> ExitCode {
    ExitCode::from(u8::try_from(128 + signal).unwrap_or(u8::MAX))
}

/// Returns what is said of a file of settings with mistakes in it.
fn note(remarks: &[String]) -> Option<Note> {
    let first = remarks.first()?;
    let more = match remarks.len() {
        1 => String::new(),
        count => format!(" And {} more: twolock config check.", count - 1),
    };
    Some(Note::warning(format!("Settings: {first}.{more}")))
}

fn check_terminal(searches: bool) -> Result<(), Failure> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        if searches {
            return Err(cli::no_such_verb());
        }
        return Err(Failure::new(
            Exit::Usage,
            "the list needs a terminal. For scripts: twolock list, twolock code",
        )
        .hint("over SSH, `ssh -t HOST twolock` gives it one, and `twolock --plain` talks in lines"));
    }
    Ok(())
}
