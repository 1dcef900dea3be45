//! Adding an account: name, secret, two codes, and what to do before the site is closed.
//!
//! It is saved, not checked, before a code is said: a service may bind the secret at the very moment in which it
//! accepts the second code.

use zeroize::Zeroizing;

use super::codes::Seen;
use super::spoken::{settings, who};
use super::talk::{Heard, is_cancel};
use super::{Plain, wiped};
use crate::display::visible;
use crate::exchange::picture::read_codes;
use crate::exchange::typed::{Typed, TypedError, recognize};
use crate::failure::Failure;
use crate::otp::{Link, Otp, Secret};
use crate::system::file::Original;
use crate::vault::{Account, AccountId, Change, Checked, Edit, fresh_bytes};
use crate::words::secret as remarks;

/// What has been answered so far.
#[derive(Default)]
struct Draft {
    issuer: String,
    account: String,
    /// The key as it was typed, for the diagnosis.
    typed: Zeroizing<String>,
    /// The secret was made here, for another device.
    made_here: bool,
    /// The picture that the secret came from, and which file it is.
    picture: Option<(String, Option<Original>)>,
}

impl Draft {
    fn is_nameless(&self) -> bool {
        self.issuer.trim().is_empty() && self.account.trim().is_empty()
    }

    /// Takes what a link says; a name that was typed before stays.
    fn take(&mut self, link: &Link) {
        if self.is_nameless() {
            self.issuer.clone_from(&link.issuer);
            self.account.clone_from(&link.account);
        } else if self.account.is_empty() {
            self.account.clone_from(&link.account);
        }
        self.typed = link.otp.secret.to_base32();
        self.made_here = false;
    }
}

/// What became of the question for a secret.
enum Answer {
    /// The user left, or it became an import.
    Left,
    /// A secret, and what is made with it.
    Secret(Box<Otp>),
}

impl Plain {
    /// Adds an account, step by step.
    pub(super) fn add(&mut self) -> Heard<()> {
        let mut draft = Draft::default();
        self.say("Add MFA. cancel leaves at any question.")?;
        let Some(issuer) = self.text("Step 1 of 4. Device or site, Enter if a link has it: ")? else {
            return Ok(());
        };
        draft.issuer = issuer;
        if !draft.issuer.is_empty() {
            let Some(account) = self.text("User name there, Enter for none: ")? else { return Ok(()) };
            draft.account = account;
        }
        let Answer::Secret(otp) = self.ask_secret(&mut draft)? else { return Ok(()) };
        while draft.is_nameless() {
            match self.text("Device or site: ")? {
                None => return Ok(()),
                Some(issuer) => draft.issuer = issuer,
            }
        }
        let Some(account) = self.save_new(&draft, *otp)? else { return Ok(()) };
        self.current = Some(account);
        let seen = if draft.made_here { self.phone(account)? } else { self.two_codes(account, &mut draft)? };
        let Some(account) = self.current().cloned() else { return Ok(()) };
        let name = who(&account);
        self.say(match seen {
            _ if account.pending => format!("Saved, not in force. {name}. Type check to go on."),
            Seen::Checked => format!("Saved. {name}. Remember to keep the recovery codes of the site."),
            Seen::Not => format!("Saved, not checked. {name}. Type check to go on."),
        })?;
        if let Some((typed, picture)) = &draft.picture {
            self.say(format_args!("The picture holds the secret: {}", visible(typed)))?;
            if let Some(picture) = picture
                && self.config.add.offer_delete_picture
                && self.talk.agrees("Delete the picture? y or n: ")?
            {
                self.delete_picture(picture)?;
            }
        }
        Ok(())
    }

    /// Returns what is made with a key that says nothing else: what the settings have for that.
    fn usual(&self, secret: Secret) -> Otp {
        let (algorithm, digits, kind) = self.config.add.parameters();
        Otp { secret, algorithm, digits, kind }
    }

    /// Asks for text that may be empty; nothing if the user leaves.
    fn text(&mut self, question: &str) -> Heard<Option<String>> {
        let answer = self.talk.ask(question)?;
        if is_cancel(&answer) {
            self.say("Left. Nothing was added.")?;
            return Ok(None);
        }
        Ok(Some(answer.to_string()))
    }

