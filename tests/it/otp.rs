//! Codes against a second implementation, and links against what the world writes.
//!
//! The second implementation shares nothing with the first but SHA-2: SHA-1 and HMAC are written out here, slowly
//! and after the standards.

mod links;
mod plain;

use proptest::prelude::*;
use twolock::otp::{Algorithm, Digits, Kind, NoCode, Otp, Period, Secret, Timestamp};

fn algorithm() -> impl Strategy<Value = Algorithm> {
    prop::sample::select(Algorithm::ALL.to_vec())
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

proptest! {
    #[test]
    fn counter_codes_agree_with_a_second_implementation(
        bytes in prop::collection::vec(any::<u8>(), 1..=1024),
        counter in any::<u64>(),
        digits in 1_u64..=10,
        algorithm in algorithm(),
    ) {
        let secret = Secret::from_bytes(&bytes).unwrap();
        let otp = Otp { algorithm, digits: Digits::new(digits).unwrap(), ..Otp::hotp(secret, counter) };
        let expected = plain::code(algorithm, &bytes, counter, usize::try_from(digits).unwrap());
        let code = otp.code_at(counter);
        prop_assert_eq!(code.reveal(), expected);
    }

    #[test]
    fn time_codes_agree_with_a_second_implementation(
        bytes in prop::collection::vec(any::<u8>(), 1..=80),
        seconds in 0_i64..=i64::MAX,
        period in 1_u64..=86_400,
        algorithm in algorithm(),
    ) {
        let kind = Kind::Totp { period: Period::new(period).unwrap() };
        let otp = Otp { algorithm, kind, ..Otp::totp(Secret::from_bytes(&bytes).unwrap()) };
        let step = u64::try_from(seconds).unwrap() / period;
        let code = otp.code(at(seconds)).unwrap();
        prop_assert_eq!(code.reveal(), plain::code(algorithm, &bytes, step, 6));
        let left = i64::from(otp.seconds_left(at(seconds)).unwrap_or(0));
        prop_assert!((0..=i64::try_from(period).unwrap()).contains(&left));
        if left > 0 && seconds < i64::MAX - left {
            prop_assert_eq!(otp.valid_until(at(seconds)).unwrap(), at(seconds + left));
            prop_assert_eq!(otp.next_code(at(seconds)).unwrap(), otp.code(at(seconds + left)).unwrap());
        }
    }
}

/// Each account has its own boundary: they do not change all at once at the full half minute.
#[test]
fn codes_of_every_period_change_at_their_own_boundary() {
    let begin = 1_800_000_000_i64 - 7;
    for period in [10_i64, 15, 20, 30, 45, 60] {
        let kind = Kind::Totp { period: Period::new(period.unsigned_abs()).unwrap() };
        let otp = Otp { kind, ..Otp::totp(Secret::from_bytes(b"12345678901234567890").unwrap()) };
        for seconds in begin..begin + 120 {
            let step = u64::try_from(seconds / period).unwrap();
            let expected = plain::code(Algorithm::Sha1, b"12345678901234567890", step, 6);
            for nanos in [0, 1, 999_999_999] {
                let moment = Timestamp::new(seconds, nanos);
                assert_eq!(otp.code(moment).unwrap().reveal(), expected, "{period} s at {seconds}");
                let left = period - seconds % period;
                assert_eq!(i64::from(otp.seconds_left(moment).unwrap()), left, "{period} s at {seconds}");
                assert_eq!(otp.valid_until(moment).unwrap(), at(seconds + left));
            }
            let changes = seconds % period == 0;
            assert_eq!(otp.step(at(seconds)).unwrap() != otp.step(at(seconds - 1)).unwrap(), changes);
        }
    }
}

#[test]
fn there_is_no_code_before_1970() {
    let otp = Otp::totp(Secret::from_bytes(b"12345678901234567890").unwrap());
    for moment in [at(-1), at(i64::MIN), Timestamp::new(-1, 999_999_999)] {
        assert_eq!(otp.code(moment), Err(NoCode::BeforeEpoch));
        assert_eq!(otp.next_code(moment), Err(NoCode::BeforeEpoch));
        assert_eq!(otp.valid_until(moment), Err(NoCode::BeforeEpoch));
        assert_eq!(otp.seconds_left(moment), None);
    }
    assert_eq!(otp.code(at(0)).unwrap().reveal(), "755224");
    assert_eq!(otp.seconds_left(at(0)), Some(30));
}

#[test]
fn codes_go_on_after_2038_and_2106_and_at_the_end_of_time() {
    let otp = Otp::totp(Secret::from_bytes(b"12345678901234567890").unwrap());
    for seconds in [2_147_483_647, 2_147_483_648, 4_294_967_295, 4_294_967_296, 20_000_000_000, i64::MAX] {
        let step = u64::try_from(seconds).unwrap() / 30;
        let expected = plain::code(Algorithm::Sha1, b"12345678901234567890", step, 6);
        assert_eq!(otp.code(at(seconds)).unwrap().reveal(), expected);
        assert!(otp.valid_until(at(seconds)).is_ok());
    }
}

#[test]
fn a_counter_code_does_not_come_by_time() {
    let otp = Otp::hotp(Secret::from_bytes(b"12345678901234567890").unwrap(), 0);
    assert_eq!(otp.code(at(59)), Err(NoCode::OnRequest));
    assert_eq!(otp.seconds_left(at(59)), None);
    assert_eq!(otp.code_at(u64::MAX).reveal().len(), 6);
}
