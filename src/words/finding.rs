//! What codes of another device tell, in words: two that are compared, and what can be done about it; one that is tried
//! in a rehearsal.

use zeroize::Zeroizing;

use super::Note;
use crate::otp::{Ahead, Explanation, Finding, Kind, Otp, Period, Reading, Timestamp, Verdict};

/// What can be done about a finding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Remedy {
    /// Take the parameters that were found, and save as checked.
    Adopt,
    /// Two new codes.
    Again,
    /// Save as it is, checked.
    Save,
    /// Save as it is, not checked.
    SaveUnchecked,
    /// Back to the secret.
    Secret,
}

/// A finding in words.
pub struct Words {
    /// The verdict.
    pub note: Note,
    /// More lines, the most useful first.
    pub more: Vec<String>,
    /// Where the key differs from what it should be.
    pub places: Option<Places>,
    /// What to choose from, the best first.
    pub remedies: Vec<(String, Remedy)>,
    /// The parameters to adopt.
    pub otp: Option<Otp>,
    /// The line that is chosen.
    pub chosen: usize,
}

/// Says whether a single code is one of the three that are valid about now.
pub fn matches(otp: &Otp, typed: &str, at: Timestamp) -> bool {
    let Ok(step) = otp.step(at) else { return false };
    [step.saturating_sub(1), step, step.saturating_add(1)]
        .iter()
        .any(|step| otp.code_at(*step).matches(typed))
}

/// Returns a finding in words. `typed` is the key as it was typed; `synchronised` says whether this computer's clock is
/// kept right, if that is known.
pub fn words(finding: &Finding, otp: &Otp, typed: &str, synchronised: Option<bool>) -> Words {
    let again = || ("Try again with two new codes".to_owned(), Remedy::Again);
    let secret = || ("Back to the secret".to_owned(), Remedy::Secret);
    let unchecked = || ("Save without checking".to_owned(), Remedy::SaveUnchecked);
    let adopt = |text: &str| (text.to_owned(), Remedy::Adopt);
    let (note, more, remedies) = match finding {
        Finding::AnotherSecret => (
            Note::error("These codes come from another secret."),
            vec![
                "Most often this is the code of another account, or the site has made a new QR code since.".to_owned(),
                "Other settings, clocks up to 26 hours apart, swapped codes and one wrong character in the key were \
                 tried. None of them fits."
                    .to_owned(),
            ],
            vec![again(), secret(), unchecked()],
        ),
        Finding::ClockOff { ahead, otp } => clock_off(*ahead, otp.is_some(), synchronised),
        Finding::Key { reading, .. } => {
            let kind = match reading {
                Reading::Base64 => "Base64",
                Reading::Hex => "hexadecimal",
                Reading::Text => "plain text",
            };
            (
                Note::warning(format!("Almost. The key is {kind}, not Base32.")),
                Vec::new(),
                vec![adopt(&format!("Read it as {kind} and save")), again(), secret()],
            )
        }
        Finding::Malformed => (
            Note::error("These cannot be two codes of one account: they differ in length, or hold other characters."),
            Vec::new(),
            vec![again(), secret()],
        ),
        Finding::Mistyped { place, .. } => (
            Note::warning("Almost. One character of the secret key is not what the device has:"),
            Vec::new(),
            vec![adopt(&format!("Correct character {place} and save")), again(), secret()],
        ),
        Finding::NoClock => (
            Note::error("This computer's clock is before 1970, so nothing can be compared."),
            Vec::new(),
            vec![again(), unchecked()],
        ),
        Finding::Right { ahead, .. } => (
            Note::good("Both codes are right. This computer and the other device agree:"),
            vec![agreement(otp, *ahead)],
            vec![("Save".to_owned(), save(finding)), again()],
        ),
        Finding::SameTwice => (
            Note::warning("That is the same code twice. Wait until the other device shows a new one."),
            Vec::new(),
            vec![again(), unchecked()],
        ),
        Finding::Settings { otp: right } => (
            Note::warning("The secret is right. The settings are different:"),
            settings(otp, right),
            vec![adopt("Use these settings and save"), again(), secret()],
        ),
        Finding::Skipped { codes, .. } => {
            let missed = if *codes == 1 { "A code was".to_owned() } else { format!("{codes} codes were") };
            (
                Note::good(format!("Both codes are right. {missed} missed between them; that is fine.")),
                Vec::new(),
                vec![("Save".to_owned(), save(finding)), again()],
            )
        }
        Finding::Swapped { .. } => (
            Note::good("Both codes are right. You typed them the other way round; that is fine."),
            Vec::new(),
            vec![("Save".to_owned(), save(finding)), again()],
        ),
        Finding::Transposed { place, .. } => (
            Note::warning("Almost. Two neighbouring characters of the secret key are swapped:"),
            Vec::new(),
            vec![adopt(&format!("Swap characters {place} and {} and save", place + 1)), again(), secret()],
        ),
    };
    let places = match finding {
        Finding::Mistyped { place, otp: right, .. } => Places::new(typed, right, *place, 1),
        Finding::Transposed { place, otp: right } => Places::new(typed, right, *place, 2),
        _ => None,
    };
    Words { note, more, places, remedies, otp: finding.otp().cloned(), chosen: 0 }
}

