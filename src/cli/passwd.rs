//! Changes who opens the vault: its passphrase, its key, and the keys beside it. Always asks for the passphrase, whatever opened
//! the vault: a key that is added reads everything.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::Run;
use super::init::{GOOD, empty};
use super::listed::Listed;
use super::output::json;
use super::session::Session;
use crate::agent;
use crate::display::visible;
use crate::failure::{Exit, Failure};
use crate::system::prompt;
use crate::vault::{Durability, Passphrase, Rotated, Store, WorkFactor, strength};

/// Change the passphrase, or the keys that open the vault beside it
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock passwd
  twolock passwd --rotate
  twolock passwd --add-recipient age1…
  twolock passwd --list

A new passphrase alone leaves the key of the vault as it is: who knows the old one and has an old copy of
identity.age can read every later vault.age. --rotate makes a new key too.")]
pub(super) struct Passwd {
    /// Let the holder of this age key (`age1…`, or a plugin's) open the vault too; can be given several times
    #[arg(long, value_name = "KEY")]
    add_recipient: Vec<String>,
    /// Seal the vault for this key no more; copies made before still open for it
    #[arg(long, value_name = "KEY")]
    remove_recipient: Vec<String>,
    /// List the keys that open the vault
    #[arg(long, conflicts_with_all = ["add_recipient", "remove_recipient", "new_passphrase_file", "rotate", "work_factor"])]
    list: bool,
    /// Read the new passphrase from the first line of this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["add_recipient", "remove_recipient"])]
    new_passphrase_file: Option<PathBuf>,
    /// Make a new key too, and seal the vault and the copies beside it for that
    #[arg(long, conflicts_with_all = ["add_recipient", "remove_recipient"])]
    rotate: bool,
    /// The cost of guessing the new passphrase, 10 to 22; each step doubles it
    #[arg(long, value_name = "N", conflicts_with_all = ["add_recipient", "remove_recipient"],
          value_parser = clap::value_parser!(u8).range(10..=22))]
    work_factor: Option<u8>,
}

#[derive(Serialize)]
struct Recipient<'a> {
    recipient: &'a str,
    passphrase: Option<bool>,
}

impl Run for Passwd {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        session.check_vault()?;
        if self.list {
            let store = session.open()?;
            return print(session, &store);
        }
        let old = session.passphrase()?;
        let mut store = Store::unlock(&session.place, &old, session.now().wall)?;
        store.talk_through(session.talk());
        for notice in store.notices() {
            session.output.warn(notice);
        }
        if self.add_recipient.is_empty() && self.remove_recipient.is_empty() {
            return self.change_passphrase(session, &mut store, &old);
        }
        let before = store.recipients().to_vec();
        let durability =
            store.change_recipients(&old, &self.add_recipient, &self.remove_recipient, session.now().wall)?;
        warn_unsure(session, &durability);
        if store.recipients() == before {
            return Err(Failure::new(Exit::NothingToDo, "the vault is sealed for these keys already"));
        }
        if !self.remove_recipient.is_empty() {
            session.output.warn(
                "copies made before, also those in the vault's directory \"backups\", still open for the keys \
                 that were taken away",
            );
        }
        print(session, &store)
    }
}

impl Passwd {
    fn change_passphrase(
        &self,
        session: &mut Session,
        store: &mut Store,
        old: &Passphrase,
    ) -> Result<(), Failure> {
        let new = match &self.new_passphrase_file {
            Some(file) => Passphrase::new(prompt::passphrase_from_file(&session.paths.expand(file)?)?),
            None => ask_new(session)?,
        };
        let judged = strength(new.reveal());
        if judged.score < GOOD {
            session.output.warn(format_args!(
                "the passphrase is {}: it {} for whoever has the files",
                judged.word, judged.guess_time
            ));
        }
        let work = self.work_factor.and_then(WorkFactor::new).unwrap_or_default();
        if self.rotate {
            return rotate(session, store, old, &new, work);
        }
        let durability = store.change_passphrase(old, &new, work)?;
        warn_unsure(session, &durability);
        session.output.say(
            "The passphrase is changed. Copies made before still open with the old one; `twolock passwd --rotate` \
             keeps who has one from reading what comes.",
        );
        if session.options.json() {
            return session.output.print(&json(&serde_json::json!({"v": 1, "changed": "passphrase"})));
        }
        Ok(())
    }
}

fn rotate(
    session: &mut Session,
    store: &mut Store,
    old: &Passphrase,
    new: &Passphrase,
    work: WorkFactor,
) -> Result<(), Failure> {
    let Rotated { durability, resealed, left } =
        store.rotate(old, new, work, session.now().wall).map_err(|error| {
            let failure = Failure::from(error);
            // It stopped half-way, and whoever tries again has to know which one to type.
            let begun = store.confirm(new).is_ok() && store.confirm(old).is_err();
            if begun {
                failure.hint("the new passphrase opens the vault already; `twolock passwd --rotate` goes on")
            } else {
                failure
            }
        })?;
    // It has the old key, and could read nothing that comes.
    let ended = agent::lock(&session.agent_door());
    if let Durability::Unsure(why) = &durability {
        session.output.warn(format_args!(
            "saved, but a power cut may take it back, so the old key stays beside the new one until the next \
             `twolock passwd --rotate`: {why}"
        ));
    }
    session.output.say(format_args!(
        "The passphrase and the key are changed, and {} in the directory \"backups\" sealed anew. Copies elsewhere \
         still open with the old ones.",
        if resealed == 1 { "1 copy".to_owned() } else { format!("{resealed} copies") }
    ));
    if left > 0 {
        session.output.warn(format_args!(
            "{} could not be read and stayed as it was",
            if left == 1 { "1 copy".to_owned() } else { format!("each of {left} copies") }
        ));
    }
    match ended {
        Ok(true) => session.output.say("The agent has ended: it had the old key."),
        Ok(false) => {}
        Err(error) => session.output.warn(Failure::from(error).message),
    }
    if session.options.json() {
        let document = serde_json::json!({
            "v": 1, "changed": "key", "recipient": store.own_recipient(), "resealed": resealed, "left": left,
        });
        return session.output.print(&json(&document));
    }
    Ok(())
}

fn ask_new(session: &Session) -> Result<Passphrase, Failure> {
    let first = Passphrase::new(session.ask_hidden("New passphrase: ")?);
    if first.reveal().is_empty() {
        return Err(empty());
    }
    let second = Passphrase::new(session.ask_hidden("The same again: ")?);
    if first == second { Ok(first) } else { Err(Failure::other("the two passphrases differ")) }
}

fn warn_unsure(session: &Session, durability: &Durability) {
    if let Durability::Unsure(why) = durability {
        session.output.warn(format_args!("saved, but a power cut may take it back: {why}"));
    }
}

/// Prints whom the vault is sealed for, one a line; a second column marks the key that the passphrase opens.
fn print(session: &mut Session, store: &Store) -> Result<(), Failure> {
    let own = store.own_recipient();
    let is_own = |recipient: &String| own.as_ref().map(|own| own == recipient);
    if session.options.json() {
        let recipients = store.recipients().iter();
        let recipients = recipients
            .map(|recipient| Recipient { recipient: recipient.as_str(), passphrase: is_own(recipient) });
        return Listed::new("recipients", "recipient", recipients).print(session);
    }
    let mut text = String::new();
    for recipient in store.recipients() {
        text.push_str(visible(recipient).as_str());
        text.push('\t');
        text.push_str(match is_own(recipient) {
            Some(true) => "passphrase",
            Some(false) => "key",
            None => "",
        });
        text.push('\n');
    }
    session.output.print(&text)
}
