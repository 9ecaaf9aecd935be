//! Escaping: what keeps one record on one line, and JSON valid.
//!
//! Escaped everywhere are control characters (C0, DEL, C1), line and paragraph separators (U+2028, U+2029) and the characters
//! that reorder text (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069); lone surrogates, which arrive as WTF-8, always.

use crate::format::plain::{is_bare, is_json_plain, is_printable};

/// What becomes of line breaks in messages and fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Multiline {
    /// `\n` as two characters: one record, one line.
    #[default]
    Escape,
    /// A line break and four spaces; everything else is escaped.
    Indent,
    /// As it came, control characters included.
    Raw,
}

/// The dangerous character at `at`, with its length in bytes.
fn dangerous(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let byte = text[at];
    match byte {
        0..=0x1f | 0x7f => return Some((u32::from(byte), 1)),
        0xc2 | 0xd8 | 0xe2 | 0xed => {}
        _ => return None,
    }
    let next = u32::from(*text.get(at + 1)?);
    match byte {
        0xc2 if (0x80..=0x9f).contains(&next) => Some((next, 2)),
        0xd8 if next == 0x9c => Some((0x061c, 2)),
        0xe2 | 0xed => {
            let code = (u32::from(byte) & 0xf) << 12 | (next & 0x3f) << 6 | (u32::from(*text.get(at + 2)?) & 0x3f);
            let is_dangerous = matches!(code, 0x200e | 0x200f | 0x2028..=0x202e | 0x2066..=0x2069 | 0xd800..=0xdfff);
            is_dangerous.then_some((code, 3))
        }
        _ => None,
    }
}

/// Appends `text` for a text sink.
#[inline]
pub fn put_text(out: &mut Vec<u8>, text: &[u8], multiline: Multiline) {
    if is_printable(text) {
        out.extend_from_slice(text);
    } else {
        put_text_slow(out, text, multiline, false);
    }
}

/// Appends `text` between double quotes, for `key="a b"`.
pub fn put_quoted(out: &mut Vec<u8>, text: &[u8], multiline: Multiline) {
    out.push(b'"');
    put_text_slow(out, text, multiline, true);
    out.push(b'"');
}

#[cold]
fn put_text_slow(out: &mut Vec<u8>, text: &[u8], multiline: Multiline, quoted: bool) {
    let mut at = 0;
    let mut done = 0;
    while at < text.len() {
        if quoted && matches!(text[at], b'"' | b'\\') {
            out.extend_from_slice(&text[done..at]);
            out.push(b'\\');
            done = at;
        } else if let Some((code, length)) = dangerous(text, at) {
            out.extend_from_slice(&text[done..at]);
            put_dangerous(out, code, multiline);
            at += length;
            done = at;
            continue;
        }
        at += 1;
    }
    out.extend_from_slice(&text[done..]);
}

fn put_dangerous(out: &mut Vec<u8>, code: u32, multiline: Multiline) {
    let is_surrogate = (0xd800..=0xdfff).contains(&code);
    match (multiline, code) {
        (Multiline::Indent, 0x0a) => out.extend_from_slice(b"\n    "),
        (Multiline::Raw, _) if !is_surrogate => put_char(out, code),
        (_, 0x0a) => out.extend_from_slice(b"\\n"),
        (_, 0x0d) => out.extend_from_slice(b"\\r"),
        (_, 0x09) => out.extend_from_slice(b"\\t"),
        _ if code < 0x100 => put_hex(out, b"\\x", code, 2),
        _ => put_hex(out, b"\\u", code, 4),
    }
}