fn save(finding: &Finding) -> Remedy {
    if finding.otp().is_some() { Remedy::Adopt } else { Remedy::Save }
}

fn agreement(otp: &Otp, ahead: Option<Ahead>) -> String {
    let mut text = format!("same secret, {}, {} digits", otp.algorithm.name(), otp.digits.get());
    if let Some(period) = otp.period() {
        text.push_str(&format!(", every {} s", period.seconds()));
    }
    if let Some(ahead) = ahead {
        let most = ahead.least.abs().max(ahead.most.abs());
        text.push_str(&format!(", clocks within {most} s"));
    }
    text.push('.');
    text
}

type Parts = (Note, Vec<String>, Vec<(String, Remedy)>);

fn clock_off(ahead: Ahead, settings_too: bool, synchronised: Option<bool>) -> Parts {
    let (least, most) = if ahead.most <= 0 { (-ahead.most, -ahead.least) } else { (ahead.least, ahead.most) };
    let side = if ahead.most <= 0 { "behind" } else { "ahead" };
    let middle = i64::midpoint(least, most);
    let mut more = vec![format!(
        "The other device is about {} {side} (between {} and {}).",
        about(middle),
        minutes(least),
        minutes(most)
    )];
    if (middle + 450) / 900 >= 2 && ((middle + 60) % 900 <= 120) {
        more.push("That looks like a time zone set by hand.".to_owned());
    }
    more.push(match synchronised {
        Some(true) => "This computer's clock is synchronised, so the other one is wrong.".to_owned(),
        _ => {
            "Which of the two is wrong cannot be told: this computer's clock is not known to be synchronised."
                .to_owned()
        }
    });
    more.push(
        "Sites refuse codes of a wrong clock. On phones: Settings, Date and time, Set automatically."
            .to_owned(),
    );
    let first = if settings_too {
        ("Use its settings and save".to_owned(), Remedy::Adopt)
    } else {
        ("Save. The codes shown here are right".to_owned(), Remedy::Save)
    };
    let again = ("Try again with two new codes".to_owned(), Remedy::Again);
    let back = ("Back to the secret".to_owned(), Remedy::Secret);
    (Note::warning("The secret is right, but the clocks are not."), more, vec![first, again, back])
}

