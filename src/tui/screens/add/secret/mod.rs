//! Asks for what the site gave: a secret key, a link, or a picture of the QR code; or makes a new secret.
//!
//! What was typed is judged at each key, in words, so that a slip is seen here and not when a code is refused. The
//! keys stand in `keys`, the picture is drawn in `view`.
//!
//! Over 400 lines: the one field takes six kinds of answers, and one judge must know them all.

mod keys;
mod view;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use zeroize::Zeroizing;

use self::keys::{FIELD, FIX, FOUND, PIN, READING, SETTING, WAITING, WAYS};
use super::super::import::Import;
use super::super::wait;
use super::draft::Draft;
use super::{Add, Keys, Step, Turn, settings, to_import};
use crate::exchange::typed::{Typed, TypedError, recognize};
use crate::failure::Failure;
use crate::otp::{Link, LinkError, Secret};
use crate::tui::effect::{Effect, Source};
use crate::tui::event::Pictured;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Note, Reply, Tone};
use crate::tui::widgets::{Field, round};
use crate::words::secret as remarks;
use crate::words::sentence;

pub(super) use self::keys::TABLES;

/// A picture pasted as Base64 is the longest thing that anybody pastes here.
const LONGEST: usize = 16 << 20;
/// What a pasted picture is called.
const PASTED: &str = "the pasted picture";
/// What the picture on the clipboard is called.
const ON_CLIPBOARD: &str = "the picture on the clipboard";
/// The longest PIN.
const LONGEST_PIN: usize = 64;
/// Said of what no field takes.
const TOO_MUCH: &str = "That is too much text for a key, a link or a picture. Nothing was taken.";

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
    Way(Way),
}

/// A way to a secret other than the field.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Way {
    /// The picture on the clipboard.
    Clipboard,
    /// A picture that is to come.
    Wait,
    /// A new secret.
    Make,
}

/// The other ways, as they stand below the field.
const OTHER_WAYS: [Way; 3] = [Way::Clipboard, Way::Wait, Way::Make];

/// A link that lacks its PIN, and the field for it.
struct Pin {
    link: Zeroizing<String>,
    field: Field,
}

/// The second question.
pub(super) struct SecretKey {
    field: Field,
    focus: Focus,
    verdict: Option<Note>,
    places: Vec<usize>,
    fixed: Option<Zeroizing<String>>,
    /// The PIN is asked for.
    pin: Option<Pin>,
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
            pin: None,
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

    /// Is the PIN of a link asked for?
    pub(super) fn asks_pin(&self) -> bool {
        self.pin.is_some()
    }