    fn ask_secret(&mut self, draft: &mut Draft) -> Heard<Answer> {
        self.say("The next answer is not shown. new makes a secret for a phone.")?;
        let mut fixed: Option<Zeroizing<String>> = None;
        loop {
            let question = if fixed.is_some() {
                "Enter corrects it, or type it again (not shown): "
            } else {
                "Step 2 of 4. Secret key, link, or path of a QR picture: "
            };
            let typed = self.talk.ask_hidden(question)?;
            let typed = match fixed.take() {
                Some(fixed) if typed.trim().is_empty() => fixed,
                _ => typed,
            };
            match typed.trim() {
                text if is_cancel(text) => {
                    self.say("Left. Nothing was added.")?;
                    return Ok(Answer::Left);
                }
                "new" => {
                    let bytes = Zeroizing::new(fresh_bytes::<64>());
                    let length = (self.config.add.secret_bytes as usize).min(bytes.len());
                    if let Ok(secret) = Secret::from_bytes(&bytes[..length]) {
                        draft.made_here = true;
                        return Ok(Answer::Secret(Box::new(self.usual(secret))));
                    }
                }
                _ => {}
            }
            match recognize(&typed) {
                Ok(Typed::Key(secret) | Typed::Hex(secret)) => {
                    let otp = self.usual(secret);
                    let note = remarks::good_key(&otp.secret).text;
                    self.say(format_args!("{note} {}.", settings(&otp)))?;
                    draft.typed = typed;
                    return Ok(Answer::Secret(Box::new(otp)));
                }
                Ok(Typed::Link(link)) => {
                    self.say(remarks::good_link(&link).text)?;
                    draft.take(&link);
                    return Ok(Answer::Secret(Box::new(link.otp)));
                }
                Ok(Typed::Links | Typed::Migration) => {
                    self.import_bytes(typed.as_bytes())?;
                    return Ok(Answer::Left);
                }
                Ok(Typed::Path(path)) => {
                    let (bytes, original) = match self.picture(&path) {
                        Ok((bytes, original)) => (Ok(bytes), original),
                        Err(failure) => (Err(failure), None),
                    };
                    if let Some(answer) = self.read_picture(bytes, Some((path, original)), draft)? {
                        return Ok(answer);
                    }
                }
                Ok(Typed::Picture(bytes)) => {
                    if let Some(answer) = self.read_picture(Ok(bytes), None, draft)? {
                        return Ok(answer);
                    }
                }
                Err(error) => {
                    self.say(remarks::complaint(&error, &typed).text)?;
                    if let TypedError::Letters { fixed: Some(right), .. } = error {
                        fixed = Some(right);
                    }
                }
            }
        }
    }

    /// Reads the QR codes of a picture, and asks which one where there are several. Nothing to ask again.
    fn read_picture(
        &mut self,
        bytes: Result<Zeroizing<Vec<u8>>, Failure>,
        picture: Option<(String, Option<Original>)>,
        draft: &mut Draft,
    ) -> Heard<Option<Answer>> {
        let read = match &bytes {
            Ok(bytes) => read_codes(bytes).map_err(Failure::from),
            Err(failure) => Err(failure.clone()),
        };
        let texts = match read {
            Ok(texts) => texts,
            Err(failure) => {
                let name = picture.map(|(typed, _)| typed).unwrap_or_default();
                let note = remarks::unread(&failure, &name, &self.host, self.reached_as.as_deref());
                self.say(note.text)?;
                return Ok(None);
            }
        };
        if texts.iter().any(|text| matches!(recognize(text), Ok(Typed::Migration)))
            && let Ok(bytes) = &bytes
        {
            self.import_bytes(bytes)?;
            return Ok(Some(Answer::Left));
        }
        let mut links: Vec<Link> = texts.iter().filter_map(|text| Link::read(text).ok()).collect();
        let link = match links.len() {
            0 => {
                self.say(remarks::no_secret(&texts).text)?;
                return Ok(None);
            }
            1 => links.remove(0),
            number => {
                for (number, link) in (1..).zip(&links) {
                    let name = super::spoken::named(&link.issuer, &link.account);
                    self.talk.say(format_args!("{number}  {name}"))?;
                }
                match self.talk.choose("Several QR codes. Number: ", number, false)? {
                    Some(chosen) => links.remove(chosen),
                    None => return Ok(None),
                }
            }
        };
        self.say(remarks::good_link(&link).text)?;
        draft.take(&link);
        draft.picture = picture;
        Ok(Some(Answer::Secret(Box::new(link.otp))))
    }

