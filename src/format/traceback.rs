//! Tracebacks in text: escaped but for their line breaks and tabs, and coloured line by line.
//!
//! Colours are those of Python 3.13: files, lines and functions in magenta, carets in red, the exception's type in bold; or none, for
//! themes without. What a line is shows in its form alone, so an exception's message that looks like a frame is coloured like one.

use crate::format::color::RESET;
use crate::format::escape::{Multiline, put_text};

/// What opens the style of each part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    place: &'static str,
    kind: &'static str,
    carets: &'static str,
    value: &'static str,
    note: &'static str,
}

impl Palette {
    pub const COLORED: Self =
        Self { place: "\x1b[35m", kind: "\x1b[1;35m", carets: "\x1b[1;31m", value: "\x1b[36m", note: "\x1b[2m" };
    /// Without colours.
    pub const PLAIN: Self =
        Self { place: "\x1b[4m", kind: "\x1b[1m", carets: "\x1b[1m", value: "\x1b[3m", note: "\x1b[2m" };
}

/// Appends a traceback: its line breaks and tabs stay. Without a palette it has no styles.
pub fn put(out: &mut Vec<u8>, text: &[u8], palette: Option<&Palette>) {
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if index > 0 {
            out.push(b'\n');
        }
        match palette {
            Some(palette) => put_colored(out, line, palette),
            None => put_line(out, line),
        }
    }
}

fn put_line(out: &mut Vec<u8>, line: &[u8]) {
    for (index, cell) in line.split(|byte| *byte == b'\t').enumerate() {
        if index > 0 {
            out.push(b'\t');
        }
        put_text(out, cell, Multiline::Escape);
    }
}

fn put_styled(out: &mut Vec<u8>, style: &str, text: &[u8]) {
    if text.is_empty() {
        return;
    }
    out.extend_from_slice(style.as_bytes());
    put_line(out, text);
    out.extend_from_slice(RESET.as_bytes());
}

fn put_colored(out: &mut Vec<u8>, line: &[u8], palette: &Palette) {
    let (margin, rest) = line.split_at(margin(line));
    put_line(out, margin);
    let inner = rest.trim_ascii_start();
    let indent = rest.len() - inner.len();
    if put_frame(out, rest, palette) {
        return;
    }
    match inner.first() {
        Some(b'^' | b'~') if inner.iter().all(|byte| b"^~ ".contains(byte)) => put_styled(out, palette.carets, rest),
        Some(b'.') if indent == 2 && inner.starts_with(b"... ") => put_styled(out, palette.note, rest),
        Some(b'[') if inner.starts_with(b"[Previous line repeated ") => put_styled(out, palette.note, rest),
        Some(_) if is_value(inner) => put_styled(out, palette.value, rest),
        Some(_) if indent == 0 => put_last_line(out, rest, palette),
        _ => put_line(out, rest),
    }
}

/// Bytes of the border that Python draws around members of groups: `  | ` and `  + `.
fn margin(line: &[u8]) -> usize {
    let spaces = line.iter().take_while(|byte| **byte == b' ').count();
    match line.get(spaces..) {
        Some([b'|' | b'+', b' ', ..]) if spaces >= 2 => spaces + 2,
        _ => 0,
    }
}

/// A line that shows values, by its strokes.
fn is_value(line: &[u8]) -> bool {
    line.starts_with("│".as_bytes()) || line.starts_with("└".as_bytes())
}

/// `  File "app.py", line 3, in main`; false when the line is none.
fn put_frame(out: &mut Vec<u8>, line: &[u8], palette: &Palette) -> bool {
    let Some(rest) = line.strip_prefix(b"  File \"").or_else(|| line.strip_prefix(b"> File \"")) else { return false };
    let Some(file) = memchr::memmem::rfind(rest, b"\", line ") else { return false };
    let numbered = &rest[file + 8..];
    let digits = numbered.iter().take_while(|byte| byte.is_ascii_digit()).count();
    put_line(out, &line[..8]);
    put_styled(out, palette.place, &rest[..file]);
    put_line(out, b"\", line ");
    put_styled(out, palette.place, &numbered[..digits]);
    match numbered[digits..].strip_prefix(b", in ") {
        Some(function) => {
            put_line(out, b", in ");
            put_styled(out, palette.place, function);
        }
        None => put_line(out, &numbered[digits..]),
    }
    true
}

/// `module.Type: message`; other lines without indentation are as they were.
fn put_last_line(out: &mut Vec<u8>, line: &[u8], palette: &Palette) {
    let end = memchr::memchr(b':', line).unwrap_or(line.len());
    let is_name =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'<' | b'>') || *byte >= 0x80;
    let is_kind = end > 0 && line[..end].iter().all(is_name) && line.get(end + 1).is_none_or(|byte| *byte == b' ');
    if is_kind {
        put_styled(out, palette.kind, &line[..end]);
        put_line(out, &line[end..]);
    } else {
        put_line(out, line);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn put_text(text: &str, is_colored: bool) -> String {
        let mut out = Vec::new();
        put(&mut out, text.as_bytes(), is_colored.then_some(&Palette::COLORED));
        String::from_utf8(out).expect("utf-8")
    }

    #[test]
    fn line_breaks_and_tabs_stay_and_all_else_is_escaped() {
        assert_eq!(put_text("a\n\tb\x1b[31m", false), "a\n\tb\\x1b[31m");
    }

    #[test]
    fn frames_carets_and_types_are_coloured() {
        let text = "  File \"a.py\", line 3, in main\n    f()\n    ^^^\nValueError: no";

        let expected = "  File \"\x1b[35ma.py\x1b[0m\", line \x1b[35m3\x1b[0m, in \x1b[35mmain\x1b[0m\n    f()\n\
                        \x1b[1;31m    ^^^\x1b[0m\n\x1b[1;35mValueError\x1b[0m: no";
        assert_eq!(put_text(text, true), expected);
    }

    #[test]
    fn members_of_groups_are_coloured_behind_their_border() {
        assert_eq!(put_text("    | KeyError: 1", true), "    | \x1b[1;35mKeyError\x1b[0m: 1");
    }

    proptest! {
        #[test]
        fn colour_adds_escapes_and_nothing_else(text in "([ ]{0,4}(File \"|\\^|~|[|+] |\\.\\.\\. |│|x|:|\\n|\", line 3|é|\t){0,8}){0,6}") {
            let colored = put_text(&text, true);
            let Palette { place, kind, carets, value, note } = Palette::COLORED;
            let stripped = [place, kind, carets, value, note, RESET].iter().fold(colored, |text, style| text.replace(style, ""));

            prop_assert_eq!(stripped, put_text(&text, false));
        }
    }
}
