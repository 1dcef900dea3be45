//! One row of the list: what stands there of an account of the vault.

use std::ops::Range;

use zeroize::Zeroizing;

use crate::display::Visible;
use crate::otp::{Code, Kind};
use crate::tui::screen::{Cx, Spot};
use crate::tui::screens::pending;
use crate::tui::screens::row::{self, Row, dots};
use crate::tui::theme::Glyph;
use crate::vault::{Account, Checked, Field, Mark};

/// Returns "name · detail" of an account.
pub(in crate::tui::screens) fn label(cx: &Cx<'_>, account: &Account) -> Visible {
    row::label(cx, account.name(), account.detail())
}

/// One row, while it is drawn.
#[allow(clippy::struct_excessive_bools, reason = "each is seen on its own")]
pub(super) struct Line<'a> {
    /// How and when it is drawn.
    pub(super) cx: &'a Cx<'a>,
    /// What is drawn.
    pub(super) account: &'a Account,
    /// Which row of the list it is.
    pub(super) row: usize,
    /// It is the one that keys go to.
    pub(super) selected: bool,
    /// It was asked for although codes are hidden.
    pub(super) peeked: bool,
    /// The code of its counter, once one was reserved.
    pub(super) counted: Option<Code>,
    /// It is one of those that the next change is about.
    pub(super) marked: bool,
    /// Why it was found.
    pub(super) marks: Vec<Mark>,
    /// Its row has a number that copies.
    pub(super) numbered: bool,
}

impl<'a> Line<'a> {
    /// Are its codes dots just now?
    pub(super) fn hidden(&self) -> bool {
        self.cx.hide_codes && !self.peeked
    }

    /// Returns the code as it is shown: the digits, dots, or how to get one.
    pub(super) fn code(&self) -> Zeroizing<String> {
        let code = match self.account.otp.kind {
            _ if self.account.pending => return Zeroizing::new(pending::WORD.to_owned()),
            Kind::Hotp { counter } => {
                return match &self.counted {
                    Some(code) => code.grouped(),
                    None => Zeroizing::new(format!("HOTP #{counter}")),
                };
            }
            _ => self.account.otp.code(self.cx.now.wall),
        };
        match code {
            Ok(code) if self.hidden() => dots(self.cx, &code),
            Ok(code) => code.grouped(),
            Err(_) => Zeroizing::new("no clock".to_owned()),
        }
    }

    /// Returns what is drawn.
    pub(super) fn drawn(&self) -> Row<'a> {
        let account = self.account;
        let time = self.left();
        let near = time.is_some_and(|(left, _)| left <= self.cx.config.screen.next_in_last.0);
        let next = (near && !self.hidden()).then(|| account.otp.next_code(self.cx.now.wall).ok()).flatten();
        let counts = !account.pending && matches!(account.otp.kind, Kind::Hotp { .. });
        let short = match account.otp.kind {
            Kind::Hotp { counter } if counts && self.counted.is_none() => {
                Some(Zeroizing::new(format!("#{counter} Space")))
            }
            _ => None,
        };
        let found = |field: Field| -> Vec<Range<usize>> {
            self.marks.iter().filter(|(of, _)| *of == field).map(|(_, range)| range.clone()).collect()
        };
        Row {
            cx: self.cx,
            place: self.row,
            selected: self.selected,
            marked: self.marked,
            numbered: self.numbered,
            name: account.name(),
            detail: account.detail(),
            mark: self.mark(),
            found: if account.issuer.is_empty() {
                [found(Field::Account), Vec::new()]
            } else {
                [found(Field::Issuer), found(Field::Account)]
            },
            code: self.code(),
            short,
            on_request: counts,
            next,
            time,
            spot: Some(Spot::Code(account.id)),
        }
    }

    fn left(&self) -> Option<(u32, u32)> {
        if self.account.pending {
            return None;
        }
        let left = self.account.otp.seconds_left(self.cx.now.wall)?;
        Some((left, self.account.otp.period()?.seconds()))
    }

    fn mark(&self) -> &'static str {
        match (self.account.pinned, self.account.pending, self.account.checked) {
            (true, _, _) => self.cx.theme.glyph(Glyph::Star),
            (_, true, _) => "~",
            (_, _, Checked::Never) => "?",
            _ => " ",
        }
    }
}
