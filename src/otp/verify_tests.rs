//! The check of one code: what is taken, what is refused, and for how long one has to wait.

use super::*;
use crate::otp::{Digits, Secret, Timestamp};

const T: i64 = 1_800_000_010;

fn otp() -> Otp {
    Otp::totp(Secret::from_bytes(b"12345678901234567890").unwrap())
}

fn now(seconds: i64) -> Now {
    Now { wall: Timestamp::from_seconds(seconds), boot: Duration::from_secs(seconds.unsigned_abs()) }
}

fn code(otp: &Otp, at: i64) -> String {
    otp.code(Timestamp::from_seconds(at)).unwrap().reveal().to_owned()
}

#[test]
fn takes_the_step_before_and_after_and_no_other() {
    for steps in -3..=3 {
        let verdict = Verifier::default().check(&otp(), &code(&otp(), T + 30 * steps), now(T));
        let expected = if steps.abs() <= 1 { Verdict::Accepted { steps } } else { Verdict::Wrong };
        assert_eq!(verdict, expected, "{steps}");
    }
}

#[test]
fn a_window_of_nought_takes_only_the_present() {
    let check = |at| Verifier::default().with_window(0).check(&otp(), &code(&otp(), at), now(T));
    assert_eq!(check(T), Verdict::Accepted { steps: 0 });
    assert_eq!(check(T - 30), Verdict::Wrong);
}

#[test]
fn refuses_the_same_step_again_and_an_earlier_one() {
    let mut verifier = Verifier::default();
    assert_eq!(verifier.check(&otp(), &code(&otp(), T), now(T)), Verdict::Accepted { steps: 0 });
    assert_eq!(verifier.check(&otp(), &code(&otp(), T), now(T + 5)), Verdict::Replayed);
    assert_eq!(verifier.check(&otp(), &code(&otp(), T - 30), now(T + 5)), Verdict::Replayed);
    assert_eq!(verifier.check(&otp(), &code(&otp(), T + 30), now(T + 5)), Verdict::Accepted { steps: 1 });
    assert_eq!(verifier.check(&otp(), &code(&otp(), T), now(T + 6)), Verdict::Replayed);
}

#[test]
fn five_wrong_tries_make_a_wait_that_doubles_and_ends_with_a_right_one() {
    let mut verifier = Verifier::default();
    let mut boot = Duration::from_secs(100);
    let wall = Timestamp::from_seconds(T);
    for wait in [30, 60, 120] {
        for _ in 0..5 {
            assert_eq!(verifier.check(&otp(), "000000", Now { wall, boot }), Verdict::Wrong);
        }
        let right = code(&otp(), T);
        assert_eq!(verifier.check(&otp(), &right, Now { wall, boot }), Verdict::Wait { seconds: wait });
        let later = Now { wall: wall.plus_seconds(9999), boot: boot + Duration::from_millis(1) };
        assert_eq!(verifier.check(&otp(), &right, later), Verdict::Wait { seconds: wait });
        boot += Duration::from_secs(wait);
    }
    assert_eq!(verifier.check(&otp(), &code(&otp(), T), Now { wall, boot }), Verdict::Accepted { steps: 0 });
    assert_eq!(verifier.check(&otp(), "000000", Now { wall, boot }), Verdict::Wrong);
    assert_eq!(verifier.wait(Now { wall, boot }), None);
}

#[test]
fn the_wait_has_an_end_however_many_are_wrong() {
    let brake = Brake { rounds: 500, wrong: 4, blocked_until: None };
    let mut verifier = Verifier::default().with_brake(brake);
    assert_eq!(verifier.check(&otp(), "000000", now(T)), Verdict::Wrong);
    assert_eq!(verifier.wait(now(T)), Some(Verifier::LONGEST_WAIT_SECONDS));
}

#[test]
fn what_cannot_be_a_code_is_no_try() {
    let mut verifier = Verifier::default();
    for typed in ["", " ", "12345", "1234567", "12345a", "١٢٣٤٥٦", "\u{1b}[31m"] {
        for _ in 0..6 {
            assert_eq!(verifier.check(&otp(), typed, now(T)), Verdict::Malformed, "{typed:?}");
        }
    }
}

#[test]
fn blanks_dashes_and_wide_digits_do_not_matter() {
    let right = code(&otp(), T);
    let wide: String = right.chars().map(|c| char::from_u32(u32::from(c) - 0x30 + 0xff10).unwrap()).collect();
    for typed in
        [format!(" {} {}\n", &right[..3], &right[3..]), format!("{}-{}", &right[..2], &right[2..]), wide]
    {
        let verdict = Verifier::default().check(&otp(), &typed, now(T));
        assert_eq!(verdict, Verdict::Accepted { steps: 0 });
    }
}

#[test]
fn a_counter_code_must_be_ahead_of_the_last_one() {
    let otp = Otp::hotp(otp().secret, 5);
    let at = |counter| otp.code_at(counter).reveal().to_owned();
    let mut verifier = Verifier::default();
    assert_eq!(verifier.check(&otp, &at(4), now(T)), Verdict::Wrong);
    assert_eq!(verifier.check(&otp, &at(16), now(T)), Verdict::Wrong);
    assert_eq!(verifier.check(&otp, &at(7), now(T)), Verdict::Accepted { steps: 2 });
    assert_eq!(verifier.check(&otp, &at(7), now(T)), Verdict::Replayed);
    assert_eq!(verifier.check(&otp, &at(5), now(T)), Verdict::Replayed);
    assert_eq!(verifier.check(&otp, &at(8), now(T)), Verdict::Accepted { steps: 3 });
}

#[test]
fn a_counter_at_its_end_is_no_trouble() {
    let otp = Otp::hotp(otp().secret, u64::MAX);
    let right = otp.code_at(u64::MAX).reveal().to_owned();
    let mut verifier = Verifier::default();
    assert_eq!(verifier.check(&otp, &right, now(T)), Verdict::Accepted { steps: 0 });
    assert_eq!(verifier.check(&otp, &right, now(T)), Verdict::Replayed);
}

#[test]
fn a_remembered_drift_moves_the_window() {
    let check = |at| Verifier::default().with_drift(4).check(&otp(), &code(&otp(), at), now(T));
    assert_eq!(check(T + 120), Verdict::Accepted { steps: 4 });
    assert_eq!(check(T), Verdict::Wrong);
}

#[test]
fn the_start_of_time_is_no_trouble() {
    let early = Now { wall: Timestamp::from_seconds(-1), boot: Duration::ZERO };
    assert_eq!(Verifier::default().check(&otp(), "123456", early), Verdict::NoClock);
    let verdict = Verifier::default().with_window(99).check(&otp(), &code(&otp(), 0), now(0));
    assert_eq!(verdict, Verdict::Accepted { steps: 0 });
}

#[test]
fn letters_of_steam_may_be_small() {
    let otp = Otp::steam(otp().secret);
    let typed = code(&otp, T).to_lowercase();
    assert_eq!(Verifier::default().check(&otp, &typed, now(T)), Verdict::Accepted { steps: 0 });
    let ten = Otp { digits: Digits::new(10).unwrap(), ..Otp::totp(otp.secret) };
    assert_eq!(Verifier::default().check(&ten, &code(&ten, T), now(T)), Verdict::Accepted { steps: 0 });
}
