//! Asks for what the site gave: a secret key, a link, or a picture of the QR code; or makes a new secret.
//!
//! What was typed is judged at each key, in words, so that a slip is seen here and not when a code is refused.
//!
//! Over 400 lines: the one field takes five kinds of answers, and each situation has its own keys.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use zeroize::Zeroizing;

use super::super::change;
use super::super::import::Import;
use super::super::wait;
use super::draft::Draft;
use super::{Add, BACK, DOWN, Keys, LEAVE, Step, Turn, UP, settings, to_import};
use crate::display::visible;
use crate::exchange::typed::{Typed, TypedError, recognize};
use crate::failure::Failure;
use crate::otp::{Algorithm, Digits, Kind, Link, Secret};
use crate::tui::binding::{Binding, always};
use crate::tui::effect::{Effect, Source};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Note, Reply};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, put, round};
use crate::vault::Account;
use crate::words::secret as remarks;

/// A picture pasted as Base64 is the longest thing that anybody pastes here.
const LONGEST: usize = 16 << 20;
/// What a pasted picture is called.
const PASTED: &str = "the pasted picture";
/// The bytes of a secret that is made here (RFC 4226 section 4 recommends 160 bits).
const MADE_BYTES: usize = 20;

const NEXT: Binding<Add> = Binding {
    name: "next",
    keys: &[Key::Enter],
    word: "next",
    help: "go on; a picture is read first",
    applies: always,
    run: |add, cx| add.in_secret(cx, SecretKey::next),
};
const OTHER: Binding<Add> = Binding {
    name: "other",
    keys: &[Key::Down],
    word: "other ways",
    help: "to the other way: a new secret",
    applies: always,
    run: |add, _| add.secret.jump(true),
};
const OTHER_UP: Binding<Add> = Binding {
    name: "other-up",
    keys: &[Key::Up],
    word: "",
    help: "the same, upwards",
    applies: always,
    run: |add, _| add.secret.jump(false),
};
const SHOW: Binding<Add> = Binding {
    name: "show",
    keys: &[Key::F(2)],
    word: "show or hide",
    help: "show or hide what is typed",
    applies: always,
    run: |add, _| Reply::say(add.secret.field.flip()),
};
const TAB: Binding<Add> = Binding {
    name: "tab",
    keys: &[Key::Tab],
    word: "",
    help: "on: field, settings, new secret",
    applies: always,
    run: |add, _| add.secret.go(&add.draft, 1),
};
const TAB_BACK: Binding<Add> = Binding {
    name: "tab-back",
    keys: &[Key::BackTab],
    word: "",
    help: "the same, backwards",
    applies: always,
    run: |add, _| add.secret.go(&add.draft, -1),
};

const AWAIT: Binding<Add> = Binding {
    name: "await",
    keys: &[Key::F(3)],
    word: "wait for a picture",
    help: "wait for a new picture in the home directory",
    applies: always,
    run: |add, _| {
        add.secret.waiting = true;
        Reply::act(wait::begin())
    },
};

const FIELD: Keys = &[NEXT, OTHER, SHOW, BACK, AWAIT, OTHER_UP, TAB, TAB_BACK, LEAVE];
/// Letters stand in the key that are none of Base32, and it is plain which were meant.
const FIX: Keys = &[
    Binding {
        word: "fix it for me",
        help: "put the letters there that were probably meant",
        run: |add, cx| add.in_secret(cx, |secret, draft, _| secret.fix(draft)),
        ..NEXT
    },
    OTHER,
    SHOW,
    BACK,
    AWAIT,
    OTHER_UP,
    TAB,
    TAB_BACK,
    LEAVE,
];
const SETTING: Keys = &[
    Binding {
        name: "right",
        keys: &[Key::Right, Key::Char(' ')],
        word: "change",
        help: "the next value",
        applies: always,
        run: |add, _| add.secret.turn(&mut add.draft, 1),
    },
    NEXT,
    Binding {
        name: "left",
        keys: &[Key::Left],
        word: "",
        help: "the value before",
        applies: always,
        run: |add, _| add.secret.turn(&mut add.draft, -1),
    },
    SHOW,
    BACK,
    OTHER,
    OTHER_UP,
    TAB,
    TAB_BACK,
    LEAVE,
];
const MAKE: Keys = &[
    Binding {
        word: "create it",
        help: "create a new secret, and show it as a QR code",
        run: |add, cx| add.in_secret(cx, SecretKey::make),
        ..NEXT
    },
    Binding { word: "back to the key", help: "back to the field", ..OTHER },
    BACK,
    OTHER_UP,
    TAB,
    TAB_BACK,
    LEAVE,
];
/// The picture holds more than one code.
const FOUND: Keys = &[
    Binding {
        word: "take it",
        help: "take the account that is marked",
        run: |add, cx| add.in_secret(cx, |secret, draft, _| secret.take(draft)),
        ..NEXT
    },
    DOWN,
    UP,
    Binding {
        help: "back to the field",
        run: |add, _| {
            add.secret.found.clear();
            add.secret.verdict = None;
            Reply::done()
        },
        ..BACK
    },
    LEAVE,
];
const READING: Keys = &[BACK, LEAVE];
const WAITING: Keys = &[
    Binding {
        word: "stop waiting",
        help: "wait no longer",
        run: |add, _| Reply::Taken(wait::end(&mut add.secret.waiting)),
        ..BACK
    },
    LEAVE,
];
#[cfg(test)]
pub(super) const TABLES: &[Keys] = &[FIELD, FIX, SETTING, MAKE, FOUND, READING, WAITING];

