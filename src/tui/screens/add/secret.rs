//! Asks for what the site gave: a secret key, a link, or a picture of the QR code; or makes a new secret.
//!
//! What was typed is judged at each key, in words, so that a slip is seen here and not when a code is refused.
//!
//! Over 400 lines: the one field takes five kinds of answers, and each has its own verdict.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use zeroize::Zeroizing;

use super::super::change;
use super::draft::Draft;
use super::{Step, Turn};
use crate::display::visible;
use crate::exchange::typed::{Typed, TypedError, recognize};
use crate::failure::Failure;
use crate::otp::{Algorithm, Digits, Kind, Link, Period, Secret};
use crate::tui::effect::{Effect, Picture};
use crate::tui::event::{Event, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, Note};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, put};
use crate::vault::Account;

/// A picture pasted as Base64 is the longest thing that anybody pastes here.
const LONGEST: usize = 16 << 20;
/// The bytes of a secret that is made here (RFC 4226 section 4 recommends 160 bits).
const MADE_BYTES: usize = 20;
const PERIODS: [u64; 8] = [30, 60, 10, 15, 20, 45, 90, 120];

/// What the keys go to.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Focus {
    Field,
    Setting(usize),
    Make,
}

/// The second question.
pub(super) struct SecretKey {
    field: Field,
    focus: Focus,
    verdict: Option<Note>,
    places: Vec<usize>,
    fixed: Option<Zeroizing<String>>,
    reading: Option<String>,
    found: Vec<Link>,
    chosen: usize,
}

impl SecretKey {
    pub(super) fn new() -> Self {
        Self {
            field: Field::new(LONGEST),
            focus: Focus::Field,
            verdict: None,
            places: Vec::new(),
            fixed: None,
            reading: None,
            found: Vec::new(),
            chosen: 0,
        }
    }

    /// Shows what the draft holds already.
    pub(super) fn enter(&mut self, draft: &Draft) {
        if self.field.is_empty()
            && let Some(secret) = draft.secret.as_ref().filter(|_| !draft.made_here)
        {
            self.field.set(&secret.to_groups());
            self.verdict = Some(good_key(secret));
        }
        self.focus = Focus::Field;
    }

    /// Is a picture being read, or waiting to be chosen from?
    pub(super) fn reads_picture(&self) -> bool {
        self.reading.is_some() || !self.found.is_empty()
    }

    /// Judges what stands in the field.
    fn judge(&mut self, draft: &mut Draft) {
        self.places.clear();
        self.fixed = None;
        self.verdict = None;
        if self.field.is_empty() {
            draft.secret = None;
            return;
        }
        match recognize(self.field.text()) {
            Ok(Typed::Key(secret)) => {
                self.verdict = Some(good_key(&secret));
                self.keep(secret, draft);
            }
            Ok(Typed::Hex(secret)) => {
                let text = format!("Hexadecimal key, {} bytes. It is kept as Base32.", secret.bytes().len());
                self.verdict = Some(Note::good(text));
                self.keep(secret, draft);
            }
            Ok(Typed::Link(link)) => {
                self.verdict = Some(good_link(&link));
                draft.take(&link);
            }
            Ok(Typed::Migration) => {
                let text = "This is a Google Authenticator export. Importing one comes with a later version; export \
                            the account as a QR code of its own, or type its key.";
                self.verdict = Some(Note::error(text));
                draft.secret = None;
            }
            Ok(Typed::Path(_)) => {
                self.verdict = Some(Note::plain("Enter reads this picture"));
                draft.secret = None;
            }
            Ok(Typed::Picture(_)) => {
                self.verdict = Some(Note::plain("A picture. Enter reads it"));
                draft.secret = None;
            }
            Err(error) => {
                draft.secret = None;
                self.complain(error);
            }
        }
    }

    fn keep(&self, secret: Secret, draft: &mut Draft) {
        draft.secret = Some(secret);
        draft.typed = self.field.secret();
        draft.made_here = false;
    }

