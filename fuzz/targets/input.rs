//! What a terminal sends gives the same keys however it is cut into pieces, and no paste ever runs keys.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twolock::tui::event::Event;
use twolock::tui::input::Input;

fn pasted(events: &[Event]) -> usize {
    events.iter().map(|event| if let Event::Paste(text) = event { text.len() } else { 0 }).sum()
}

fuzz_target!(|bytes: &[u8]| {
    let mut whole = Input::default();
    let mut events = whole.feed(bytes);
    events.extend(whole.give_up());
    assert!(!whole.waits() && !whole.pastes());
    assert!(events.iter().all(|event| matches!(event, Event::Key(_) | Event::Paste(_))));
    // A byte that is no UTF-8 becomes a character of three.
    assert!(events.len() <= bytes.len() && pasted(&events) <= 3 * bytes.len());

    let mut pieces = Input::default();
    for byte in bytes {
        pieces.feed(std::slice::from_ref(byte));
    }
    pieces.give_up();
    assert!(!pieces.waits() && !pieces.pastes());
});
