//! The closed door: the passphrase of a vault, or the making of one.

use std::sync::Arc;
use std::time::Duration;

use super::spoken::{count, count_of};
use super::talk::{Heard, Talk};
use super::{Settings, complain, keys};
use crate::failure::{Exit, Failure};
use crate::system::clock::date;
use crate::vault::{
    Backup, Passphrase, Place, Presence, SUGGEST_BYTES, Store, StoreError, Vault, fresh_bytes, pause,
    strength, suggest,
};

/// The score from which on a passphrase is good.
const GOOD: u8 = 3;
/// How often it is looked whether a wait is over.
const STEP: Duration = Duration::from_millis(200);

/// Opens the vault, or makes one.
pub(super) fn open(talk: &mut Talk, settings: &mut Settings) -> Heard<Store> {
    if settings.presence == Presence::Present { unlock(talk, settings) } else { create(talk, settings) }
}

fn unlock(talk: &mut Talk, settings: &mut Settings) -> Heard<Store> {
    let mut question = if settings.relocked {
        "Locked. Passphrase (not shown): "
    } else {
        "Plain line mode. Passphrase (not shown): "
    };
    let mut wrong = 0_u32;
    loop {
        let passphrase = match settings.passphrase.take() {
            Some(passphrase) => passphrase,
            None => Passphrase::new(talk.ask_hidden(question)?),
        };
        question = "Passphrase (not shown): ";
        if passphrase.reveal().is_empty() {
            talk.say("Nothing was typed. Ctrl-c or Ctrl-d ends the program.")?;
            continue;
        }
        let at = talk.now().wall;
        let error = match Store::unlock(&settings.place, &passphrase, at) {
            Ok(store) => return Ok(store),
            Err(error) => error,
        };
        if let Some(store) = mend(talk, error, &settings.place, &passphrase, &settings.zone)? {
            return Ok(store);
        }
        wrong += 1;
        let pause = pause(wrong);
        if !pause.is_zero() {
            talk.say(format_args!("Wait {}.", count(pause.as_secs(), "second")))?;
            let until = talk.now().boot + pause;
            talk.wait(STEP, |now| now.boot >= until)?;
        }
    }
}

fn spoken(error: StoreError) -> Failure {
    let failure = Failure::from(error);
    if failure.exit == Exit::Locked {
        return Failure::locked("wrong. That passphrase does not open this vault. Caps Lock may be on");
    }
    failure
}

/// Says why a vault does not open, and offers a way into it; nothing if there is none, or none is wanted.
fn mend(
    talk: &mut Talk,
    error: StoreError,
    place: &Place,
    passphrase: &Passphrase,
    zone: &jiff::tz::TimeZone,
) -> Heard<Option<Store>> {
    let older = matches!(error, StoreError::RolledBack { .. });
    if !older && !matches!(error, StoreError::Damaged { .. } | StoreError::NotAVault { .. }) {
        complain(talk, &spoken(error))?;
        return Ok(None);
    }
    let copy: Option<(Backup, Arc<Vault>)> = Store::newest_good_backup(place, passphrase).ok().flatten();
    complain(talk, &Failure { hints: Vec::new(), ..Failure::from(error) })?;
    let mut ways = vec!["Leave it as it is"];
    if let Some((copy, vault)) = &copy {
        let accounts = count_of(vault.accounts().len(), "account");
        talk.say(format_args!("The newest whole copy is of {}, {accounts}.", date(copy.when, zone)))?;
        ways.push("Put that copy back; what is there now is kept");
    } else if !older {
        talk.say("No copy of it opens with this passphrase. Nothing was changed.")?;
        return Ok(None);
    }
    if older {
        ways.push("Open it as it is, since I put it there");
    }
    for (number, way) in (1..).zip(&ways) {
        talk.say(format_args!("{number}  {way}"))?;
    }
    let chosen = talk.choose("Number: ", ways.len(), false)?.unwrap_or(0);
    let at = talk.now().wall;
    let opened = match (chosen, copy) {
        (0, _) => return Ok(None),
        (1, Some((copy, _))) => Store::restore(place, passphrase, &copy, at),
        _ => Store::accept_rollback(place, passphrase, at),
    };
    match opened {
        Ok(store) => Ok(Some(store)),
        Err(error) => {
            complain(talk, &error.into())?;
            Ok(None)
        }
    }
}

fn create(talk: &mut Talk, settings: &Settings) -> Heard<Store> {
    let Settings { place, paths, presence, shown_place: shown, work, .. } = settings;
    let (presence, work) = (*presence, *work);
    talk.say("Plain line mode. First start.")?;
    if presence == Presence::Unfinished {
        talk.say(format_args!("A vault was begun in {shown} and not finished. Its passphrase finishes it."))?;
    } else {
        talk.say(format_args!(
            "A vault will be made in {shown}, one encrypted file. Nothing is sent anywhere."
        ))?;
        talk.say("There is no way to the codes without its passphrase. Write it on paper.")?;
    }
    loop {
        let passphrase = if presence == Presence::Unfinished {
            Passphrase::new(talk.ask_hidden("Passphrase (not shown): ")?)
        } else {
            match new_passphrase(talk)? {
                Some(passphrase) => passphrase,
                None => continue,
            }
        };
        let further = keys::further(talk, paths)?;
        match Store::create_for(place, &passphrase, work, (&further, keys::voice()), talk.now().wall) {
            Ok(store) => {
                let too = match further.len() {
                    0 => String::new(),
                    1 => " 1 age key opens it too.".to_owned(),
                    count => format!(" {count} age keys open it too."),
                };
                talk.say(format_args!("Done. The vault is ready and encrypted.{too}"))?;
                return Ok(store);
            }
            Err(error) => complain(talk, &spoken(error))?,
        }
    }
}

/// Asks for a new passphrase, twice; nothing if it is to be asked for again.
fn new_passphrase(talk: &mut Talk) -> Heard<Option<Passphrase>> {
    let first = Passphrase::new(talk.ask_hidden("New passphrase, Enter suggests one (not shown): ")?);
    if first.reveal().is_empty() {
        let suggested = suggest(&fresh_bytes::<SUGGEST_BYTES>());
        talk.say(format_args!("Suggested: {}", suggested.reveal()))?;
        talk.say("Write it down, then type it. Or type another one.")?;
        return Ok(None);
    }
    let judged = strength(first.reveal());
    talk.say(format_args!("Strength: {}. It {} for whoever has the file.", judged.word, judged.guess_time))?;
    if judged.score < GOOD && !talk.agrees("Weak. Take it all the same? y or n: ")? {
        return Ok(None);
    }
    let second = Passphrase::new(talk.ask_hidden("The same again (not shown): ")?);
    if first == second {
        return Ok(Some(first));
    }
    talk.say("Not the same. Both are to be typed again.")?;
    Ok(None)
}