    fn complain(&mut self, error: TypedError) {
        let mut text = sentence(&error.to_string());
        if let TypedError::Letters { places, fixed } = error {
            let letters: Vec<char> = self.field.text().chars().collect();
            for (wrong, right) in [('0', 'O'), ('1', 'I'), ('8', 'B')] {
                if places.iter().any(|place| letters.get(place - 1) == Some(&wrong)) {
                    text.push_str(&format!(" {wrong} is probably the letter {right}."));
                }
            }
            if fixed.is_some() {
                text.push_str(" Enter corrects that; the codes in step 3 will show if it is right.");
            }
            self.places = places;
            self.fixed = fixed;
        }
        self.verdict = Some(Note::error(text));
    }

    fn next(&mut self, draft: &mut Draft, cx: &Cx<'_>) -> Turn {
        if self.reading.is_some() {
            return Turn::stay();
        }
        if !self.found.is_empty() {
            let link = self.found.swap_remove(self.chosen.min(self.found.len() - 1));
            self.found.clear();
            return self.accept(&link, draft, cx);
        }
        if self.focus == Focus::Make {
            return self.make(draft, cx);
        }
        if let Some(fixed) = self.fixed.take() {
            self.field.set(&fixed);
            self.judge(draft);
            return Turn::stay();
        }
        match recognize(self.field.text()) {
            Ok(Typed::Path(path)) => self.read(Picture::File(path.clone()), path),
            Ok(Typed::Picture(bytes)) => {
                self.field.clear();
                self.read(Picture::Bytes(bytes), "the pasted picture".to_owned())
            }
            _ if draft.secret.is_some() => go_on(draft, cx),
            _ => {
                if self.field.is_empty() {
                    let text = "Paste the secret key, the link or the path of a picture here first.";
                    self.verdict = Some(Note::error(text));
                }
                Turn::stay()
            }
        }
    }

    fn read(&mut self, picture: Picture, name: String) -> Turn {
        self.verdict = Some(Note::plain("Reading the picture ..."));
        self.reading = Some(name);
        Turn::Stay(vec![Action::Do(Effect::ReadPicture(picture))])
    }

    fn accept(&mut self, link: &Link, draft: &mut Draft, _cx: &Cx<'_>) -> Turn {
        draft.take(link);
        self.field.set(&link.otp.secret.to_groups());
        self.verdict = Some(good_link(link));
        Turn::stay()
    }

    fn read_done(
        &mut self,
        result: &Result<Vec<Zeroizing<String>>, Failure>,
        draft: &mut Draft,
        cx: &Cx<'_>,
    ) -> Turn {
        let Some(name) = self.reading.take() else { return Turn::Ignored };
        let texts = match result {
            Ok(texts) => texts,
            Err(failure) => {
                let mut text = sentence(&failure.message);
                for hint in &failure.hints {
                    text.push(' ');
                    text.push_str(&sentence(hint));
                }
                if let Some(there) = cx.facts.reached_as.as_ref().filter(|_| name.starts_with('/')) {
                    text.push_str(&format!(
                        " You are connected with SSH to {}. If the picture is on your own computer: scp PICTURE {}: \
                         and type its name here, or paste the output of base64 PICTURE.",
                        visible(&cx.facts.host),
                        visible(there)
                    ));
                }
                self.verdict = Some(Note::error(text));
                return Turn::stay();
            }
        };
        self.found = texts.iter().filter_map(|text| Link::read(text).ok()).collect();
        draft.picture = Some(name).filter(|name| name != "the pasted picture");
        match self.found.len() {
            0 => {
                draft.picture = None;
                let migration = texts.iter().any(|text| text.starts_with("otpauth-migration:"));
                let text = match texts.iter().find(|text| text.starts_with("http")) {
                    Some(address) => {
                        format!("The QR code holds a web address, not a secret: {}", visible(address).cut(60))
                    }
                    None if migration => {
                        "This is a Google Authenticator export. Importing one comes with a later \
                                          version; show the QR code of one account."
                            .to_owned()
                    }
                    None => "The QR code holds no secret for sign-in codes.".to_owned(),
                };
                self.verdict = Some(Note::error(text));
                Turn::stay()
            }
            1 => {
                let link = self.found.remove(0);
                self.accept(&link, draft, cx)
            }
            count => {
                self.chosen = 0;
                self.verdict = Some(Note::good(format!("{count} QR codes found. Which one?")));
                Turn::stay()
            }
        }
    }

