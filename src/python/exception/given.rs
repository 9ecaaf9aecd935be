//! The JSON of an exception known only by Python's text, from another process or from a message that passed a queue.
//!
//! Type, module, message and frames are those of the exception that was raised last. The text ends with it.

use memchr::memmem;

use crate::format::escape::put_json_string;
use crate::python::exception::frames;

/// The number of frames in the JSON; the innermost ones are kept.
const MOST_FRAMES: usize = 200;

const HEADER: &[u8] = b"Traceback (most recent call last):";
const GROUP_HEADER: &[u8] = b"  + Exception Group Traceback (most recent call last):";
const RELATIONS: [&[u8]; 2] = [
    b"The above exception was the direct cause of the following exception:",
    b"During handling of the above exception, another exception occurred:",
];

/// Makes the JSON object, without the exceptions that came before this one.
pub fn json_of(text: &[u8]) -> Vec<u8> {
    let lines = plain_lines(text);
    let (frames, told) = last_block(&lines);
    let told = told.join(&b'\n');
    let (kind, message) = match memmem::find(&told, b": ") {
        Some(at) if !told[..at].contains(&b'\n') => (&told[..at], &told[at + 2..]),
        _ => (&told[..], &b""[..]),
    };
    let dot = memchr::memrchr(b'.', kind);
    let (module, kind) = dot.map_or((&b"builtins"[..], kind), |at| (&kind[..at], &kind[at + 1..]));
    let mut json = Vec::new();
    for (before, value) in [("{\"type\": ", kind), (", \"module\": ", module), (", \"message\": ", message)] {
        json.extend_from_slice(before.as_bytes());
        put_json_string(&mut json, value);
    }
    json.extend_from_slice(b", \"frames\": [");
    json.extend_from_slice(&frames_of(frames).join(&b", "[..]));
    json.extend_from_slice(b"]}");
    json
}

/// Splits the text into lines. For a group, these are the group's own lines, without the margin that Python draws.
fn plain_lines(text: &[u8]) -> Vec<&[u8]> {
    let lines = text.split(|byte| *byte == b'\n');
    if !text.starts_with(GROUP_HEADER) {
        return lines.collect();
    }
    let own = lines.take_while(|line| !line.starts_with(b"  +-"));
    own.map(|line| line.strip_prefix(b"  | ").unwrap_or(&line[line.len().min(4)..])).collect()
}

/// Returns the lines of the last traceback's frames, and the lines after them: the type with the message, and notes.
fn last_block<'l, 't>(lines: &'l [&'t [u8]]) -> (&'l [&'t [u8]], &'l [&'t [u8]]) {
    let is_header = |at: usize| lines[at] == HEADER || lines[at] == &GROUP_HEADER[4..];
    // A message may contain a traceback.
    let is_next = |at: usize| at >= 2 && RELATIONS.contains(&lines[at - 2]) && is_header(at);
    let headers = || 0..lines.len();
    let Some(header) = headers().rev().find(|at| is_next(*at)).or_else(|| headers().find(|at| is_header(*at))) else {
        return (&[], &lines[lines.len() - 1..]);
    };
    let rest = &lines[header + 1..];
    let told = rest.iter().position(|line| !line.starts_with(b" ")).unwrap_or(rest.len());
    rest.split_at(told)
}

fn frames_of(lines: &[&[u8]]) -> Vec<Vec<u8>> {
    let starts: Vec<_> = lines.iter().enumerate().filter_map(|(at, line)| Some((at, place(line)?))).collect();
    let shown = &starts[starts.len().saturating_sub(MOST_FRAMES)..];
    let source = |at: usize| lines.get(at + 1)?.strip_prefix(b"    ");
    shown.iter().map(|(at, (file, line, function))| frames::json_of(file, *line, function, source(*at))).collect()
}

/// Returns file, line and function of `  File "...", line 1, in f`.
fn place(line: &[u8]) -> Option<(&[u8], u32, &[u8])> {
    let rest = line.strip_prefix(b"  File \"")?;
    let end = memmem::find(rest, b"\", line ")?;
    let (file, rest) = (&rest[..end], &rest[end + 8..]);
    let comma = memmem::find(rest, b", in ")?;
    let number = std::str::from_utf8(&rest[..comma]).ok()?.parse().ok()?;
    Some((file, number, &rest[comma + 5..]))
}
