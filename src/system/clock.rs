//! What time it is, and how sure that is.
//!
//! The only place that reads a clock. The wall clock makes the codes; the time since boot, which counts suspend
//! and cannot be set, drives everything that waits. Nothing here claims more of the wall clock than the system
//! itself says.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use thiserror::Error;

use super::command;
use crate::display::visible;
use crate::otp::{Now, Timestamp};

/// For how long a sign of systemd-timesyncd is believed: it asks at least every 34 minutes, so this is three misses.
const SIGN_SECONDS: i64 = 2 * 3600;

/// Somebody who can be asked for the time.
pub trait Clock {
    /// Returns the time.
    fn now(&self) -> Now;
}

/// The clocks of the computer.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Now {
        let wall = clock_gettime(ClockId::Realtime);
        let nanos = u32::try_from(wall.tv_nsec).unwrap_or(0);
        Now { wall: Timestamp::new(wall.tv_sec, nanos), boot: since_boot() }
    }
}

/// A wall clock that stands still, for `--at`; what waits goes on.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock {
    /// The moment at which it stands.
    pub wall: Timestamp,
}

impl Clock for FixedClock {
    fn now(&self) -> Now {
        Now { wall: self.wall, boot: since_boot() }
    }
}

/// Returns the time since boot, suspend included.
pub(super) fn since_boot() -> Duration {
    #[cfg(target_os = "linux")]
    let id = ClockId::Boottime;
    // On macOS this one counts suspend; elsewhere nothing better can be read.
    #[cfg(not(target_os = "linux"))]
    let id = ClockId::Monotonic;
    Duration::try_from(clock_gettime(id)).unwrap_or_default()
}

/// What the computer says of its own wall clock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ClockTruth {
    /// Nobody here can tell.
    NotChecked,
    /// The service that should keep it right says that it does not.
    NotSynchronised,
    /// It is kept right by the network.
    Synchronised {
        /// How far it may be off, if that is said.
        within_ms: Option<u64>,
    },
}

impl ClockTruth {
    /// Asks systemd and chrony, by the signs they leave and the commands they bring. It may take two seconds, so it
    /// is no question for a thread that draws.
    pub fn ask(now: Timestamp) -> Self {
        let systemd = Path::new("/run/systemd/timesync");
        let signs = [from_timesync(systemd, now), from_chrony(Path::new("/run/chrony"))];
        if let Some(truth) = signs.into_iter().flatten().next() {
            return truth;
        }
        if Path::new("/run/systemd/system").is_dir()
            && let Ok(answer) =
                command::run("timedatectl", &["show", "--property=NTPSynchronized", "--value"], b"", true)
        {
            return match answer.trim_ascii() {
                b"no" => Self::NotSynchronised,
                b"yes" => Self::Synchronised { within_ms: None },
                _ => Self::NotChecked,
            };
        }
        Self::NotChecked
    }

    /// Returns yes, no, or nothing where it is not known.
    pub const fn is_synchronised(self) -> Option<bool> {
        match self {
            Self::NotChecked => None,
            Self::NotSynchronised => Some(false),
            Self::Synchronised { .. } => Some(true),
        }
    }
}

/// The directory is there while systemd-timesyncd runs; the file in it is touched at each answer of a time server.
fn from_timesync(directory: &Path, now: Timestamp) -> Option<ClockTruth> {
    if !directory.is_dir() {
        return None;
    }
    match fs::metadata(directory.join("synchronized")).and_then(|sign| sign.modified()) {
        Ok(touched) => {
            let age = jiff::Timestamp::try_from(touched).ok()?.as_second();
            let fresh = now.seconds().saturating_sub(age).abs() <= SIGN_SECONDS;
            Some(if fresh { ClockTruth::Synchronised { within_ms: None } } else { ClockTruth::NotChecked })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(ClockTruth::NotSynchronised),
        Err(_) => None,
    }
}

fn from_chrony(directory: &Path) -> Option<ClockTruth> {
    if !directory.is_dir() {
        return None;
    }
    let answer = command::run("chronyc", &["-c", "-n", "tracking"], b"", true).ok()?;
    parse_tracking(std::str::from_utf8(&answer).ok()?)
}

/// Reads `chronyc -c tracking`: id, address, stratum, reference time, system offset, last offset, RMS offset,
/// frequency, residual, skew, root delay, root dispersion, interval, leap status. The clock is off by at most the
/// offset, the dispersion and half of the delay.
fn parse_tracking(line: &str) -> Option<ClockTruth> {
    let fields: Vec<&str> = line.trim().split(',').collect();
    let [.., delay, dispersion, _, leap] = fields.as_slice() else {
        return None;
    };
    if *leap == "Not synchronised" {
        return Some(ClockTruth::NotSynchronised);
    }
    let seconds = |field: &str| field.parse::<f64>().ok().filter(|value| value.is_finite());
    let offset = seconds(fields.get(4)?)?;
    let bound = offset.abs() + seconds(dispersion)?.abs() + seconds(delay)?.abs() / 2.0;
    let within = Duration::try_from_secs_f64(bound).ok()?;
    Some(ClockTruth::Synchronised { within_ms: u64::try_from(within.as_millis()).ok() })
}

/// How long a moment is in the name of a file, in bytes.
pub const NAMED: usize = 20;

/// A text that is not a moment.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
#[error("\"{}\" is not a time: give Unix seconds or a date such as 2026-05-03T14:32:00Z", visible(.0))]
pub struct TimeError(
    /// What was given.
    pub String,
);

/// Reads a moment: Unix seconds, also negative, or RFC 3339.
pub fn parse_time(text: &str) -> Result<Timestamp, TimeError> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return Ok(Timestamp::from_seconds(seconds));
    }
    let time: jiff::Timestamp = text.parse().map_err(|_| TimeError(text.to_owned()))?;
    // jiff rounds towards zero, a Timestamp down.
    let nanos = time.as_nanosecond();
    let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).map_err(|_| TimeError(text.to_owned()))?;
    let rest = u32::try_from(nanos.rem_euclid(1_000_000_000)).map_err(|_| TimeError(text.to_owned()))?;
    Ok(Timestamp::new(seconds, rest))
}