    fn make(&mut self, draft: &mut Draft, cx: &Cx<'_>) -> Turn {
        if draft.saved.is_none() || !draft.made_here {
            let bytes = Zeroizing::new((cx.facts.random.0)());
            let Ok(secret) = Secret::from_bytes(&bytes[..MADE_BYTES]) else { return Turn::stay() };
            draft.secret = Some(secret);
            draft.typed = Zeroizing::new(String::new());
            draft.algorithm = Algorithm::Sha1;
            draft.digits = Digits::SIX;
            draft.kind = Kind::TOTP;
            draft.made_here = true;
            self.field.clear();
            self.verdict = None;
        }
        go_on(draft, cx)
    }

    fn turn(&mut self, draft: &mut Draft, forward: bool) {
        let step = |len: usize, at: usize| if forward { (at + 1) % len } else { (at + len - 1) % len };
        match self.focus {
            Focus::Setting(0) => {
                let at = Algorithm::ALL.iter().position(|one| *one == draft.algorithm).unwrap_or(0);
                draft.algorithm = Algorithm::ALL[step(3, at)];
            }
            Focus::Setting(1) => {
                let at = usize::from(draft.digits.get()).saturating_sub(1);
                draft.digits = Digits::new(step(10, at) as u64 + 1).unwrap_or_default();
            }
            Focus::Setting(_) => {
                let now = match draft.kind {
                    Kind::Totp { period } => {
                        PERIODS.iter().position(|one| *one == u64::from(period.seconds())).unwrap_or(0)
                    }
                    Kind::Steam => PERIODS.len(),
                    _ => PERIODS.len() + 1,
                };
                draft.kind = match step(PERIODS.len() + 2, now) {
                    at if at < PERIODS.len() => {
                        Kind::Totp { period: Period::new(PERIODS[at]).unwrap_or_default() }
                    }
                    at if at == PERIODS.len() => Kind::Steam,
                    _ => Kind::Hotp { counter: 0 },
                };
            }
            Focus::Field | Focus::Make => {}
        }
    }

    fn press(&mut self, key: Key, draft: &mut Draft, cx: &Cx<'_>) -> Turn {
        if !self.found.is_empty() {
            match key {
                Key::Down => self.chosen = (self.chosen + 1) % self.found.len(),
                Key::Up => self.chosen = (self.chosen + self.found.len() - 1) % self.found.len(),
                Key::Enter => return self.next(draft, cx),
                Key::Esc => {
                    self.found.clear();
                    self.verdict = None;
                }
                _ => return Turn::Ignored,
            }
            return Turn::stay();
        }
        match key {
            Key::Enter => return self.next(draft, cx),
            Key::Esc => return Turn::Back,
            Key::F(2) => self.field.mask(!self.field.is_masked()),
            Key::Tab => self.focus = after(self.focus),
            Key::BackTab => self.focus = before(self.focus),
            Key::Down => {
                self.focus = if self.focus == Focus::Make { Focus::Field } else { Focus::Make };
            }
            Key::Up => self.focus = Focus::Field,
            Key::Right if matches!(self.focus, Focus::Setting(_)) => self.turn(draft, true),
            Key::Left if matches!(self.focus, Focus::Setting(_)) => self.turn(draft, false),
            key if self.focus == Focus::Field && self.reading.is_none() && self.field.handle(key) => {
                self.judge(draft);
            }
            _ => return Turn::Ignored,
        }
        Turn::stay()
    }

    fn view_settings(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, y: u16) {
        let dot = cx.theme.glyph(Glyph::Dot);
        let mut x = 5 + put(buf, area, 5, y, "Settings  ", Style::new());
        for (index, text) in settings(draft).into_iter().enumerate() {
            if index > 0 {
                x += put(buf, area, x, y, &format!(" {dot} "), Style::new());
            }
            let style = if self.focus == Focus::Setting(index) { cx.theme.selected() } else { Style::new() };
            x += put(buf, area, x, y, &text, style);
        }
        let text = match self.focus {
            Focus::Setting(_) => "Left and Right change it",
            _ => "Tab to change. Rarely needed",
        };
        if area.width >= 60 {
            put(buf, area, x + 3, y, text, Style::new());
        }
    }

    /// Marks the wrong letters under the field, where the whole field is in sight.
    fn view_places(&self, area: Rect, buf: &mut Buffer, y: u16) {
        for place in &self.places {
            if let Ok(x) = u16::try_from(*place + 2)
                && x < area.width.saturating_sub(1)
            {
                put(buf, area, x, y, "^", Style::new());
            }
        }
    }

