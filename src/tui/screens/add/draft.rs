//! An account that is not one yet: the only memory of the wizard.

use zeroize::Zeroizing;

use crate::display::visible;
use crate::otp::{Algorithm, Digits, Kind, Link, Otp, Secret};
use crate::tui::effect::{Commit, Original};
use crate::tui::screen::Cx;
use crate::vault::{Account, AccountId, Change, Checked, Edit};

/// How many columns of a name stand in a message.
const NAME: usize = 24;

/// What has been answered so far.
pub(super) struct Draft {
    /// The account in the vault, once it was saved; until then the id that it will have.
    pub(super) id: AccountId,
    /// The service.
    pub(super) issuer: String,
    /// The user name there.
    pub(super) account: String,
    /// The group.
    pub(super) group: String,
    /// The secret.
    pub(super) secret: Option<Secret>,
    /// The secret as it was typed, for the diagnosis.
    pub(super) typed: Zeroizing<String>,
    /// The hash.
    pub(super) algorithm: Algorithm,
    /// The length of a code.
    pub(super) digits: Digits,
    /// What moves the codes on.
    pub(super) kind: Kind,
    /// The secret was made here, for another device: pending until two codes were seen.
    pub(super) made_here: bool,
    /// The account that this one takes the place of.
    pub(super) replaces: Option<AccountId>,
    /// The picture that the secret came from, if it is a file.
    pub(super) picture: Option<Original>,
    /// What the file holds of this draft.
    pub(super) saved: Option<Account>,
}

impl Draft {
    /// Returns an empty draft with a new id.
    pub(super) fn new(cx: &Cx<'_>) -> Self {
        let mut random = [0; 10];
        random.copy_from_slice(&(cx.facts.random.0)()[..10]);
        let (algorithm, digits, kind) = cx.config.add.parameters();
        Self {
            id: AccountId::new(cx.now.wall, random),
            issuer: String::new(),
            account: String::new(),
            group: cx.config.add.default_group.clone().unwrap_or_default(),
            secret: None,
            typed: Zeroizing::new(String::new()),
            algorithm,
            digits,
            kind,
            made_here: false,
            replaces: None,
            picture: None,
            saved: None,
        }
    }

    /// Returns what an account of the vault is. It is taken to be saved once the vault is looked at.
    pub(super) fn of(account: &Account, typed: Zeroizing<String>, cx: &Cx<'_>) -> Self {
        let mut draft = Self::new(cx);
        draft.id = account.id;
        draft.issuer.clone_from(&account.issuer);
        draft.account.clone_from(&account.account);
        draft.group.clone_from(&account.group);
        draft.adopt(&account.otp);
        draft.typed = typed;
        draft
    }

    /// Takes what a link says; a name that was typed before stays.
    pub(super) fn take(&mut self, link: &Link) {
        if self.issuer.is_empty() && self.account.is_empty() {
            self.issuer.clone_from(&link.issuer);
            self.account.clone_from(&link.account);
        } else if self.account.is_empty() {
            self.account.clone_from(&link.account);
        }
        self.secret = Some(link.otp.secret.clone());
        self.typed = link.otp.secret.to_base32();
        self.algorithm = link.otp.algorithm;
        self.digits = link.otp.digits;
        self.kind = link.otp.kind.clone();
        self.made_here = false;
    }

    /// Takes another set of parameters, as a diagnosis found them.
    pub(super) fn adopt(&mut self, otp: &Otp) {
        self.secret = Some(otp.secret.clone());
        self.algorithm = otp.algorithm;
        self.digits = otp.digits;
        self.kind = otp.kind.clone();
    }

    /// Returns what the codes are made from, once there is a secret.
    pub(super) fn otp(&self) -> Option<Otp> {
        Some(Otp {
            secret: self.secret.clone()?,
            algorithm: self.algorithm,
            digits: self.digits,
            kind: self.kind.clone(),
        })
    }

    /// Returns what it is called.
    pub(super) fn name(&self) -> &str {
        if self.issuer.is_empty() { &self.account } else { &self.issuer }
    }

    /// Returns the changes that bring the vault up to this draft, as one commit that one undo takes back.
    ///
    /// The account is added *not checked*, and *pending* if its secret was made here, before any code is shown: a
    /// service may bind the secret at the very moment in which it accepts the second code.
    pub(super) fn save(&self, cx: &Cx<'_>, checked: Option<Checked>) -> Option<Commit> {
        let otp = self.otp()?;
        let mut changes = Vec::new();
        if self.saved.is_some() {
            let edit = Edit {
                issuer: Some(self.issuer.clone()),
                account: Some(self.account.clone()),
                group: Some(self.group.clone()),
                otp: self.changed(&otp),
                checked,
                pending: checked.map(|_| false),
                ..Edit::default()
            };
            changes.push(Change::Edit(self.id, Box::new(edit)));
        } else {
            if let Some(old) = self.replaces {
                changes.push(Change::Remove(old, cx.now.wall));
            }
            let mut account = Account::new(self.id, &self.issuer, &self.account, otp, cx.now.wall);
            account.group.clone_from(&self.group);
            account.pending = self.made_here;
            account.checked = checked.unwrap_or_default();
            changes.push(Change::Add(Box::new(account)));
        }
        let name = visible(self.name()).cut(NAME);
        let doing = if self.saved.is_some() { "editing" } else { "adding" };
        Some(Commit::undoable(changes, format!("{doing} {name}")))
    }

    /// Does the file hold what the codes are made from? No code is shown before.
    pub(super) fn is_saved(&self) -> bool {
        self.saved.is_some() && self.otp().is_some_and(|otp| self.changed(&otp).is_none())
    }

    /// Returns the parameters if they are not what was saved. A counter is the vault's own business: the draft
    /// must never put it back.
    fn changed(&self, otp: &Otp) -> Option<Otp> {
        let saved = &self.saved.as_ref()?.otp;
        let counters = matches!((&saved.kind, &otp.kind), (Kind::Hotp { .. }, Kind::Hotp { .. }));
        let same = saved.secret == otp.secret
            && saved.algorithm == otp.algorithm
            && saved.digits == otp.digits
            && (counters || saved.kind == otp.kind);
        if same {
            return None;
        }
        let kind = if counters { saved.kind.clone() } else { otp.kind.clone() };
        Some(Otp { kind, ..otp.clone() })
    }
}
