//! The screens of one account at every size: nothing panics, nothing is drawn outside.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use twolock::config::Config;
use twolock::otp::{Kind, Now, Otp, Period, Secret, Timestamp};
use twolock::tui::event::Event;
use twolock::tui::key::Key;
use twolock::tui::screen::{Cx, Facts, Screen};
use twolock::tui::screens::{
    ask::Ask, details::Details, edit::Edit, help, help::Help, rehearse::Rehearse, reveal::Reveal,
};
use twolock::tui::theme::Theme;
use twolock::vault::{Account, AccountId, Change, DeviceId, Vault};
use uuid::Uuid;

const AT: Timestamp = Timestamp::from_seconds(1_779_811_929);

struct Desk {
    vault: Vault,
    theme: Theme,
    facts: Facts,
    config: Config,
    now: Now,
    uses: std::collections::BTreeMap<AccountId, (u64, Timestamp)>,
    spots: twolock::tui::screen::Spots,
}

impl Desk {
    fn new(kind: Kind, ascii: bool) -> Self {
        let otp = Otp { kind, ..Otp::totp(Secret::from_bytes(&[0x5a; 20]).unwrap()) };
        let id = AccountId::new(AT, [1; 10]);
        let mut account = Account::new(id, "GitHub", "alice@example.com", otp, AT);
        account.group = "Work".to_owned();
        account.note = "recovery codes are in the safe\u{202e}\u{7}".to_owned();
        account.pinned = true;
        let mut vault = Vault::new(Uuid::nil());
        vault.apply(&Change::Add(Box::new(account)), AT, DeviceId(1)).unwrap();
        let facts = Facts { clock_synchronised: Some(true), ..Facts::default() };
        Self {
            vault,
            theme: Theme::new(true, ascii),
            facts,
            config: Config::default(),
            now: Now { wall: AT, boot: Duration::from_secs(1000) },
            uses: std::collections::BTreeMap::new(),
            spots: twolock::tui::screen::Spots::default(),
        }
    }

    fn cx(&self) -> Cx<'_> {
        Cx {
            vault: &self.vault,
            now: self.now,
            theme: &self.theme,
            facts: &self.facts,
            uses: &self.uses,
            config: &self.config,
            trusted: true,
            hide_codes: false,
            spots: &self.spots,
        }
    }

    fn account(&self) -> &Account {
        &self.vault.accounts()[0]
    }

    /// Returns every screen, each after some keys.
    fn screens(&self) -> Vec<Box<dyn Screen>> {
        let account = self.account();
        let details = || Box::new(Details::new(account.id));
        let keys = details().keys();
        let mut screens: Vec<(Box<dyn Screen>, &str)> = vec![
            (details(), ""),
            (details(), "r"),
            (details(), "jjj"),
            (Box::new(Edit::new(account)), ""),
            (Box::new(Edit::new(account)), "<backtab> <backtab> <backtab><backspace>1<enter>"),
            (Box::new(Edit::new(account)), "<backtab>0<f2>"),
            (Box::new(Ask::only("to show the secret")), ""),
            (Box::new(Ask::only("to show the secret")), "<enter>"),
            (Box::new(Help::new("the details", keys.clone(), help::everywhere(true))), ""),
            (Box::new(Help::new("the details", keys, help::everywhere(true))), "jjjjj"),
            (Box::new(Rehearse::new(account, &self.cx())), ""),
            (
                Box::new(Rehearse::new(account, &self.cx())),
                "1<enter>123456<enter>123457<enter>123458<enter>123459<enter>123450<enter>1",
            ),
            (Box::new(Reveal::new(account.id)), ""),
            (Box::new(Reveal::new(account.id)), "k"),
        ];
        for (screen, keys) in &mut screens {
            screen.refresh(&self.cx());
            for key in Key::spell(keys).unwrap() {
                screen.handle(&Event::Key(key), &self.cx());
            }
        }
        screens.into_iter().map(|(screen, _)| screen).collect()
    }
}

fn kinds() -> Vec<Kind> {
    let pin = || Secret::from_bytes(b"1234").unwrap();
    vec![
        Kind::TOTP,
        Kind::Totp { period: Period::new(86_400).unwrap() },
        Kind::Hotp { counter: u64::MAX },
        Kind::Steam,
        Kind::Motp { pin: pin() },
        Kind::Yandex { pin: pin() },
    ]
}

#[test]
fn nothing_is_drawn_outside_at_any_size() {
    let whole = Rect::new(0, 0, 120, 46);
    for (kind, ascii) in kinds().into_iter().zip([false, true].into_iter().cycle()) {
        let desk = Desk::new(kind, ascii);
        for screen in desk.screens() {
            for width in [1, 8, 32, 40, 60, 72, 80, 118] {
                for height in [1, 2, 6, 10, 14, 16, 20, 22, 44] {
                    let area = Rect::new(1, 1, width, height);
                    let mut buf = Buffer::empty(whole);
                    screen.view(&desk.cx(), area, &mut buf);
                    screen.glance(&desk.cx(), area, &mut buf);
                    for (x, y) in (0..whole.width).flat_map(|x| (0..whole.height).map(move |y| (x, y))) {
                        let inside = area.contains((x, y).into());
                        assert!(
                            inside || buf[(x, y)].symbol() == " ",
                            "{} at {width}x{height}: {:?} at {x},{y}",
                            screen.name(),
                            buf[(x, y)].symbol()
                        );
                    }
                    if let Some(cursor) = screen.cursor(&desk.cx(), area) {
                        assert!(area.contains(cursor), "{} at {width}x{height}: {cursor}", screen.name());
                    }
                }
            }
        }
    }
}