    fn field_at(area: Rect) -> (u16, u16) {
        (3, if area.height >= 16 { 4 } else { 2 })
    }
}

/// Returns the name of another account with the very same secret: names tell nothing, since at some services every
/// account has the same.
fn twin(draft: &Draft, cx: &Cx<'_>) -> Option<String> {
    let secret = draft.secret.as_ref()?;
    let same = |account: &&Account| account.id != draft.id && account.otp.secret == *secret;
    cx.vault.accounts().iter().find(same).map(|account| change::title(account, cx))
}

fn go_on(draft: &Draft, cx: &Cx<'_>) -> Turn {
    match draft.save(cx, None) {
        Some(effect) => Turn::Next(vec![Action::Do(effect)]),
        None => Turn::stay(),
    }
}

fn after(focus: Focus) -> Focus {
    match focus {
        Focus::Field => Focus::Setting(0),
        Focus::Setting(2) => Focus::Make,
        Focus::Setting(index) => Focus::Setting(index + 1),
        Focus::Make => Focus::Field,
    }
}

fn before(focus: Focus) -> Focus {
    match focus {
        Focus::Field => Focus::Make,
        Focus::Setting(0) => Focus::Field,
        Focus::Setting(index) => Focus::Setting(index - 1),
        Focus::Make => Focus::Setting(2),
    }
}

/// Returns the settings as three words: SHA1, 6 digits, 30 s.
pub(super) fn settings(draft: &Draft) -> [String; 3] {
    let digits = draft.digits.get();
    let kind = match &draft.kind {
        Kind::Hotp { .. } => "counter".to_owned(),
        Kind::Motp { .. } => "mOTP".to_owned(),
        Kind::Steam => "Steam".to_owned(),
        Kind::Totp { period } => format!("{} s", period.seconds()),
        Kind::Yandex { .. } => "Yandex".to_owned(),
    };
    [draft.algorithm.name().to_owned(), format!("{digits} digit{}", if digits == 1 { "" } else { "s" }), kind]
}

fn good_key(secret: &Secret) -> Note {
    let letters = secret.to_base32().len();
    if secret.bits() < 80 {
        let text =
            format!("Secret key, {letters} characters, only {} bits. Is that all of it?", secret.bits());
        return Note::warning(text);
    }
    Note::good(format!("Secret key, {letters} characters, {} bits.", secret.bits()))
}

fn good_link(link: &Link) -> Note {
    let name = match (link.issuer.as_str(), link.account.as_str()) {
        ("", account) => format!("\"{}\"", visible(account).cut(40)),
        (issuer, "") => format!("\"{}\"", visible(issuer).cut(40)),
        (issuer, account) => format!("\"{}\", {}", visible(issuer).cut(40), visible(account).cut(40)),
    };
    if let Some(other) = &link.label_issuer {
        return Note::warning(format!(
            "The link says \"{}\" in one place and \"{}\" in another. The first is used.",
            visible(&link.issuer).cut(30),
            visible(other).cut(30)
        ));
    }
    if let Kind::Hotp { counter } = link.otp.kind {
        return Note::good(format!(
            "Link for {name}: a counter code (HOTP), counter {counter}. Such codes change when you ask, not by time."
        ));
    }
    let period = link.otp.period().map_or(0, Period::seconds);
    Note::good(format!(
        "Link for {name}. {}, {} digits, {period} s.",
        link.otp.algorithm.name(),
        link.otp.digits.get()
    ))
}