fn put_char(out: &mut Vec<u8>, code: u32) {
    if let Some(character) = char::from_u32(code) {
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

fn put_hex(out: &mut Vec<u8>, prefix: &[u8], code: u32, digits: u32) {
    out.extend_from_slice(prefix);
    for place in (0..digits).rev() {
        out.push(b"0123456789abcdef"[(code >> (4 * place) & 0xf) as usize]);
    }
}

/// Appends `text` as the inside of a JSON string.
#[inline]
pub fn put_json(out: &mut Vec<u8>, text: &[u8]) {
    if is_json_plain(text) {
        out.extend_from_slice(text);
    } else {
        put_json_slow(out, text);
    }
}

/// Appends `text` as a JSON string.
#[inline]
pub fn put_json_string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    put_json(out, text);
    out.push(b'"');
}

#[cold]
fn put_json_slow(out: &mut Vec<u8>, text: &[u8]) {
    let mut at = 0;
    let mut done = 0;
    while at < text.len() {
        if matches!(text[at], b'"' | b'\\') {
            out.extend_from_slice(&text[done..at]);
            out.push(b'\\');
            done = at;
            at += 1;
        } else if let Some((code, length)) = dangerous(text, at) {
            out.extend_from_slice(&text[done..at]);
            put_json_escape(out, code);
            at += length;
            done = at;
        } else {
            at += 1;
        }
    }
    out.extend_from_slice(&text[done..]);
}

fn put_json_escape(out: &mut Vec<u8>, code: u32) {
    match code {
        0x08 => out.extend_from_slice(b"\\b"),
        0x09 => out.extend_from_slice(b"\\t"),
        0x0a => out.extend_from_slice(b"\\n"),
        0x0c => out.extend_from_slice(b"\\f"),
        0x0d => out.extend_from_slice(b"\\r"),
        _ => put_hex(out, b"\\u", code, 4),
    }
}

/// Whether a field's text must stand between quotes: it is empty or holds a space, a quote, `=` or something that is escaped.
#[inline]
pub fn needs_quotes(text: &[u8]) -> bool {
    if is_bare(text) {
        return text.is_empty();
    }
    text.iter().enumerate().any(|(at, byte)| match byte {
        b' ' | b'"' | b'=' => true,
        0x21..=0x7e => false,
        _ => dangerous(text, at).is_some(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(source: &[u8], multiline: Multiline) -> String {
        let mut out = Vec::new();
        put_text(&mut out, source, multiline);
        String::from_utf8(out).expect("utf-8")
    }

    fn json(source: &[u8]) -> String {
        let mut out = Vec::new();
        put_json_string(&mut out, source);
        String::from_utf8(out).expect("utf-8")
    }

    #[test]
    fn control_and_bidi_characters_are_escaped() {
        assert_eq!(text("a\r\n\t\x1b\0\u{7f}\u{85}".as_bytes(), Multiline::Escape), r"a\r\n\t\x1b\x00\x7f\x85");
        assert_eq!(text("\u{202e}\u{2028}\u{61c}\u{2066}".as_bytes(), Multiline::Escape), r"\u202e\u2028\u061c\u2066");
        assert_eq!(text("é€😀\u{2027}".as_bytes(), Multiline::Escape), "é€😀\u{2027}");
    }

    #[test]
    fn indent_and_raw_keep_line_breaks() {
        assert_eq!(text(b"a\nb\x1b", Multiline::Indent), "a\n    b\\x1b");
        assert_eq!(text(b"a\nb\x1b", Multiline::Raw), "a\nb\x1b");
    }

    #[test]
    fn lone_surrogates_become_escapes() {
        assert_eq!(text(b"\xed\xa0\x80", Multiline::Raw), r"\ud800");
        assert_eq!(json(b"\xed\xa0\x80"), r#""\ud800""#);
    }

    #[test]
    fn quotes_are_wanted_only_where_needed() {
        for plain in ["a", "a-b", "é", "C:\\x"] {
            assert!(!needs_quotes(plain.as_bytes()), "{plain}");
        }
        for odd in ["", "a b", "a=b", "a\"", "a\n", "\u{202e}"] {
            assert!(needs_quotes(odd.as_bytes()), "{odd:?}");
        }
    }

    proptest! {
        #[test]
        fn json_is_read_back(source in any::<String>()) {
            let read: String = serde_json::from_str(&json(source.as_bytes())).expect("valid JSON");

            prop_assert_eq!(read, source);
        }

        #[test]
        fn escaped_text_is_one_line(source in any::<String>()) {
            let line = text(source.as_bytes(), Multiline::Escape);

            prop_assert!(!line.chars().any(char::is_control));
        }
    }
}
