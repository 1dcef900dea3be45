//! What the agent lends to a screen that has no vault: names, codes, and for how long both are good. Never a secret.
//!
//! It is read from what `list --codes --json` and `code --json` print. Who answers is another process: text that cannot
//! be a code is none, and a code that does not say until when it is valid is not taken for one by time.

use std::time::Duration;

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::otp::{Code, Timestamp};

/// What the agent is asked by the screen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Question {
    /// The code of an account: of a counter the next one, which it counts first; or the one that comes after this.
    Code {
        /// The account, by its short id.
        id: String,
        /// The code after the one that is valid now.
        next: bool,
    },
    /// Forget everything, and end.
    Forget,
    /// How long it goes on, and the accounts with their codes.
    Holding {
        /// The codes as well; else only whether it is still there.
        codes: bool,
        /// Somebody pressed a key: that keeps it longer.
        person: bool,
        /// The order, as `list --sort` names it.
        sort: Option<&'static str>,
    },
}

/// What the agent holds.
#[derive(Debug, Eq, PartialEq)]
pub struct Holding {
    /// Its process.
    pub pid: u32,
    /// How long it goes on if nobody asks it for anything.
    pub left: Duration,
    /// The accounts, in the order that was asked for, if they were.
    pub accounts: Option<Vec<Lent>>,
}

/// An account as the agent tells of it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each is seen on its own")]
pub struct Lent {
    /// Its short id, which no other has.
    pub id: String,
    /// The service, or else the user name.
    pub name: String,
    /// What tells it from others of that name.
    pub detail: String,
    /// Its group.
    pub group: String,
    /// Its codes are counted, and come only when asked for.
    pub counts: bool,
    /// For how many seconds a code is valid.
    pub period: Option<u32>,
    /// It stands at the top.
    pub pinned: bool,
    /// Its device has not shown two codes yet, so it gives none.
    pub pending: bool,
    /// Nobody has seen it working.
    pub unchecked: bool,
    code: Option<Code>,
    until: Option<Timestamp>,
}

/// A single code that was asked for.
#[derive(Debug, Eq, PartialEq)]
pub struct Given {
    /// The account, by its short id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What tells it from others of that name.
    pub detail: String,
    /// The code.
    pub code: Code,
    /// When it begins and ends to be valid; nothing for a counter.
    pub valid: Option<(Timestamp, Timestamp)>,
}

#[derive(Deserialize)]
struct Rows {
    v: u8,
    accounts: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(flatten)]
    account: Described,
    code: Option<Zeroizing<String>>,
    seconds_left: Option<u32>,
}

#[derive(Deserialize)]
struct One {
    v: u8,
    account: Described,
    code: Zeroizing<String>,
    seconds_left: Option<i64>,
}

#[derive(Deserialize)]
struct Described {
    id: String,
    name: String,
    account: String,
    group: String,
    #[serde(rename = "type")]
    kind: String,
    period: Option<u32>,
    pinned: bool,
    checked: String,
}

/// The version of what is read.
const VERSION: u8 = 1;

impl Lent {
    /// Reads what `list --codes --json` prints. `asked` is the time just before it was asked for: a code is never taken
    /// to be valid for longer than it is, however late the answer came.
    pub fn read(document: &str, asked: Timestamp) -> Option<Vec<Self>> {
        let rows: Rows = serde_json::from_str(document).ok().filter(|rows: &Rows| rows.v == VERSION)?;
        Some(rows.accounts.into_iter().map(|row| Self::of(row, asked)).collect())
    }

    fn of(row: Row, asked: Timestamp) -> Self {
        let Row { account, code, seconds_left } = row;
        let Described { id, name, account: detail, group, kind, period, pinned, checked } = account;
        let period = period.filter(|period| *period > 0);
        let until = end(asked, seconds_left.map(i64::from), period);
        Self {
            id,
            name,
            detail,
            group,
            counts: kind == "hotp",
            period,
            pinned,
            pending: checked == "pending",
            unchecked: checked == "never",
            code: code.filter(|_| until.is_some()).and_then(Code::made_elsewhere),
            until,
        }
    }

    /// Returns the code and until when it is valid, if it is valid now.
    pub fn code(&self, now: Timestamp) -> Option<(&Code, Timestamp)> {
        let (code, until) = (self.code.as_ref()?, self.until?);
        let left = until.seconds_since(now);
        (left > 0 && left <= i64::from(self.period?)).then_some((code, until))
    }

    /// Returns the code as it was last told, though it may be over: to show how long codes are, and to tell it from
    /// another.
    pub fn last_code(&self) -> Option<&Code> {
        self.code.as_ref()
    }

