//! Escaping, which keeps one record on one line and JSON valid.
//!
//! Escaping covers control characters (C0, DEL, C1), line and paragraph separators (U+2028, U+2029) and the characters
//! that reorder text (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069). It covers invisible characters,
//! because text can be hidden in them: the tag characters and selectors of plane 14, fillers, the soft hyphen, and
//! zero-width characters other than the joiners and selectors that emoji and scripts need (U+200C, U+200D, U+FE00 to
//! U+FE0F). Lone surrogates, which arrive as WTF-8, are escaped even in raw output.

use crate::format::plain::{is_bare, is_json_plain, is_printable};

/// The treatment of line breaks in messages and fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Multiline {
    /// `\n` as two characters: one record is one line. Tracebacks have lines of their own.
    #[default]
    Escape,
    /// The same, and tracebacks are on the record's line too.
    OneLine,
    /// A line break and four spaces; everything else is escaped.
    Indent,
    /// Line breaks and tabs are unchanged; everything else is escaped.
    Lines,
    /// Unchanged, including control characters.
    Raw,
}

/// The dangerous character at `at`, with its length in bytes.
fn dangerous(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let byte = text[at];
    match byte {
        0..=0x1f | 0x7f => Some((u32::from(byte), 1)),
        0xc2 | 0xcd | 0xd8 => {
            let code = code_of(text, at, 2)?;
            matches!(code, 0x80..=0x9f | 0xad | 0x034f | 0x061c).then_some((code, 2))
        }
        0xe1..=0xe3 | 0xed | 0xef => {
            let code = code_of(text, at, 3)?;
            is_dangerous(code).then_some((code, 3))
        }
        0xf0 | 0xf3 => {
            let code = code_of(text, at, 4)?;
            matches!(code, 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe_0000..=0xe_0fff).then_some((code, 4))
        }
        _ => None,
    }
}

/// Whether a character of three bytes is dangerous.
fn is_dangerous(code: u32) -> bool {
    matches!(
        code,
        0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180e | 0x200b | 0x200e | 0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164
            | 0xd800..=0xdfff | 0xfeff | 0xffa0 | 0xfff9..=0xfffb
    )
}

/// Decodes the character of `length` bytes.
fn code_of(text: &[u8], at: usize, length: u32) -> Option<u32> {
    let (first, rest) = text.get(at..at + length as usize)?.split_first()?;
    Some(rest.iter().fold(u32::from(*first) & (0x7f >> length), |code, byte| code << 6 | (u32::from(*byte) & 0x3f)))
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
pub(super) fn put_quoted(out: &mut Vec<u8>, text: &[u8], multiline: Multiline) {
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
        (Multiline::Lines, 0x09 | 0x0a) => out.push(code as u8),
        (Multiline::Raw, _) if !is_surrogate => put_char(out, code),
        (_, 0x0a) => out.extend_from_slice(b"\\n"),
        (_, 0x0d) => out.extend_from_slice(b"\\r"),
        (_, 0x09) => out.extend_from_slice(b"\\t"),
        _ if code < 0x100 => put_hex(out, b"\\x", code, 2),
        _ if code < 0x1_0000 => put_hex(out, b"\\u", code, 4),
        _ => put_hex(out, b"\\U", code, 8),
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
        _ if code < 0x1_0000 => put_hex(out, b"\\u", code, 4),
        _ => {
            put_hex(out, b"\\u", 0xd7c0 + (code >> 10), 4);
            put_hex(out, b"\\u", 0xdc00 | (code & 0x3ff), 4);
        }
    }
}

/// Whether text is printable ASCII without an apostrophe or a backslash. Between apostrophes it equals its `repr()`.
#[inline]
pub fn is_bare_text(text: &[u8]) -> bool {
    is_printable(text) && memchr::memchr2(b'\'', b'\\', text).is_none()
}

/// Whether a field's text needs quotes: it is empty or contains a space, a quote, `=` or a character that is escaped.
#[inline]
pub(super) fn needs_quotes(text: &[u8]) -> bool {
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

    /// The characters that the head of this file names, as ranges of codes.
    const ESCAPED: [(u32, u32); 20] = [
        (0x00, 0x1f),
        (0x7f, 0x9f),
        (0xad, 0xad),
        (0x34f, 0x34f),
        (0x61c, 0x61c),
        (0x115f, 0x1160),
        (0x17b4, 0x17b5),
        (0x180e, 0x180e),
        (0x200b, 0x200b),
        (0x200e, 0x200f),
        (0x2028, 0x202e),
        (0x2060, 0x206f),
        (0x3164, 0x3164),
        (0xd800, 0xdfff),
        (0xfeff, 0xfeff),
        (0xffa0, 0xffa0),
        (0xfff9, 0xfffb),
        (0x1_bca0, 0x1_bca3),
        (0x1_d173, 0x1_d17a),
        (0xe_0000, 0xe_0fff),
    ];

    #[test]
    fn the_named_characters_are_escaped_and_no_others() {
        for character in '\0'..=char::MAX {
            let source = character.to_string();
            let code = u32::from(character);
            let is_named = ESCAPED.iter().any(|(first, last)| (*first..=*last).contains(&code));

            assert_eq!(text(source.as_bytes(), Multiline::Escape) != source, is_named, "{code:x}");
        }
    }

    #[test]
    fn joiners_and_selectors_of_emoji_stay() {
        for plain in ["\u{1f468}\u{200d}\u{1f469}", "\u{2764}\u{fe0f}", "\u{645}\u{200c}\u{6cc}"] {
            assert_eq!(text(plain.as_bytes(), Multiline::Escape), plain);
        }
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
    fn quotes_and_backslashes_in_quotes_are_escaped() {
        let mut out = Vec::new();
        put_quoted(&mut out, b"a \"b\" \\ \n", Multiline::Escape);

        assert_eq!(out, br#""a \"b\" \\ \n""#);
    }

    #[test]
    fn characters_of_each_size_have_their_own_form() {
        assert_eq!(text("\x1f\u{9f}\u{34f}\u{e0001}".as_bytes(), Multiline::Escape), r"\x1f\x9f\u034f\U000e0001");
        assert_eq!(json("\u{8}\t\n\u{c}\r\x1f\u{9f}".as_bytes()), r#""\b\t\n\f\r\u001f\u009f""#);
        assert_eq!(json("\"\\\u{1bca0}\u{e0001}".as_bytes()), r#""\"\\\ud82f\udca0\udb40\udc01""#);
    }

    #[test]
    fn bare_text_equals_its_repr() {
        for bare in ["", "a b", "say \"no\"", "{x}"] {
            assert!(is_bare_text(bare.as_bytes()), "{bare}");
        }
        for other in ["it's", "C:\\x", "é", "a\n"] {
            assert!(!is_bare_text(other.as_bytes()), "{other:?}");
        }
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
