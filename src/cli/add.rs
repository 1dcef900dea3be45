//! Adds accounts: from a key, a link or a picture, on standard input, in a file, or typed where nobody sees it.
//!
//! The secret never comes as an argument. What it is, is seen by its content, not by the name of the file.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Run;
use super::listed::Listed;
use super::output::reason;
use super::session::{Session, quoted, read_all};
use super::shown::{Described, label, short_ids};
use crate::display::visible;
use crate::exchange::picture::read_codes;
use crate::exchange::typed::{Typed, recognize};
use crate::failure::{Exit, Failure};
use crate::otp::{self, Digits, Kind, Link, LinkError, Otp, Period, Secret};
use crate::vault::{Account, AccountId, Change, Edit, Vault, fresh_bytes, short_id};

/// Add an account, and print its id
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock add GitHub --account alice
  twolock add --from qr-code.png
  wl-paste | twolock add AWS --group Work

The key, the `otpauth:` link or the picture of a QR code comes from standard input or from FILE;
on a terminal the key is asked for and not shown.")]
pub(super) struct Add {
    /// The name of the service; a link or a QR code brings its own
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// The user name or mail address there
    #[arg(long, value_name = "USER")]
    account: Option<String>,
    /// The hash that the site asks for; usually SHA1
    #[arg(long, value_name = "NAME", ignore_case = true)]
    algorithm: Option<Algorithm>,
    /// How many digits a code has; usually 6
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10))]
    digits: Option<u64>,
    /// Read from FILE, or from standard input for `-`
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// The group to list it under
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Codes by counter instead of time; the next code is made from COUNTER
    #[arg(long, value_name = "COUNTER", conflicts_with = "period")]
    hotp: Option<u64>,
    /// For how many seconds a code is valid; usually 30
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..=86400))]
    period: Option<u64>,
    /// If the vault has the secret already, give that account the new names and settings
    #[arg(long)]
    replace: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Algorithm {
    #[value(name = "SHA1")]
    Sha1,
    #[value(name = "SHA256")]
    Sha256,
    #[value(name = "SHA512")]
    Sha512,
}

impl From<Algorithm> for otp::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha1 => Self::Sha1,
            Algorithm::Sha256 => Self::Sha256,
            Algorithm::Sha512 => Self::Sha512,
        }
    }
}

/// What is to be added.
struct Draft {
    issuer: String,
    account: String,
    otp: Otp,
}

impl Run for Add {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        self.check_stdin(session)?;
        session.check_vault()?;
        let found = self.read(session)?;
        if let [_, _, ..] = found.as_slice()
            && (self.name.is_some() || self.account.is_some())
        {
            return Err(several(&found));
        }
        let mut drafts = Vec::with_capacity(found.len());
        for draft in found {
            let draft = self.named(draft)?;
            if !drafts.iter().any(|other: &Draft| other.otp.secret == draft.otp.secret) {
                drafts.push(draft);
            }
        }
        let mut store = session.open()?;
        let vault = store.vault();
        let (changes, touched) = self.changes(session, &vault, drafts)?;
        let committed = session.commit(&mut store, &changes)?;
        let accounts = committed.vault.accounts();
        if session.options.json() {
            let ids = short_ids(accounts);
            let described = accounts
                .iter()
                .zip(&ids)
                .filter(|(account, _)| touched.contains(&account.id))
                .map(|(account, id)| Described::new(account, id));
            return Listed::new("accounts", "account", described).print(session);
        }
        let mut lines = String::new();
        for id in touched {
            lines.push_str(&short_id(accounts, id));
            lines.push('\n');
        }
        session.output.print(&lines)
    }
}

impl Add {
    /// Finds out before anything is asked or opened whether standard input has to give two things.
    fn check_stdin(&self, session: &Session) -> Result<(), Failure> {
        let reads_stdin = match &self.from {
            None => !io::stdin().is_terminal(),
            Some(from) => from.as_os_str() == "-",
        };
        if reads_stdin && session.stdin_is_taken()? {
            return Err(Failure::new(
                Exit::Usage,
                "standard input cannot give both the passphrase and the key",
            )
            .hint("read the key with --from FILE, or the passphrase with --passphrase-file FILE"));
        }
        Ok(())
    }