    /// Says whether it should have a code by time, and has none that is valid now.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.code.is_some() && self.code(now).is_none()
    }
}

impl Given {
    /// Reads what `code --json` prints, which was asked for at this time.
    pub fn read(document: &str, asked: Timestamp) -> Option<Self> {
        let one: One = serde_json::from_str(document).ok().filter(|one: &One| one.v == VERSION)?;
        let Described { id, name, account: detail, period, .. } = one.account;
        let code = Code::made_elsewhere(one.code)?;
        let period = period.filter(|period| *period > 0);
        let until = end(asked, one.seconds_left, period);
        let begin = |until: Timestamp| Some(until.plus_seconds(-i64::from(period?)));
        Some(Self { id, name, detail, code, valid: until.and_then(|until| Some((begin(until)?, until))) })
    }
}

/// Returns when a step of so many seconds ends, of which so many were left at some time after `asked`. Steps are counted
/// from 1970, so the end of one is known to the second, however late the answer came.
fn end(asked: Timestamp, left: Option<i64>, period: Option<u32>) -> Option<Timestamp> {
    let period = i64::from(period?);
    let least = asked.seconds().checked_add(left.filter(|left| *left > 0)?)?;
    let over = least.rem_euclid(period);
    Some(Timestamp::from_seconds(if over == 0 { least } else { least.checked_add(period - over)? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str =
        r#""id":"3f9a","name":"GitHub","account":"alice","group":"","algorithm":"SHA1","digits":6"#;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn row(rest: &str) -> Lent {
        let document = format!(r#"{{"v":1,"accounts":[{{{ROW},"pinned":true,{rest}}}]}}"#);
        Lent::read(&document, at(1000)).expect("it is a list").remove(0)
    }

    #[test]
    fn a_code_is_never_valid_for_longer_than_it_is() {
        let lent = row(r#""type":"totp","period":30,"checked":"site","code":"123456","seconds_left":20"#);
        assert!(lent.pinned && !lent.pending && !lent.unchecked && !lent.counts);
        assert_eq!(
            lent.code(at(1019)).map(|(code, until)| (code.reveal(), until)),
            Some(("123456", at(1020)))
        );
        assert_eq!(lent.code(at(1020)), None);
        assert!(lent.is_over(at(1020)) && !lent.is_over(at(990)));
        assert_eq!(lent.code(at(989)), None, "it is a code for later");
        // The agent answered a second after it was asked, or ten: the end of the step is the same.
        for left in [19, 10] {
            let left = format!(r#""seconds_left":{left}"#);
            let lent = row(&format!(r#""type":"totp","period":30,"checked":"site","code":"123456",{left}"#));
            assert_eq!(lent.code(at(1010)).map(|(_, until)| until), Some(at(1020)));
        }
    }

    #[test]
    fn what_has_no_code_has_none() {
        let counter = row(r#""type":"hotp","period":null,"checked":"never""#);
        assert!(counter.counts && counter.unchecked && counter.code(at(1000)).is_none());
        assert!(!counter.is_over(at(1000)));
        assert!(row(r#""type":"totp","period":30,"checked":"pending""#).pending);
        // A code that does not say when it ends, and text that is none.
        for rest in [
            r#""period":30,"code":"123456""#,
            r#""period":0,"code":"123456","seconds_left":3"#,
            r#""period":30,"code":"1\u001b[2J","seconds_left":3"#,
        ] {
            assert!(
                row(&format!(r#""type":"totp","checked":"site",{rest}"#)).last_code().is_none(),
                "{rest}"
            );
        }
        for no_list in ["", "{}", r#"{"v":2,"accounts":[]}"#, r#"{"v":1,"accounts":[{}]}"#] {
            assert_eq!(Lent::read(no_list, at(0)), None, "{no_list}");
        }
    }

    #[test]
    fn a_single_code_says_when_it_is_valid() {
        let one = |rest: &str| {
            let account = format!(r#"{ROW},"pinned":false,"checked":"site",{rest}"#);
            Given::read(&format!(r#"{{"v":1,"account":{{{account}}}"#), at(1000))
        };
        let next = one(r#""type":"totp","period":30},"code":"654321","next":null,"seconds_left":50"#);
        assert_eq!(next.and_then(|given| given.valid), Some((at(1020), at(1050))));
        let counted = one(r#""type":"hotp","period":null},"code":"111111","seconds_left":null"#);
        let counted = counted.expect("it is a code");
        assert_eq!((counted.code.reveal(), counted.valid), ("111111", None));
        assert_eq!(one(r#""type":"hotp","period":null},"code":"rm -rf /","seconds_left":null"#), None);
    }
}