impl Add {
    fn in_secret(&mut self, cx: &Cx<'_>, act: fn(&mut SecretKey, &mut Draft, &Cx<'_>) -> Turn) -> Reply {
        let turn = act(&mut self.secret, &mut self.draft, cx);
        self.follow(turn, cx)
    }
}

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
    /// The picture that is being read, and what it is called.
    reading: Option<(Source, String)>,
    found: Vec<Link>,
    chosen: usize,
    /// A new picture is waited for.
    waiting: bool,
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
            waiting: false,
        }
    }

    /// Shows what the draft holds already.
    pub(super) fn enter(&mut self, draft: &Draft) {
        if self.field.is_empty()
            && let Some(secret) = draft.secret.as_ref().filter(|_| !draft.made_here)
        {
            self.field.set(&secret.to_groups());
            self.verdict = Some(remarks::good_key(secret));
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
                self.verdict = Some(remarks::good_key(&secret));
                self.keep(secret, draft);
            }
            Ok(Typed::Hex(secret)) => {
                let text = format!("Hexadecimal key, {} bytes. It is kept as Base32.", secret.bytes().len());
                self.verdict = Some(Note::good(text));
                self.keep(secret, draft);
            }
            Ok(Typed::Link(link)) => {
                self.verdict = Some(remarks::good_link(&link));
                draft.take(&link);
            }
            Ok(Typed::Links | Typed::Migration) => {
                self.verdict = Some(Note::good(remarks::SEVERAL));
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
        self.verdict = Some(remarks::complaint(&error, self.field.text()));
        if let TypedError::Letters { places, fixed } = error {
            self.places = places;
            self.fixed = fixed;
        }
    }

    fn next(&mut self, draft: &mut Draft, cx: &Cx<'_>) -> Turn {
        match recognize(self.field.text()) {
            Ok(Typed::Path(path)) => self.read(Source::File(path.clone()), path),
            Ok(Typed::Picture(bytes)) => {
                self.field.clear();
                self.read(Source::Bytes(bytes), PASTED.to_owned())
            }
            Ok(Typed::Links | Typed::Migration) => {
                let text = self.field.secret();
                self.field.clear();
                self.verdict = None;
                to_import(draft, Import::of(Source::Bytes(Zeroizing::new(text.as_bytes().to_vec()))))
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

    fn fix(&mut self, draft: &mut Draft) -> Turn {
        if let Some(fixed) = self.fixed.take() {
            self.field.set(&fixed);
            self.judge(draft);
        }
        Turn::stay()
    }

    fn take(&mut self, draft: &mut Draft) -> Turn {
        let link = self.found.swap_remove(self.chosen);
        self.found.clear();
        self.accept(&link, draft)
    }

    fn read(&mut self, picture: Source, name: String) -> Turn {
        self.verdict = Some(Note::plain("Reading the picture ..."));
        self.reading = Some((picture.clone(), name));
        Turn::Stay(vec![Action::Do(Effect::ReadPicture(picture))])
    }

    fn accept(&mut self, link: &Link, draft: &mut Draft) -> Turn {
        draft.take(link);
        self.field.set(&link.otp.secret.to_groups());
        self.verdict = Some(remarks::good_link(link));
        Turn::stay()
    }

    pub(super) fn read_done(
        &mut self,
        result: &Result<Vec<Zeroizing<String>>, Failure>,
        draft: &mut Draft,
        cx: &Cx<'_>,
    ) -> Turn {
        let Some((source, name)) = self.reading.take() else { return Turn::stay() };
        let texts = match result {
            Ok(texts) => texts,
            Err(failure) => {
                self.verdict =
                    Some(remarks::unread(failure, &name, &cx.facts.host, cx.facts.reached_as.as_deref()));
                return Turn::stay();
            }
        };
        if texts.iter().any(|text| matches!(recognize(text), Ok(Typed::Migration))) {
            self.field.clear();
            self.verdict = None;
            return to_import(draft, Import::of(source));
        }
        self.found = texts.iter().filter_map(|text| Link::read(text).ok()).collect();
        draft.picture = Some(name).filter(|_| matches!(source, Source::File(_)));
        match self.found.len() {
            0 => {
                draft.picture = None;
                self.verdict = Some(remarks::no_secret(texts));
                Turn::stay()
            }
            1 => {
                let link = self.found.remove(0);
                self.accept(&link, draft)
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

    fn go(&mut self, draft: &Draft, by: isize) -> Reply {
        let mut places = vec![Focus::Field];
        if has_settings(draft) {
            places.extend((0..settings::COUNT).map(Focus::Setting));
        }
        places.push(Focus::Make);
        let at = places.iter().position(|place| *place == self.focus).unwrap_or(0);
        self.focus = places[round(at, by, places.len())];
        Reply::done()
    }

    /// Between the field and the other way, past the settings.
    fn jump(&mut self, down: bool) -> Reply {
        self.focus = match self.focus {
            Focus::Field => Focus::Make,
            Focus::Setting(_) if down => Focus::Make,
            Focus::Setting(_) | Focus::Make => Focus::Field,
        };
        Reply::done()
    }

    fn turn(&mut self, draft: &mut Draft, by: isize) -> Reply {
        if let Focus::Setting(which) = self.focus {
            settings::turn(draft, which, by);
        }
        Reply::done()
    }

    /// Forgets the picture that is being read or waited for; its texts come too late then.
    pub(super) fn stop_reading(&mut self) -> Vec<Action> {
        if self.reading.take().is_some() {
            self.verdict = None;
        }
        wait::end(&mut self.waiting)
    }

    /// Reads the picture that was waited for.
    pub(super) fn came(&mut self, found: Option<&String>) -> Turn {
        if !std::mem::take(&mut self.waiting) {
            return Turn::stay();
        }
        let Some(path) = found else {
            self.verdict = Some(Note::plain(wait::NONE_CAME));
            return Turn::stay();
        };
        self.field.set(path);
        self.read(Source::File(path.clone()), path.clone())
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

/// Are the settings in sight? Those of a secret that is made here are not to be chosen.
fn has_settings(draft: &Draft) -> bool {
    draft.secret.is_some() && !draft.made_here
}

impl Step for SecretKey {
    fn keys(&self, draft: &Draft) -> Keys {
        match self.focus {
            _ if self.waiting => WAITING,
            _ if self.reading.is_some() => READING,
            _ if !self.found.is_empty() => FOUND,
            Focus::Field if self.fixed.is_some() => FIX,
            Focus::Make => MAKE,
            Focus::Setting(_) if has_settings(draft) => SETTING,
            Focus::Field | Focus::Setting(_) => FIELD,
        }
    }

    fn text(&mut self, key: Key, draft: &mut Draft, _cx: &Cx<'_>) -> bool {
        let took = self.types(draft) && self.field.handle(key);
        if took {
            self.judge(draft);
        }
        took
    }

    fn choose(&mut self, by: isize) {
        self.chosen = round(self.chosen, by, self.found.len());
    }

    fn types(&self, _draft: &Draft) -> bool {
        self.focus == Focus::Field && !self.reads_picture() && !self.waiting
    }

    fn pasted(&mut self, text: &str, draft: &mut Draft, _cx: &Cx<'_>) -> Turn {
        if self.reading.is_some() {
            return Turn::stay();
        }
        if self.waiting {
            return Turn::Stay(vec![Action::Say(Note::plain("Esc ends the waiting; then paste"))]);
        }
        self.focus = Focus::Field;
        self.found.clear();
        if let Some(actions) = Import::of_pasted(text) {
            return to_import(draft, actions);
        }
        match recognize(text) {
            // Whole answers take the place of what stood there; a picture is read at once, since nobody proofreads
            // Base64.
            Ok(Typed::Picture(bytes)) => {
                self.field.clear();
                return self.read(Source::Bytes(bytes), PASTED.to_owned());
            }
            Ok(Typed::Path(path)) if self.field.is_empty() => {
                self.field.set(text.trim());
                return self.read(Source::File(path.clone()), path);
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
        if self.waiting {
            return wait::view(cx, area, buf, (3, u16::from(roomy)));
        }
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
        if has_settings(draft) {
            below += u16::from(roomy);
            let focus = if let Focus::Setting(index) = self.focus { Some(index) } else { None };
            settings::view(draft, focus, cx, area, buf, below);
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
            let text = "Whether it is right shows in the next step.";
            put(buf, area, 3, below + 1, text, Style::new());
        }
    }

    fn cursor(&self, draft: &Draft, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let at = Self::field_at(area);
        let width = area.width.saturating_sub(at.0 + 1);
        self.types(draft).then(|| self.field.cursor(cx.theme, area, at, width))
    }
}