/// Returns the date of a moment in a time zone as people write it: `3 May 2026`.
pub fn date(at: Timestamp, zone: &jiff::tz::TimeZone) -> String {
    match jiff::Timestamp::from_second(at.seconds()) {
        Ok(time) => time.to_zoned_datetime(zone.clone()).strftime("%-d %b %Y").to_string(),
        Err(_) => "outside the calendar".to_owned(),
    }
}

/// Returns the time of day of a moment in a time zone: `14:32:09`.
pub fn time_of_day(at: Timestamp, zone: &jiff::tz::TimeZone) -> String {
    match jiff::Timestamp::from_second(at.seconds()) {
        Ok(time) => time.to_zoned_datetime(zone.clone()).strftime("%H:%M:%S").to_string(),
        Err(_) => "--:--:--".to_owned(),
    }
}

/// Returns a moment as RFC 3339 in UTC, for machines: `2026-05-03T14:32:00Z`.
pub fn rfc3339(at: Timestamp) -> Option<String> {
    Some(jiff::Timestamp::from_second(at.seconds()).ok()?.to_string())
}

/// Returns a moment in UTC as it stands in names of files, which sort by it: `2026-05-03T14-32-00Z`. Nothing outside of
/// the years with four digits.
pub fn in_names(at: Timestamp) -> Option<String> {
    rfc3339(at).map(|text| text.replace(':', "-")).filter(|text| text.len() == NAMED)
}

/// Returns the time zone of this computer.
pub fn local_zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::system()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boot_clock_does_not_go_back_and_a_fixed_wall_stands() {
        let fixed = FixedClock { wall: Timestamp::from_seconds(59) };
        let (first, second) = (fixed.now(), fixed.now());
        assert_eq!(first.wall.seconds(), 59);
        assert!(second.boot >= first.boot && second.wall == first.wall);
        assert!(SystemClock.now().wall.seconds() > 1_700_000_000);
    }

    #[test]
    fn moments_are_read_as_seconds_or_dates() {
        let check = |text: &str, seconds, nanos| {
            assert_eq!(parse_time(text), Ok(Timestamp::new(seconds, nanos)), "{text}");
        };
        check("59", 59, 0);
        check("-1", -1, 0);
        check(" 1111111109 ", 1_111_111_109, 0);
        check("1970-01-01T00:00:59Z", 59, 0);
        check("2026-05-03T16:32:00.25+02:00", 1_777_818_720, 250_000_000);
        check("1969-12-31T23:59:59.5Z", -1, 500_000_000);
        for wrong in ["", "now", "2026-05-03", "1e9", "99999999999999999999"] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn dates_are_written_as_people_do() {
        let zone = jiff::tz::TimeZone::UTC;
        assert_eq!(date(Timestamp::from_seconds(1_777_818_720), &zone), "3 May 2026");
        assert_eq!(date(Timestamp::from_seconds(i64::MAX), &zone), "outside the calendar");
        assert_eq!(rfc3339(Timestamp::from_seconds(59)).as_deref(), Some("1970-01-01T00:00:59Z"));
        assert_eq!(in_names(Timestamp::from_seconds(59)).as_deref(), Some("1970-01-01T00-00-59Z"));
        assert_eq!(in_names(Timestamp::from_seconds(253_402_300_800)), None);
    }

    #[test]
    fn chrony_tells_how_far_the_clock_may_be_off() {
        let line =
            "C0A80001,192.168.0.1,3,1777818720.1,-0.000012,0.1,0.1,-5.1,0.0,0.2,0.020,0.004,64.2,Normal\n";
        assert_eq!(parse_tracking(line), Some(ClockTruth::Synchronised { within_ms: Some(14) }));
        let line = "00000000,,0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised";
        assert_eq!(parse_tracking(line), Some(ClockTruth::NotSynchronised));
        assert_eq!(parse_tracking("506 Cannot talk to daemon"), None);
    }

    #[test]
    fn timesyncd_is_believed_only_while_its_sign_is_fresh() {
        let directory = tempfile::tempdir().expect("a place for temporary files");
        let now = SystemClock.now().wall;
        assert_eq!(from_timesync(&directory.path().join("none"), now), None);
        assert_eq!(from_timesync(directory.path(), now), Some(ClockTruth::NotSynchronised));
        let (_, sign) = tempfile::Builder::new()
            .prefix("synchronized")
            .rand_bytes(0)
            .tempfile_in(directory.path())
            .expect("the directory is ours")
            .keep()
            .expect("the file is ours");
        assert!(sign.ends_with("synchronized"));
        let synchronised = ClockTruth::Synchronised { within_ms: None };
        assert_eq!(from_timesync(directory.path(), now), Some(synchronised));
        assert_eq!(from_timesync(directory.path(), now.plus_seconds(86_400)), Some(ClockTruth::NotChecked));
    }
}