fn about(seconds: i64) -> String {
    match seconds {
        ..90 => format!("{seconds} seconds"),
        90..5400 => format!("{} minutes", (seconds + 30) / 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

fn minutes(seconds: i64) -> String {
    if seconds >= 3600 {
        format!("{}:{:02}:{:02}", seconds / 3600, seconds % 3600 / 60, seconds % 60)
    } else {
        format!("{}:{:02}", seconds / 60, seconds % 60)
    }
}

fn settings(ours: &Otp, theirs: &Otp) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |what: &str, here: String, there: String| {
        if here != there {
            lines.push(format!("{what:<11} here {here:<10} the other device uses {there}"));
        }
    };
    line("Algorithm", ours.algorithm.name().to_owned(), theirs.algorithm.name().to_owned());
    line("Digits", ours.digits.get().to_string(), theirs.digits.get().to_string());
    let period = |otp: &Otp| otp.period().map_or("none".to_owned(), |p: Period| format!("{} s", p.seconds()));
    line("Period", period(ours), period(theirs));
    lines
}

/// A key beside the one it should be. It may be shown: it was just typed.
pub struct Places {
    typed: Zeroizing<String>,
    right: Zeroizing<String>,
    at: usize,
    wide: usize,
}

impl Places {
    fn new(typed: &str, right: &Otp, place: usize, wide: usize) -> Option<Self> {
        let letters =
            typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase());
        let places = Self {
            typed: Zeroizing::new(letters.collect()),
            right: right.secret.to_base32(),
            at: place - 1,
            wide,
        };
        (!typed.is_empty()).then_some(places)
    }

    /// Returns both keys in groups with a mark under the place; as many groups as fit, the marked one among them.
    pub fn lines(&self, width: u16) -> [Zeroizing<String>; 3] {
        let room = usize::from(width.saturating_sub(12) / 5).max(1);
        let first = (self.at / 4 + 1).saturating_sub(room.div_ceil(2));
        let first = first.min((self.typed.len().div_ceil(4)).saturating_sub(room));
        let line = |word: &str, key: &str| {
            let groups = key.as_bytes().chunks(4).skip(first).take(room);
            let mut line = Zeroizing::new(format!("{word:<12}"));
            for group in groups {
                line.push_str(&String::from_utf8_lossy(group));
                line.push(' ');
            }
            line
        };
        let at = self.at - first * 4;
        let crosses = self.wide == 2 && at % 4 == 3;
        let mark = "^".repeat(self.wide + usize::from(crosses));
        let mark = format!("{}{mark}", " ".repeat(12 + at + at / 4));
        [line("you typed", &self.typed), line("should be", &self.right), Zeroizing::new(mark)]
    }
}

/// Says what came of a code, in words that speak of steps, since one code tells no more.
pub fn judge(verdict: Verdict, why: Option<Explanation>, otp: &Otp) -> Note {
    let counts = matches!(otp.kind, Kind::Hotp { .. });
    match verdict {
        Verdict::Accepted { steps: 0 } => Note::good("accepted, this step. All is well"),
        Verdict::Accepted { steps } if counts => {
            Note::good(format!("accepted, {} skipped", count(steps.unsigned_abs(), "counter")))
        }
        Verdict::Accepted { steps } if steps > 0 => Note::good(format!(
            "accepted, {} early: the device is ahead",
            count(steps.unsigned_abs(), "step")
        )),
        Verdict::Accepted { steps } => Note::good(format!(
            "accepted, {} late: the device is behind",
            count(steps.unsigned_abs(), "step")
        )),
        Verdict::Malformed => Note::warning(format!("not a code: one has {} characters", otp.length())),
        Verdict::NoClock => Note::error("not checked: this computer's clock is before 1970"),
        Verdict::Replayed => Note::error("right, but used already. A replay is refused"),
        Verdict::Wait { seconds } => Note::warning(format!("not looked at: wait {seconds} s")),
        Verdict::Wrong => Note::error(match why {
            None => "wrong".to_owned(),
            Some(Explanation::Ahead { steps }) if counts => {
                format!("wrong now, right {} on. The device is too far ahead", count(steps, "counter"))
            }
            Some(Explanation::Ahead { steps }) => {
                format!("right in {}. The device's clock is fast", count(steps, "step"))
            }
            Some(Explanation::Behind { steps }) if counts => {
                format!("right {} ago. The device is behind", count(steps, "counter"))
            }
            Some(Explanation::Behind { steps }) => {
                format!("right {} ago. The device's clock is slow", count(steps, "step"))
            }
            Some(Explanation::OneDigit { place }) => format!("wrong. Only character {place} differs"),
            Some(Explanation::Swapped { typed: [a, b], .. }) => {
                format!("wrong. Two are swapped: {a}{b} for {b}{a}")
            }
        }),
    }
}

/// Returns a number and what it counts, in the plural where there are more.
fn count(number: u64, word: &str) -> String {
    if number == 1 { format!("one {word}") } else { format!("{number} {word}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::Secret;
    use crate::words::Tone;

    #[track_caller]
    fn check(place: usize, wide: usize, width: u16, expected: [&str; 3]) {
        let typed = "aaaabbbbccccddddeeeeffffgggghhhh";
        let right = Otp::totp(Secret::from_base32(&typed.replace('d', "z")).unwrap());
        let lines = Places::new(typed, &right, place, wide).unwrap().lines(width);
        assert_eq!(lines.each_ref().map(|line| line.trim_end()), expected);
    }

    #[test]
    fn the_place_is_marked_where_all_groups_fit_and_where_some_do() {
        check(
            13,
            1,
            60,
            [
                "you typed   AAAA BBBB CCCC DDDD EEEE FFFF GGGG HHHH",
                "should be   AAAA BBBB CCCC ZZZZ EEEE FFFF GGGG HHHH",
                "                           ^",
            ],
        );
        check(13, 1, 27, ["you typed   CCCC DDDD EEEE", "should be   CCCC ZZZZ EEEE", "                 ^"]);
        check(
            32,
            1,
            27,
            ["you typed   FFFF GGGG HHHH", "should be   FFFF GGGG HHHH", "                         ^"],
        );
        check(
            16,
            2,
            27,
            ["you typed   CCCC DDDD EEEE", "should be   CCCC ZZZZ EEEE", "                    ^^^"],
        );
    }

    #[track_caller]
    fn judged(verdict: Verdict, why: Option<Explanation>, tone: Tone, text: &str) {
        let otp = Otp::totp(Secret::from_bytes(&[1; 20]).unwrap());
        assert_eq!(judge(verdict, why, &otp), Note { text: text.to_owned(), tone });
    }

    #[test]
    fn says_what_came_of_a_code_in_steps() {
        judged(Verdict::Accepted { steps: 0 }, None, Tone::Good, "accepted, this step. All is well");
        judged(
            Verdict::Accepted { steps: 1 },
            None,
            Tone::Good,
            "accepted, one step early: the device is ahead",
        );
        judged(
            Verdict::Accepted { steps: -1 },
            None,
            Tone::Good,
            "accepted, one step late: the device is behind",
        );
        judged(Verdict::Malformed, None, Tone::Warning, "not a code: one has 6 characters");
        judged(Verdict::Replayed, None, Tone::Error, "right, but used already. A replay is refused");
        judged(Verdict::Wait { seconds: 30 }, None, Tone::Warning, "not looked at: wait 30 s");
        judged(Verdict::Wrong, None, Tone::Error, "wrong");
    }

    #[test]
    fn says_why_a_code_is_wrong() {
        let wrong = |why, text| judged(Verdict::Wrong, Some(why), Tone::Error, text);
        wrong(Explanation::Behind { steps: 8 }, "right 8 steps ago. The device's clock is slow");
        wrong(Explanation::Ahead { steps: 2 }, "right in 2 steps. The device's clock is fast");
        wrong(Explanation::OneDigit { place: 3 }, "wrong. Only character 3 differs");
        let swapped = Explanation::Swapped { place: 5, typed: ['5', '0'] };
        wrong(swapped, "wrong. Two are swapped: 50 for 05");
    }
}
