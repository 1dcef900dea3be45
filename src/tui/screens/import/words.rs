//! The words of the preview: of a row, and of the whole.

use crate::exchange::{Assumed, Plan, Row, State, Tally};
use crate::otp::{Kind, Otp};
use crate::tui::widgets;

/// Below this width a row is name and state.
pub(super) const WIDE: u16 = 60;

/// Where the columns of a row stand.
pub(super) struct Columns {
    pub(super) name: u16,
    pub(super) account: Option<(u16, u16)>,
    pub(super) settings: Option<u16>,
    pub(super) state: u16,
}

impl Columns {
    pub(super) fn of(width: u16) -> Self {
        const STATE: u16 = 18;
        const SETTINGS: u16 = 13;
        const NARROW_STATE: u16 = 15;
        if width < WIDE {
            let state = width.saturating_sub(NARROW_STATE);
            return Self { name: state.saturating_sub(7), account: None, settings: None, state };
        }
        let width = width.min(120);
        let state = width - STATE;
        let settings = state - SETTINGS - 1;
        let names = settings - 7;
        let name = (names * 2 / 5).min(24);
        Self { name, account: Some((6 + name + 1, names - name - 1)), settings: Some(settings), state }
    }
}

/// Returns the box before a row.
pub(super) fn mark(row: &Row) -> &'static str {
    match (row.chosen, row.state) {
        (true, _) => "[x]",
        (false, State::New) => "[ ]",
        (false, State::Same(_) | State::Twice) => "[=]",
        (false, State::OtherSecret(_) | State::Renamed(_) | State::Settings(_)) => "[~]",
    }
}

/// Says what an entry is to the vault, or what becomes of it.
pub(super) fn word(row: &Row) -> &'static str {
    match (row.state, row.chosen) {
        (State::New, _) => "new",
        (State::Same(_), _) => "already here",
        (State::Twice, _) => "twice in it",
        (State::OtherSecret(_), false) => "other secret",
        (State::OtherSecret(_), true) => "add beside it",
        (State::Renamed(_), false) => "other name",
        (State::Renamed(_), true) => "take its name",
        (State::Settings(_), false) => "other settings",
        (State::Settings(_), true) => "take settings",
    }
}

/// Returns what codes are made with, in a few letters.
pub(super) fn settings(otp: &Otp) -> String {
    match &otp.kind {
        Kind::Hotp { .. } => format!("{} {} HOTP", otp.algorithm.name(), otp.digits.get()),
        Kind::Motp { .. } => "mOTP".to_owned(),
        Kind::Steam => "Steam".to_owned(),
        Kind::Totp { period } => {
            format!("{} {} {}s", otp.algorithm.name(), otp.digits.get(), period.seconds())
        }
        Kind::Yandex { .. } => "Yandex".to_owned(),
    }
}

/// Returns one line: what would be added, and what not.
pub(super) fn summary(tally: Tally, narrow: bool) -> String {
    let differ = tally.renamed + tally.differ;
    let mut parts = vec![format!("{} to add", tally.chosen)];
    let mut part = |count: usize, long: String, short: &str| match (count, narrow) {
        (0, _) => {}
        (_, true) => parts.push(format!("{count} {short}")),
        (_, false) => parts.push(long),
    };
    part(tally.same, format!("{} already here", tally.same), "here");
    let verb = if differ == 1 { "differs" } else { "differ" };
    part(differ, format!("{differ} {verb} (~: Space chooses)"), verb);
    part(tally.refused, format!("{} can't be read", tally.refused), "bad");
    parts.join(if narrow { "  " } else { "   " })
}

/// Returns what the file does not record, and what else is to be known.
pub(super) fn remarks(plan: &Plan) -> Vec<String> {
    let mut remarks: Vec<String> = plan.notes.iter().take(2).map(|note| widgets::sentence(note)).collect();
    if !plan.assumed.is_empty() {
        let what: Vec<&str> = plan
            .assumed
            .iter()
            .map(|assumed| match assumed {
                Assumed::Algorithm => "SHA1",
                Assumed::Digits => "6 digits",
                Assumed::Period => "30 s",
            })
            .collect();
        remarks.push(format!("Not recorded in such a file, so assumed: {}", what.join(", ")));
    }
    remarks
}