    /// Reads what is to be added, from where the call says.
    fn read(&self, session: &Session) -> Result<Vec<Draft>, Failure> {
        let stdin = io::stdin();
        match &self.from {
            Some(from) if from.as_os_str() != "-" => {
                let path = session.paths.expand(from)?;
                let name = format!("\"{}\"", session.paths.short(&path));
                let file = File::open(&path)
                    .map_err(|error| Failure::other(format!("cannot read {name}: {}", reason(&error))))?;
                self.understand(session, &read_all(file, &name)?)
            }
            None if stdin.is_terminal() => {
                let typed = session.ask_hidden("Key or otpauth link: ")?;
                self.understand(session, typed.as_bytes())
            }
            _ => self.understand(session, &read_all(stdin, "standard input")?),
        }
    }

    /// Finds keys, links and QR codes by the content.
    fn understand(&self, session: &Session, bytes: &[u8]) -> Result<Vec<Draft>, Failure> {
        let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
        let Some(text) = text else {
            return self.picture(session, bytes);
        };
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if lines.len() > 1 && lines.iter().all(|line| line.contains("://")) {
            return lines.iter().map(|line| self.link(self.read_link(line)?)).collect();
        }
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        match recognize(text)? {
            Typed::Hex(secret) | Typed::Key(secret) => Ok(vec![self.key(secret)?]),
            Typed::Link(link) => Ok(vec![self.link(*link)?]),
            Typed::Links | Typed::Migration => Err(self.migration()),
            Typed::Path(_) => Err(Failure::other("what was read is the path of a file, not a key")
                .hint("read the file itself with --from FILE")),
            Typed::Picture(bytes) => self.picture(session, &bytes),
        }
    }

    fn picture(&self, session: &Session, bytes: &[u8]) -> Result<Vec<Draft>, Failure> {
        let codes = read_codes(bytes)?;
        let mut drafts = Vec::with_capacity(codes.len());
        let mut first = None;
        for code in &codes {
            match self.read_link(code).and_then(|link| self.link(link)) {
                Ok(draft) => drafts.push(draft),
                Err(failure) if codes.len() == 1 => return Err(failure),
                Err(failure) => {
                    session
                        .output
                        .warn(format_args!("a QR code in the picture is left out: {}", failure.message));
                    first.get_or_insert(failure);
                }
            }
        }
        match first {
            Some(failure) if drafts.is_empty() => Err(failure),
            _ => Ok(drafts),
        }
    }

    fn read_link(&self, text: &str) -> Result<Link, Failure> {
        match Link::read(text) {
            Err(LinkError::Migration) => Err(self.migration()),
            other => Ok(other?),
        }
    }

    /// Says who reads an export. Not done here at once: what it brings is to be seen before it is added.
    fn migration(&self) -> Failure {
        let group = self.group.as_ref().map(|group| format!(" --group {}", argument(group)));
        let group = group.unwrap_or_default();
        let hint = match &self.from {
            Some(from) => format!("`twolock import{group} {}`", argument(&from.to_string_lossy())),
            None if io::stdin().is_terminal() => {
                "start `twolock` and paste it there, or save it in a file for `twolock import FILE`"
                    .to_owned()
            }
            None => format!("`twolock import{group} -` reads the same"),
        };
        Failure::other("this is an export of Google Authenticator, which may hold many accounts").hint(hint)
    }

    fn key(&self, secret: Secret) -> Result<Draft, Failure> {
        Ok(Draft { issuer: String::new(), account: String::new(), otp: self.settings(Otp::totp(secret))? })
    }

    fn link(&self, link: Link) -> Result<Draft, Failure> {
        Ok(Draft { issuer: link.issuer, account: link.account, otp: self.settings(link.otp)? })
    }

