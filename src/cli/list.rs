//! Lists the accounts: a table on a terminal, tab-separated lines in a pipe, JSON for programs. Never a secret, and
//! codes only when asked for.

use std::cmp::Reverse;

use clap::{Args, ValueEnum};
use serde::Serialize;
use zeroize::Zeroizing;

use super::Run;
use super::choose::unmatched;
use super::listed::Listed;
use super::session::Session;
use super::shown::{Described, kind, short_ids};
use crate::display::{Visible, visible};
use crate::failure::Failure;
use crate::otp::{Code, Timestamp};
use crate::vault::{Account, closest, find};

/// The width of a table on a terminal that does not tell its own.
const COLUMNS: usize = 80;
/// No column of names is made narrower.
const NARROWEST: usize = 6;
/// Blanks between two columns.
const GAP: usize = 2;

/// List the accounts
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock list
  twolock list work --codes
  twolock list --sort name
  twolock list --json | jq -r '.accounts[].name'

In a pipe each line has the id, the name, the account, the group and the kind, with tabs between.")]
pub(super) struct List {
    /// Words of the name, the account, the group or the note
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// Show the codes as well
    #[arg(long)]
    codes: bool,
    /// Only accounts of this group
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Begin with a line of names, in a pipe
    #[arg(long)]
    header: bool,
    /// Sort; what is newest or used most comes first
    #[arg(long, value_name = "KEY")]
    sort: Option<Sort>,
    /// Lines with tabs, also on a terminal
    #[arg(long, conflicts_with = "json")]
    tsv: bool,
}

/// By what the accounts are sorted.
#[derive(Clone, Copy, ValueEnum)]
enum Sort {
    Added,
    Group,
    Last,
    Name,
    Used,
}

impl Sort {
    fn sort(self, accounts: &[Account], shown: &mut [usize]) {
        let name = |index: usize| {
            let account = &accounts[index];
            (account.name().to_lowercase(), account.detail().to_lowercase())
        };
        match self {
            Self::Added => shown.sort_by_key(|&index| Reverse(accounts[index].added)),
            Self::Group => shown.sort_by_key(|&index| (accounts[index].group.to_lowercase(), name(index))),
            Self::Last => shown.sort_by_key(|&index| Reverse(accounts[index].used.last)),
            Self::Name => shown.sort_by_key(|&index| name(index)),
            Self::Used => shown.sort_by_key(|&index| Reverse(accounts[index].used.count)),
        }
    }
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    account: Described<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_left: Option<u32>,
}

impl Run for List {
    fn is_for_agent(&self) -> bool {
        true
    }

    fn run(self, session: &mut Session) -> Result<(), Failure> {
        let vault = session.open()?.vault();
        let accounts = vault.accounts();
        let query = self.query.join(" ");
        let mut shown: Vec<usize> = if query.trim().is_empty() {
            let mut all: Vec<usize> = (0..accounts.len()).collect();
            all.sort_by_key(|&index| !accounts[index].pinned);
            all
        } else {
            find(accounts, &query).into_iter().map(|found| found.index).collect()
        };
        if shown.is_empty() && !query.trim().is_empty() {
            return Err(unmatched(accounts, &closest(accounts, &query), &query));
        }
        if let Some(group) = &self.group {
            shown.retain(|&index| accounts[index].group == *group);
            if shown.is_empty() {
                return Err(unmatched(accounts, &[], group));
            }
        }
        if let Some(sort) = self.sort {
            sort.sort(accounts, &mut shown);
        }
        let ids = short_ids(accounts);
        let at = session.now().wall;
        let codes: Vec<Option<Code>> = shown.iter().map(|&index| self.code(&accounts[index], at)).collect();
        if session.options.json() {
            let rows = shown.iter().zip(&codes).map(|(&index, code)| Row {
                account: Described::new(&accounts[index], &ids[index]),
                code: code.as_ref().map(Code::reveal),
                seconds_left: code.as_ref().and_then(|_| accounts[index].otp.seconds_left(at)),
            });
            return Listed::new("accounts", "account", rows).print(session);
        }
        let text = if session.output.is_terminal() && !self.tsv {
            if accounts.is_empty() {
                session.output.say("There are no accounts yet. `twolock add NAME` adds one.");
            }
            let rows: Vec<_> = shown.iter().map(|&index| (&*ids[index], &accounts[index])).collect();
            table(&rows, self.codes.then_some(&codes), session.output.columns().unwrap_or(COLUMNS))
        } else {
            let mut lines = Zeroizing::new(String::with_capacity((shown.len() + 1) * 200));
            if self.header {
                lines.push_str("id\tname\taccount\tgroup\tkind");
                lines.push_str(if self.codes { "\tcode\n" } else { "\n" });
            }
            for (&index, code) in shown.iter().zip(&codes) {
                let account = &accounts[index];
                for cell in [ids[index].as_str(), account.name(), account.detail(), &account.group] {
                    lines.push_str(visible(cell).as_str());
                    lines.push('\t');
                }
                lines.push_str(kind(&account.otp));
                if self.codes {
                    lines.push('\t');
                    lines.push_str(code.as_ref().map_or("", Code::reveal));
                }
                lines.push('\n');
            }
            lines
        };
        session.output.print(&text)
    }
}