    /// Saves the account, not checked; asks first where the vault has its secret or its name. Nothing if not.
    fn save_new(&mut self, draft: &Draft, otp: Otp) -> Heard<Option<AccountId>> {
        let accounts = self.vault.accounts();
        if let Some(same) = accounts.iter().find(|account| account.otp == otp) {
            let name = who(same);
            self.talk.say(format_args!("Here already: {name} has this secret."))?;
            if !self.talk.agrees("Add it once more? y or n: ")? {
                self.say("Left. Nothing was added.")?;
                return Ok(None);
            }
        }
        let at = self.talk.now().wall;
        let mut changes = Vec::new();
        let twin = self.vault.accounts().iter().find(|account| {
            (account.issuer.as_str(), account.account.as_str()) == (&draft.issuer, &draft.account)
                && account.otp.secret != otp.secret
        });
        if let Some((name, id)) = twin.map(|twin| (who(twin), twin.id)) {
            self.say(format_args!("Here already, with another secret: {name}."))?;
            self.say("1  Keep both")?;
            self.say("2  Replace the one that is here; undo brings it back")?;
            match self.talk.choose("Number, Enter leaves: ", 2, false)? {
                None => {
                    self.say("Left. Nothing was added.")?;
                    return Ok(None);
                }
                Some(0) => {}
                Some(_) => changes.push(Change::Remove(id, at)),
            }
        }
        let id = AccountId::new(at, fresh_bytes());
        let mut account = Account::new(id, &draft.issuer, &draft.account, otp, at);
        account.pending = draft.made_here;
        account.group = self.config.add.default_group.clone().unwrap_or_default();
        let name = who(&account).to_string();
        changes.push(Change::Add(Box::new(account)));
        Ok(self.commit(Some(&name), &changes)?.map(|_| id))
    }

    /// Two codes, ours for the site or those of another device.
    fn two_codes(&mut self, id: AccountId, draft: &mut Draft) -> Heard<Seen> {
        self.say("1  Two codes for the site to accept")?;
        self.say("2  Compare two codes of another device")?;
        self.say("3  Not now")?;
        let mut compares = match self.talk.choose("Step 3 of 4. Number, Enter is 1: ", 3, true)? {
            Some(0) => false,
            Some(1) => true,
            _ => return Ok(Seen::Not),
        };
        loop {
            if !compares {
                match self.site(id)? {
                    Some(seen) => return Ok(seen),
                    None => compares = true,
                }
            }
            if let Some(seen) = self.compare(id, &draft.typed, true)? {
                return Ok(seen);
            }
            // Back to the secret.
            let Answer::Secret(otp) = self.ask_secret(draft)? else { return Ok(Seen::Not) };
            let edit = Edit { otp: Some(*otp), checked: Some(Checked::Never), ..Edit::default() };
            let change = Change::Edit(id, Box::new(edit));
            if self.commit(None, &[change])?.is_none() {
                return Ok(Seen::Not);
            }
        }
    }

    /// A secret that was made here: the other device takes it, then shows two codes.
    fn phone(&mut self, id: AccountId) -> Heard<Seen> {
        let Some(account) = self.vault.account(id).cloned() else { return Ok(Seen::Not) };
        self.say("Step 3 of 4. Type this key on the phone.")?;
        self.say_key(&account.otp)?;
        loop {
            let answer = self.talk.ask("Enter goes on, qr or qr light prints a QR code: ")?;
            match answer.as_str() {
                "" => break,
                "qr" => self.print_code(&account.issuer, &account.account, &account.otp, false)?,
                "qr light" => self.print_code(&account.issuer, &account.account, &account.otp, true)?,
                answer if is_cancel(answer) => return Ok(Seen::Not),
                _ => self.say("Type qr, qr light, or Enter.")?,
            }
        }
        Ok(self.compare(id, &wiped(""), false)?.unwrap_or(Seen::Not))
    }
}