/// Returns an error as a sentence of a screen: capital letter, full stop.
fn sentence(error: &str) -> String {
    let mut letters = error.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let end = if error.ends_with(['.', '?', ':']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

impl Step for SecretKey {
    fn handle(&mut self, event: &Event, draft: &mut Draft, cx: &Cx<'_>) -> Turn {
        match event {
            Event::Done(Outcome::Picture(result)) => self.read_done(result, draft, cx),
            Event::Done(_) | Event::Tick => Turn::Ignored,
            Event::Key(key) => self.press(*key, draft, cx),
            Event::Paste(text) => self.pasted(text, draft, cx),
        }
    }

    fn pasted(&mut self, text: &str, draft: &mut Draft, _cx: &Cx<'_>) -> Turn {
        if self.reading.is_some() {
            return Turn::stay();
        }
        self.focus = Focus::Field;
        self.found.clear();
        match recognize(text) {
            // Whole answers take the place of what stood there; a picture is read at once, since nobody proofreads
            // Base64.
            Ok(Typed::Picture(bytes)) => {
                self.field.clear();
                return self.read(Picture::Bytes(bytes), "the pasted picture".to_owned());
            }
            Ok(Typed::Path(path)) if self.field.is_empty() => {
                self.field.set(text.trim());
                return self.read(Picture::File(path.clone()), path);
            }
            Ok(Typed::Link(_)) => self.field.set(text.trim()),
            _ if text.len() > LONGEST => {
                self.verdict = Some(Note::error("That is too much text for a secret."));
                return Turn::stay();
            }
            _ => {
                if !self.field.insert(text.trim()) {
                    self.verdict = Some(Note::error("That is too much text for a secret."));
                    return Turn::stay();
                }
            }
        }
        self.judge(draft);
        Turn::stay()
    }

    fn view(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let roomy = area.height >= 16;
        let text = if roomy {
            "Paste or type what the site gave you: a secret key, an otpauth:// link, or the path of a picture of \
             the QR code."
        } else {
            "Secret key, link or path of a picture:"
        };
        widgets::wrap(buf, area, (3, u16::from(roomy)), text, Style::new());
        let (x, y) = Self::field_at(area);
        let mark = if self.focus == Focus::Field { cx.theme.glyph(Glyph::Cursor) } else { " " };
        put(buf, area, 1, y, mark, Style::new());
        let width = area.width.saturating_sub(x + 1);
        self.field.view(cx.theme, area, buf, (x, y), width, Style::new());
        let mut below = y + 1;
        let in_sight = self.field.text().chars().count() < usize::from(width);
        if !self.places.is_empty() && !self.field.is_masked() && in_sight {
            self.view_places(area, buf, below);
            below += 1;
        }
        if let Some(verdict) = &self.verdict {
            below += widgets::note(cx, area, buf, (3, below), verdict);
        }
        if let Some(twin) = twin(draft, cx) {
            let text = format!(
                "This secret is here already, as \"{twin}\". Adding it again makes the same codes twice."
            );
            below += widgets::note(cx, area, buf, (3, below), &Note::warning(text));
        }
        if !self.found.is_empty() {
            let names: Vec<String> = self
                .found
                .iter()
                .map(|link| visible(&format!("{} {}", link.issuer, link.account)).cut(60).to_string())
                .collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            widgets::choices(cx, area, buf, (3, below), Some(self.chosen), &names);
            return;
        }
        if draft.secret.is_some() && !draft.made_here {
            below += u16::from(roomy);
            self.view_settings(draft, cx, area, buf, below);
            below += 1;
        }
        below += u16::from(roomy);
        if roomy {
            put(buf, area, 3, below, "Or", Style::new());
            below += 1;
        }
        let chosen = (self.focus == Focus::Make).then_some(0);
        let make = if area.width >= 60 {
            "Create a new secret, to put on a phone (shows a QR code)"
        } else {
            "Create a new secret for a phone"
        };
        below += widgets::choices(cx, area, buf, (3, below), chosen, &[make]);
        if roomy {
            let text = "For your eyes: no code is checked until the next step.";
            put(buf, area, 3, below + 1, text, Style::new());
        }
    }

    fn hints(&self, _draft: &Draft, _cx: &Cx<'_>) -> Vec<Hint> {
        let enter = match (&self.fixed, self.focus) {
            (Some(_), Focus::Field) => "fix it for me",
            (_, Focus::Make) => "create it",
            _ => "next",
        };
        vec![
            Hint { key: Key::Enter, word: enter },
            Hint { key: Key::Down, word: "other ways" },
            Hint { key: Key::F(2), word: if self.field.is_masked() { "show" } else { "hide" } },
            Hint { key: Key::Esc, word: "back" },
            Hint { key: Key::F(1), word: "help" },
        ]
    }

    fn cursor(&self, _draft: &Draft, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let at = Self::field_at(area);
        let width = area.width.saturating_sub(at.0 + 1);
        (self.focus == Focus::Field && self.found.is_empty())
            .then(|| self.field.cursor(cx.theme, area, at, width))
    }
}