impl List {
    /// Returns the code if codes are wanted; a counter code would cost a save and is left to `code`. A pending account
    /// gives none.
    fn code(&self, account: &Account, at: Timestamp) -> Option<Code> {
        let gives = self.codes && !account.pending;
        gives.then(|| account.otp.code(at).ok()).flatten()
    }
}

/// Returns a table that is cut to the width; nothing for no rows.
fn table(rows: &[(&str, &Account)], codes: Option<&Vec<Option<Code>>>, columns: usize) -> Zeroizing<String> {
    let mut head = vec!["ID", "NAME", "ACCOUNT", "GROUP", "KIND"];
    head.extend(codes.map(|_| "CODE"));
    let cells: Vec<[Visible; 5]> = rows
        .iter()
        .map(|(id, account)| {
            [id, account.name(), account.detail(), &account.group, kind(&account.otp)].map(visible)
        })
        .collect();
    let mut widths: Vec<usize> = (0..5)
        .map(|column| {
            let widest = cells.iter().map(|row| row[column].width()).max().unwrap_or(0);
            widest.max(head[column].len())
        })
        .collect();
    // The code is the widest with its blank: ten digits in two groups.
    let code = codes.map_or(0, |codes| {
        let widest = codes.iter().flatten().map(|code| code.grouped().len()).max().unwrap_or(0);
        widest.max("CODE".len()) + GAP
    });
    while widths.iter().sum::<usize>() + GAP * 4 + code > columns {
        let widest = (1..4).max_by_key(|&column| widths[column]).expect("three columns hold names");
        if widths[widest] <= NARROWEST {
            break;
        }
        widths[widest] -= 1;
    }
    let mut text = Zeroizing::new(String::with_capacity((rows.len() + 1) * (columns + 1) * 4));
    if rows.is_empty() {
        return text;
    }
    let titles: Vec<Visible> = head.iter().map(|title| visible(title)).collect();
    line(&mut text, &titles[..5], &widths, codes.map(|_| "CODE"), columns);
    for (index, row) in cells.iter().enumerate() {
        let grouped = codes.map(|codes| codes[index].as_ref().map(Code::grouped).unwrap_or_default());
        line(&mut text, row, &widths, grouped.as_ref().map(|code| code.as_str()), columns);
    }
    text
}

fn line(text: &mut String, cells: &[Visible], widths: &[usize], code: Option<&str>, columns: usize) {
    let mut whole = Zeroizing::new(String::with_capacity(columns * 4));
    for (index, (cell, &width)) in cells.iter().zip(widths).enumerate() {
        if index > 0 {
            whole.push_str("  ");
        }
        whole.push_str(cell.cut(width).pad(width).as_str());
    }
    if let Some(code) = code {
        whole.push_str("  ");
        whole.push_str(code);
    }
    // A window too narrow even for this cuts the end rather than wrap.
    text.push_str(visible(whole.trim_end()).cut(columns).as_str());
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::{Otp, Secret};
    use crate::vault::AccountId;

    fn account(issuer: &str, account: &str) -> Account {
        let otp = Otp::totp(Secret::from_bytes(b"12345678901234567890").expect("twenty bytes are a secret"));
        Account::new(
            AccountId::new(Timestamp::default(), [7; 10]),
            issuer,
            account,
            otp,
            Timestamp::default(),
        )
    }

    #[track_caller]
    fn check(columns: usize, expected: &str) {
        let (one, two) =
            (account("GitHub", "alice@example.com"), account("\u{1b}[2J\u{6771}\u{4eac}", "bob"));
        assert_eq!(*table(&[("3f", &one), ("a1", &two)], None, columns), expected);
    }

    #[test]
    fn a_table_fits_the_window() {
        check(
            80,
            "ID  NAME           ACCOUNT            GROUP  KIND\n\
             3f  GitHub         alice@example.com         totp\n\
             a1  \\u{1b}[2J\u{6771}\u{4eac}  bob                       totp\n",
        );
        for columns in 1..60 {
            let one = account("GitHub \u{6771}\u{4eac}\u{6771}\u{4eac}", "alice@example.com");
            let codes = vec![one.otp.code(Timestamp::from_seconds(59)).ok()];
            for line in table(&[("3f", &one)], Some(&codes), columns).lines() {
                assert!(visible(line).width() <= columns, "{columns}: {line}");
            }
        }
    }

    #[test]
    fn no_accounts_make_no_table() {
        assert_eq!(*table(&[], None, 80), "");
    }
}