    /// Returns what is wrong with what was given, if it is.
    pub(super) fn complains(&self) -> Option<&Note> {
        self.verdict.as_ref().filter(|verdict| verdict.tone == Tone::Error)
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
            Err(TypedError::Link(LinkError::PinMissing)) => {
                self.verdict = Some(Note::plain("This link lacks its PIN. Enter asks for it"));
                draft.secret = None;
            }
            Err(error) => {
                draft.secret = None;
                self.complain(error);
            }
        }
    }

    /// Asks for the PIN of a link that has none; the link leaves the field.
    fn ask_pin(&mut self, link: Zeroizing<String>) -> Turn {
        self.field.clear();
        self.focus = Focus::Field;
        self.verdict = None;
        self.pin = Some(Pin { link, field: Field::masked(LONGEST_PIN) });
        Turn::stay()
    }

    /// Asks for no PIN; the link stands in the field again.
    fn forget_pin(&mut self, draft: &mut Draft) {
        if let Some(pin) = self.pin.take() {
            self.field.set(&pin.link);
            self.judge(draft);
        }
    }

    /// Reads the link with the PIN that was typed.
    fn take_pin(&mut self, draft: &mut Draft) -> Turn {
        let Some(pin) = &self.pin else { return Turn::stay() };
        if pin.field.is_empty() {
            self.verdict = Some(Note::error("Type the PIN first."));
            return Turn::stay();
        }
        let read = Secret::from_bytes(pin.field.text().as_bytes())
            .map_err(LinkError::from)
            .and_then(|secret| Link::read_with_pin(&pin.link, &secret));
        match read {
            Ok(link) => {
                self.pin = None;
                self.accept(&link, draft)
            }
            Err(LinkError::Pin) => {
                self.verdict = Some(Note::error("The PIN of a Yandex account has 4 to 16 digits."));
                Turn::stay()
            }
            Err(error) => {
                self.verdict = Some(Note::error(sentence(&error.to_string())));
                Turn::stay()
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
            Err(TypedError::Link(LinkError::PinMissing)) => self.ask_pin(self.field.secret()),
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

    /// Takes the picture on the clipboard.
    fn read_clipboard(&mut self) -> Turn {
        self.read(Source::Clipboard, ON_CLIPBOARD.to_owned())
    }

    /// Waits for a picture.
    fn wait(&mut self) -> Turn {
        self.waiting = true;
        Turn::Stay(vec![wait::begin()])
    }

    /// Goes the way that is marked.
    fn go_the_way(&mut self, draft: &mut Draft, cx: &Cx<'_>) -> Turn {
        match self.focus {
            Focus::Way(Way::Clipboard) => self.read_clipboard(),
            Focus::Way(Way::Wait) => self.wait(),
            Focus::Way(Way::Make) => self.make(draft, cx),
            Focus::Field | Focus::Setting(_) => Turn::stay(),
        }
    }

    pub(super) fn read_done(
        &mut self,
        result: &Result<Pictured, Failure>,
        draft: &mut Draft,
        cx: &Cx<'_>,
    ) -> Turn {
        let Some((source, name)) = self.reading.take() else { return Turn::stay() };
        let (texts, original) = match result {
            Ok(Pictured { texts, original }) => (texts, original),
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
        draft.picture.clone_from(original);
        let lacks_pin = |text: &&Zeroizing<String>| Link::read(text) == Err(LinkError::PinMissing);
        match self.found.len() {
            0 => {
                if let Some(link) = texts.iter().find(lacks_pin) {
                    return self.ask_pin(link.clone());
                }
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
            let length = (cx.config.add.secret_bytes as usize).min(bytes.len());
            let Ok(secret) = Secret::from_bytes(&bytes[..length]) else { return Turn::stay() };
            draft.secret = Some(secret);
            draft.typed = Zeroizing::new(String::new());
            (draft.algorithm, draft.digits, draft.kind) = cx.config.add.parameters();
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
        places.extend(OTHER_WAYS.map(Focus::Way));
        let at = places.iter().position(|place| *place == self.focus).unwrap_or(0);
        self.focus = places[round(at, by, places.len())];
        Reply::done()
    }

    /// Between the field and the other ways, past the settings.
    fn jump(&mut self, by: isize) -> Reply {
        let at = match self.focus {
            Focus::Setting(_) if by < 0 => 1,
            Focus::Field | Focus::Setting(_) => 0,
            Focus::Way(way) => 1 + OTHER_WAYS.iter().position(|other| *other == way).unwrap_or(0),
        };
        let to = round(at, by, 1 + OTHER_WAYS.len());
        self.focus = to.checked_sub(1).map_or(Focus::Field, |way| Focus::Way(OTHER_WAYS[way]));
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
}

fn go_on(draft: &Draft, cx: &Cx<'_>) -> Turn {
    match draft.save(cx, None) {
        Some(saves) => Turn::Next(vec![Action::Do(Effect::Commit(saves))]),
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
            _ if self.pin.is_some() => PIN,
            Focus::Field if self.fixed.is_some() => FIX,
            Focus::Way(_) => WAYS,
            Focus::Setting(_) if has_settings(draft) => SETTING,
            Focus::Field | Focus::Setting(_) => FIELD,
        }
    }

    fn text(&mut self, key: Key, draft: &mut Draft, _cx: &Cx<'_>) -> bool {
        if let Some(pin) = self.pin.as_mut() {
            return pin.field.handle(key);
        }
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
        (self.focus == Focus::Field || self.pin.is_some()) && !self.reads_picture() && !self.waiting
    }

    fn pasted(&mut self, text: &str, draft: &mut Draft, _cx: &Cx<'_>) -> Turn {
        if self.reading.is_some() {
            return Turn::stay();
        }
        if self.waiting {
            return Turn::Stay(vec![Action::Say(Note::plain("Esc ends the waiting; then paste"))]);
        }
        if let Some(pin) = &mut self.pin {
            pin.field.insert(text.trim());
            return Turn::stay();
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
            Err(TypedError::Link(LinkError::PinMissing)) => {
                return self.ask_pin(Zeroizing::new(text.trim().to_owned()));
            }
            _ if text.len() > LONGEST => {
                self.verdict = Some(Note::error(TOO_MUCH));
                return Turn::stay();
            }
            _ => {
                if !self.field.insert(text.trim()) {
                    self.verdict = Some(Note::error(TOO_MUCH));
                    return Turn::stay();
                }
            }
        }
        self.judge(draft);
        Turn::stay()
    }

    fn view(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        self.draw(draft, cx, area, buf);
    }

    fn cursor(&self, draft: &Draft, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let at = Self::field_at(area);
        let width = area.width.saturating_sub(at.0 + 1);
        let field = self.pin.as_ref().map_or(&self.field, |pin| &pin.field);
        self.types(draft).then(|| field.cursor(cx.theme, area, at, width))
    }
}
