//! The text of one value: in one line, and not longer than fits there.

use crate::format::plain::is_printable;

/// The characters of one value. A longer one ends in three dots.
const MOST_CHARACTERS: usize = 128;

/// A text of this many bytes is cut, whatever follows it. A character takes at most four bytes, and two that break a
/// line become one.
pub const ENOUGH: usize = 4 * 2 * MOST_CHARACTERS;

/// Puts the end of a text, from `start` on, into one line, and cuts it. Returns how many characters it has then. It is in
/// UTF-8, in which lone surrogates may be.
pub fn cut(text: &mut Vec<u8>, start: usize) -> usize {
    if !is_printable(&text[start..]) {
        let line = joined(&text[start..]);
        text.truncate(start);
        text.extend_from_slice(&line);
    }
    let characters = text[start..].iter().filter(|byte| starts_character(**byte)).count();
    if characters <= MOST_CHARACTERS {
        return characters;
    }
    let starts = text.iter().enumerate().skip(start).filter(|(_, byte)| starts_character(**byte));
    let end = starts.map(|(at, _)| at).nth(MOST_CHARACTERS - 3);
    text.truncate(end.unwrap_or(text.len()));
    text.extend_from_slice(b"...");
    MOST_CHARACTERS
}

/// Whether a byte is the first one of a character.
fn starts_character(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

/// Puts spaces between the lines of a text.
fn joined(text: &[u8]) -> Vec<u8> {
    let mut line = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        let width = break_width(rest);
        if width == 0 {
            line.push(*first);
            rest = behind;
            continue;
        }
        rest = &rest[width..];
        // The end of the last line is no line of its own.
        if !rest.is_empty() {
            line.push(b' ');
        }
    }
    line
}

/// The bytes of the line break at the start of a text, as `str.splitlines` knows them. 0 if there is none.
fn break_width(text: &[u8]) -> usize {
    match text {
        [b'\r', b'\n', ..] | [0xc2, 0x85, ..] => 2,
        [b'\n' | b'\r' | 0x0b | 0x0c | 0x1c..=0x1e, ..] => 1,
        [0xe2, 0x80, 0xa8 | 0xa9, ..] => 3,
        _ => 0,
    }
}