    /// Sets what the call says of the codes.
    fn settings(&self, mut otp: Otp) -> Result<Otp, Failure> {
        let asked =
            self.algorithm.is_some() || self.digits.is_some() || self.hotp.is_some() || self.period.is_some();
        if asked && !matches!(otp.kind, Kind::Hotp { .. } | Kind::Totp { .. }) {
            return Err(Failure::new(
                Exit::Usage,
                "codes of this kind have a form of their own; leave --algorithm, --digits, --hotp and --period out",
            ));
        }
        if let Some(algorithm) = self.algorithm {
            otp.algorithm = algorithm.into();
        }
        if let Some(digits) = self.digits {
            otp.digits = Digits::new(digits).map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
        }
        if let Some(counter) = self.hotp {
            otp.kind = Kind::Hotp { counter };
        }
        if let Some(seconds) = self.period {
            let period =
                Period::new(seconds).map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
            otp.kind = Kind::Totp { period };
        }
        Ok(otp)
    }

    /// Gives it the names of the call, and makes sure that it has one.
    fn named(&self, mut draft: Draft) -> Result<Draft, Failure> {
        if let Some(name) = &self.name {
            draft.issuer.clone_from(name);
        }
        if let Some(account) = &self.account {
            draft.account.clone_from(account);
        }
        if draft.issuer.trim().is_empty() && draft.account.trim().is_empty() {
            return Err(Failure::new(Exit::Usage, "the account needs a name").hint("twolock add NAME"));
        }
        Ok(draft)
    }

    /// Returns the changes to be saved, and the accounts that they are about. What is there already is said.
    fn changes(
        &self,
        session: &Session,
        vault: &Vault,
        drafts: Vec<Draft>,
    ) -> Result<(Vec<Change>, Vec<AccountId>), Failure> {
        let now = session.now().wall;
        let (mut changes, mut touched, mut known) = (Vec::new(), Vec::new(), Vec::new());
        for draft in drafts {
            if let Some(same) = vault.accounts().iter().find(|other| other.otp.secret == draft.otp.secret) {
                if self.replace {
                    changes.push(Change::Edit(same.id, Box::new(self.edit(draft))));
                    touched.push(same.id);
                } else {
                    known.push(format!(
                        "the vault has this secret already, as \"{}\" (id:{})",
                        label(same),
                        short_id(vault.accounts(), same.id)
                    ));
                }
                continue;
            }
            let id = AccountId::new(now, fresh_bytes());
            let mut account = Account::new(id, &draft.issuer, &draft.account, draft.otp, now);
            if let Some(group) = &self.group {
                account.group.clone_from(group);
            }
            let same =
                |other: &&Account| (&other.issuer, &other.account) == (&account.issuer, &account.account);
            if let Some(same) = vault.accounts().iter().find(same) {
                session.output.warn(format_args!(
                    "\"{}\" is there already with another secret (id:{}); both are kept",
                    label(same),
                    short_id(vault.accounts(), same.id)
                ));
            }
            touched.push(id);
            changes.push(Change::Add(Box::new(account)));
        }
        if let Some(first) = known.first()
            && changes.is_empty()
        {
            let message =
                if known.len() == 1 { first.clone() } else { "the vault has all of them already".to_owned() };
            return Err(Failure::new(Exit::NothingToDo, message)
                .hint("--replace gives it the new names and settings instead"));
        }
        for one in known {
            session.output.say(format_args!("twolock: {one}; left as it is"));
        }
        Ok((changes, touched))
    }

    fn edit(&self, draft: Draft) -> Edit {
        Edit {
            issuer: Some(draft.issuer),
            account: Some(draft.account),
            group: self.group.clone(),
            otp: Some(draft.otp),
            ..Edit::default()
        }
    }
}

/// Returns a text as a shell takes it for one argument.
fn argument(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "%+,-./:=@_~".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", visible(text).as_str().replace('\'', "'\\''"))
}

fn several(found: &[Draft]) -> Failure {
    let message =
        format!("there are {} accounts in it, and NAME or --account can name one only", found.len());
    let failure =
        Failure::new(Exit::Ambiguous, message).hint("leave NAME and --account out to add all of them");
    found.iter().fold(failure, |failure, draft| {
        failure.hint(format!("{} ({})", quoted(&draft.issuer), visible(&draft.account).cut(60)))
    })
}
