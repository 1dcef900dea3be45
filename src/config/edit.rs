//! Changes one setting in the text of a file and leaves every other character as it was, comments among them.

use std::ops::Range;

use super::text::{Body, Field, Slip, scan};
use super::value::write_text;

/// Returns the text with the setting at a value; without a value it goes back to its default and is taken out. Where it
/// shares its line with something, such as a comment, `default` is written instead.
pub(super) fn with(text: &str, key: &str, value: Option<&str>, default: &str) -> Result<String, Slip> {
    let (group, name) = key.split_once('.').unwrap_or((key, ""));
    let Some(body) = scan(text)? else {
        let Some(value) = value else { return Ok(text.to_owned()) };
        let start = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        return Ok(format!("{text}{start}(\n{}\n)\n", whole_group("    ", group, name, value)));
    };
    let Some(outer) = body.fields.iter().rev().find(|field| field.name == group) else {
        return Ok(match value {
            None => text.to_owned(),
            Some(value) => add(text, &body, "", |indent| {
                let indent = if indent.is_empty() { "    " } else { indent };
                whole_group(indent, group, name, value)
            }),
        });
    };
    let Some(inner) = &outer.inner else {
        return Err(Slip { at: outer.value.start, what: "this group has no brackets" });
    };
    let found = inner.fields.iter().rev().find(|field| field.name == name);
    Ok(match (found, value) {
        (None, None) => text.to_owned(),
        (None, Some(value)) => {
            let base = indent_of(text, outer.at);
            add(text, inner, &base, |indent| format!("{indent}{}: {value},", written(group, name)))
        }
        (Some(field), Some(value)) => replaced(text, field.value.clone(), value),
        (Some(field), None) => match whole_line(text, field) {
            Some(line) => replaced(text, line, ""),
            None if group == "keys" => replaced(text, field.at..field.comma.unwrap_or(field.value.end), ""),
            None => replaced(text, field.value.clone(), default),
        },
    })
}

fn written(group: &str, name: &str) -> String {
    if group == "keys" { write_text(name) } else { name.to_owned() }
}

fn whole_group(indent: &str, group: &str, name: &str, value: &str) -> String {
    let (open, close) = if group == "keys" { ('{', '}') } else { ('(', ')') };
    let name = written(group, name);
    format!("{indent}{group}: {open}\n{indent}    {name}: {value},\n{indent}{close},")
}

fn replaced(text: &str, place: Range<usize>, by: &str) -> String {
    format!("{}{by}{}", &text[..place.start], &text[place.end..])
}

fn indent_of(text: &str, at: usize) -> String {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    text[line..at].chars().take_while(|letter| letter.is_whitespace()).collect()
}

/// Adds a line behind the last field of a body, as that one is indented; `base` is what the body's own line has.
fn add(text: &str, body: &Body, base: &str, line: impl Fn(&str) -> String) -> String {
    let Some(last) = body.fields.last() else {
        // Behind whatever comments stand between the brackets.
        let inside = &text[body.open..body.close];
        let at = body.open + inside.trim_end().len();
        let inner = if base.is_empty() { "    ".to_owned() } else { format!("{base}    ") };
        return format!("{}\n{}\n{base}{}", &text[..at], line(&inner), &text[body.close..]);
    };
    let alone = text[..last.at].rfind('\n').is_some_and(|end| text[end..last.at].trim().is_empty());
    let end = last.comma.unwrap_or(last.value.end);
    let comma = if last.comma.is_some() { "" } else { "," };
    let line_end = text[end..].find('\n').map_or(text.len(), |length| end + length);
    let rest = text[end..line_end].trim_start();
    if alone && line_end < body.close && (rest.is_empty() || rest.starts_with("//")) {
        let indent = indent_of(text, last.at);
        let (before, comment) = (&text[..end], &text[end..line_end]);
        return format!("{before}{comma}{comment}\n{}{}", line(&indent), &text[line_end..]);
    }
    // Everything on one line: it goes on there.
    format!("{}{comma} {}{}", &text[..end], line("").trim_start(), &text[end..])
}

/// Returns the whole line of a field, if nothing else stands on it.
fn whole_line(text: &str, field: &Field) -> Option<Range<usize>> {
    let start = text[..field.at].rfind('\n').map_or(0, |end| end + 1);
    let end = field.comma.unwrap_or(field.value.end);
    let line_end = text[end..].find('\n').map(|length| end + length + 1)?;
    let alone = text[start..field.at].trim().is_empty() && text[end..line_end].trim().is_empty();
    alone.then_some(start..line_end)
}
