//! What an import brings, in lines for people and as a document for programs.

use serde::Serialize;

use crate::cli::options::Json;
use crate::cli::output::json;
use crate::cli::shown::{kind, settings};
use crate::display::{Visible, visible};
use crate::exchange::{Assumed, Plan, Refused, Row, State, Tally};
use crate::words::import;

/// The widest column of names.
const WIDEST: usize = 44;

/// The report as a document.
#[derive(Serialize)]
struct Document<'a> {
    v: u8,
    import: Report<'a>,
}

/// One of its entries, on a line of its own.
#[derive(Serialize)]
struct EntryLine<'a> {
    v: u8,
    entry: &'a Line<'a>,
}

/// One that was refused, on a line of its own.
#[derive(Serialize)]
struct RefusedLine<'a> {
    v: u8,
    refused: &'a Bad<'a>,
}

#[derive(Serialize)]
struct Report<'a> {
    formats: &'a [&'static str],
    dry_run: bool,
    read: usize,
    new: usize,
    same: usize,
    renamed: usize,
    differ: usize,
    taken: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    entries: Option<Vec<Line<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Vec<Bad<'a>>>,
    assumed: Vec<&'static str>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    account: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    state: &'static str,
    taken: bool,
    lookalike: Option<&'a str>,
}

#[derive(Serialize)]
struct Bad<'a> {
    place: &'a str,
    name: &'a str,
    reason: String,
}

/// Returns the report for people.
pub(super) fn text(plan: &Plan, tally: Tally) -> String {
    let mut text = String::new();
    let names: Vec<Visible> =
        plan.rows.iter().map(|row| name(&row.entry.issuer, &row.entry.account)).collect();
    let widest = names.iter().map(Visible::width).max().unwrap_or(0).min(WIDEST);
    for (row, name) in plan.rows.iter().zip(&names) {
        let mark = if row.chosen { '+' } else { ' ' };
        let settings = settings(&row.entry.otp);
        let name = name.cut(widest).pad(widest);
        text.push_str(&format!("{mark} {name}  {settings:16}  {}\n", import::state(row.state)));
        if let Some(other) = &row.lookalike {
            text.push_str(&format!("  ! looks like \"{}\" and is not\n", visible(other).cut(60)));
        }
    }
    for Refused { place, name, problem } in &plan.refused {
        let name = match name.as_str() {
            "" => String::new(),
            name => format!(" ({})", visible(name).cut(WIDEST)),
        };
        text.push_str(&format!("! {place}{name}: {problem}\n"));
    }
    text.push_str(&format!("\n{}\n", summary(tally)));
    for line in remarks(plan) {
        text.push_str(&format!("{line}\n"));
    }
    text
}

fn name(issuer: &str, account: &str) -> Visible {
    match (issuer, account) {
        ("", name) | (name, "") => visible(name),
        (issuer, account) => visible(&format!("{issuer} ({account})")),
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::New => "new",
        State::OtherSecret(_) => "other_secret",
        State::Renamed(_) => "renamed",
        State::Same(_) => "same",
        State::Settings(_) => "settings",
        State::Twice => "twice",
    }
}

/// Returns one line: how many of each sort.
fn summary(tally: Tally) -> String {
    let mut parts = vec![format!("{} read", tally.read), format!("{} new", tally.new)];
    let sorts = [
        (tally.same, "already here"),
        (tally.renamed, "here under another name"),
        (tally.differ, "different here"),
        (tally.refused, "refused"),
    ];
    parts.extend(sorts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
    parts.join(", ")
}

/// Returns what the user should know beside the entries.
fn remarks(plan: &Plan) -> Vec<String> {
    let mut remarks = plan.notes.clone();
    if !plan.assumed.is_empty() {
        let what: Vec<&str> = plan.assumed.iter().map(|assumed| assumed_words(*assumed)).collect();
        remarks.push(format!("This kind of file does not record everything: {} assumed", what.join(", ")));
    }
    let (mut other, mut update) = (false, false);
    for row in plan.rows.iter().filter(|row| !row.chosen) {
        other |= matches!(row.state, State::OtherSecret(_));
        update |= matches!(row.state, State::Renamed(_) | State::Settings(_));
    }
    if other {
        remarks.push("--keep-both adds an account beside the one of the same name".to_owned());
    }
    if update {
        remarks.push("--update takes names and settings from the file".to_owned());
    }
    remarks
}

fn assumed_words(assumed: Assumed) -> &'static str {
    match assumed {
        Assumed::Algorithm => "SHA1",
        Assumed::Digits => "6 digits",
        Assumed::Period => "30 seconds",
    }
}

pub(super) fn accounts(count: usize) -> String {
    if count == 1 { "1 account".to_owned() } else { format!("{count} accounts") }
}

/// Returns the report for programs: a document, or a line for each entry and at last one for all of them.
pub(super) fn written(
    plan: &Plan,
    tally: Tally,
    formats: &[&'static str],
    dry_run: bool,
    how: Json,
) -> String {
    let mut document = document(plan, tally, formats, dry_run);
    let mut lines = String::new();
    if how == Json::Lines {
        for entry in document.import.entries.take().iter().flatten() {
            lines.push_str(&json(&EntryLine { v: 1, entry }));
        }
        for refused in document.import.refused.take().iter().flatten() {
            lines.push_str(&json(&RefusedLine { v: 1, refused }));
        }
    }
    lines.push_str(&json(&document));
    lines
}

fn document<'a>(plan: &'a Plan, tally: Tally, formats: &'a [&'static str], dry_run: bool) -> Document<'a> {
    let line = |row: &'a Row| Line {
        name: &row.entry.issuer,
        account: &row.entry.account,
        kind: kind(&row.entry.otp),
        state: word(row.state),
        taken: row.chosen,
        lookalike: row.lookalike.as_deref(),
    };
    let bad = |refused: &'a Refused| Bad {
        place: &refused.place,
        name: &refused.name,
        reason: refused.problem.to_string(),
    };
    Document {
        v: 1,
        import: Report {
            formats,
            dry_run,
            read: tally.read,
            new: tally.new,
            same: tally.same,
            renamed: tally.renamed,
            differ: tally.differ,
            taken: tally.chosen,
            entries: Some(plan.rows.iter().map(line).collect()),
            refused: Some(plan.refused.iter().map(bad).collect()),
            assumed: plan.assumed.iter().map(|assumed| assumed_words(*assumed)).collect(),
            notes: &plan.notes,
        },
    }
}
