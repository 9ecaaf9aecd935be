//! Entries that are lines of text: a time, a level, a logger and a message, as most formats have them.
//!
//! Known are the default formats of logly, Loguru and `logging`, with ` | ` or ` - ` between their parts, and those with
//! words or brackets before the message.

use super::entry::{Entry, Severity};
use super::roles::Role;
use super::severity::number_of;
use super::times::Times;
use super::value::Value;

/// Bytes and words of a line in which its level is looked for.
const HEAD: usize = 160;
const MOST_WORDS: usize = 8;

const AROUND: &[u8] = b"[](){}<>|:,-\t ";

/// Whether an entry begins with this line, as it has a time or a level at its start.
pub fn begins(line: &[u8], times: &mut Times) -> bool {
    let line = skip_codes(line);
    if times.read(line.strip_prefix(b"[").unwrap_or(line)).is_some() {
        return true;
    }
    let word = line.iter().position(|byte| AROUND.contains(byte)).map_or(line, |end| &line[..end]);
    line.len() > word.len() && number_of(word).is_some()
}

/// Reads the line of an entry.
pub fn read(entry: &mut Entry<'_>, times: &mut Times) {
    let mut line = skip_codes(entry.line);
    let bracket = usize::from(line.starts_with(b"["));
    if let Some((time, length)) = times.read(&line[bracket..]) {
        entry.time = Some(time);
        line = &line[bracket + length..];
    }
    let (separator, message) = match level_at(line) {
        Some((name, after)) => {
            entry.severity = Some(Severity { name, no: number_of(name) });
            let start = line.len() - after.len() - name.len();
            let separator = if after.trim_ascii_start().starts_with(b"|") { &b"|"[..] } else { b"-" };
            add_name_before(entry, &line[..start], times);
            if let Some((name, message)) = basic(after).filter(|_| start == 0) {
                entry.add(b"name", Value::Text(name), (Role::Name, 1), times);
                return entry.add(b"message", Value::Text(message), (Role::Message, 1), times);
            }
            (separator, after)
        }
        None => (&b""[..], line),
    };
    let message = skip_separators(message);
    let message = add_place(entry, message, separator, times);
    entry.add(b"message", Value::Text(message), (Role::Message, 1), times);
}

/// The logger and the message of `LEVEL:logger:message`, the default format of `logging`.
fn basic(after_level: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = after_level.strip_prefix(b":")?;
    let colon = memchr::memchr(b':', rest).filter(|colon| is_name(&rest[..*colon]))?;
    Some((&rest[..colon], &rest[colon + 1..]))
}

/// Finds the level among the first words. Returns its name, and the text after it.
fn level_at(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let head = &line[..line.len().min(HEAD)];
    let mut at = 0;
    for _ in 0..MOST_WORDS {
        at += head[at..].iter().position(|byte| !AROUND.contains(byte))?;
        let colors = codes(&head[at..]);
        at += colors;
        let is_end = |byte: &u8| AROUND.contains(byte) || *byte == 0x1b;
        let length = head[at..].iter().position(is_end).unwrap_or(head.len() - at);
        let level = unnamed_level(&line[at..]).unwrap_or(&head[at..at + length]);
        if number_of(level).is_some() {
            return Some((level, &line[at + level.len()..]));
        }
        at += length + codes(&head[at + length..]);
    }
    None
}

/// `Level 37`, as levels without a name are written.
fn unnamed_level(text: &[u8]) -> Option<&[u8]> {
    let digits = text.strip_prefix(b"Level ")?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (digits > 0).then(|| &text[..6 + digits])
}

/// The logger stands before the level in formats such as `time - name - level - message`.
fn add_name_before<'l>(entry: &mut Entry<'l>, before: &'l [u8], times: &mut Times) {
    let mut words = before.split(|byte| AROUND.contains(byte)).filter(|word| !word.is_empty());
    if let Some(name) = words.next_back().filter(|name| is_name(name)) {
        entry.add(b"name", Value::Text(name), (Role::Name, 1), times);
    }
}

/// Adds the logger, function and line that follow the level, and returns the message after them.
fn add_place<'l>(entry: &mut Entry<'l>, text: &'l [u8], separator: &[u8], times: &mut Times) -> &'l [u8] {
    let end = text.iter().position(|byte| matches!(byte, b' ' | b'\x1b')).unwrap_or(text.len());
    let (place, after) = (&text[..end], skip_codes(&text[end..]));
    let mut add = |key, part, role| entry.add(key, Value::Text(part), (role, 1), times);
    if let Some(name) = place.strip_prefix(b"[").and_then(|name| name.strip_suffix(b"]")).filter(|name| is_name(name)) {
        add(b"name", name, Role::Name);
        return after.trim_ascii_start();
    }
    if let Some(name) = place.strip_suffix(b":").filter(|name| is_name(name)) {
        add(b"name", name, Role::Name);
        return after.trim_ascii_start();
    }
    let is_apart = !separator.is_empty() && (after.starts_with(b" - ") || after.starts_with(b" | "));
    let mut parts = place.splitn(3, |byte| *byte == b':');
    let Some(name) = parts.next().filter(|name| is_apart && is_name(name)) else { return text };
    add(b"name", name, Role::Name);
    if let (Some(function), Some(line)) = (parts.next(), parts.next()) {
        add(b"function", function, Role::Function);
        add(b"line", line, Role::Line);
    }
    skip_codes(&after[3..])
}

/// Whether a text is a dotted name, as loggers have.
fn is_name(text: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'/' | b'<' | b'>');
    text.first().is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'<'))
        && text.iter().all(is_part)
}

fn skip_separators(text: &[u8]) -> &[u8] {
    let mut text = skip_codes(text);
    text = text.strip_prefix(b"]").or_else(|| text.strip_prefix(b":")).unwrap_or(text);
    let trimmed = skip_codes(text.trim_ascii_start());
    for separator in [&b"| "[..], b"- ", b": "] {
        if let Some(rest) = trimmed.strip_prefix(separator) {
            return skip_codes(rest);
        }
    }
    trimmed
}

/// The text without the colours at its start.
fn skip_codes(text: &[u8]) -> &[u8] {
    &text[codes(text)..]
}

/// The length of the colours at the start of a text.
fn codes(text: &[u8]) -> usize {
    let mut at = 0;
    while text[at..].starts_with(b"\x1b[") {
        let Some(end) = text[at..].iter().position(|byte| *byte == b'm') else { break };
        at += end + 1;
    }
    at
}
