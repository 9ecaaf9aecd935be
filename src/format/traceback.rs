//! Tracebacks in text: escaped except for their line breaks and tabs, and coloured line by line.
//!
//! A line that is not Python's own is indented, so that no line of an exception's text can pass for a record.
//!
//! Colours are those of Python 3.13: files, lines and functions in magenta, carets in red, the exception's type in
//! bold. Themes without colours use none. Only the form of a line decides its style, so an exception's message that
//! looks like a frame is coloured like a frame.

use crate::format::escape::{Multiline, put_text};
use crate::style::codes::RESET;

/// The escape sequences that begin the style of each part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// The line above the frames.
    heading: &'static str,
    place: &'static str,
    number: &'static str,
    function: &'static str,
    kind: &'static str,
    carets: &'static str,
    value: &'static str,
    note: &'static str,
}

impl Palette {
    pub const COLORED: Self = Self {
        heading: "",
        place: "\x1b[35m",
        number: "\x1b[35m",
        function: "\x1b[35m",
        kind: "\x1b[1;35m",
        carets: "\x1b[1;31m",
        value: "\x1b[36m",
        note: "\x1b[2m",
    };
    /// Without colours.
    pub const PLAIN: Self = Self {
        heading: "",
        place: "\x1b[4m",
        number: "\x1b[4m",
        function: "\x1b[4m",
        kind: "\x1b[1m",
        carets: "\x1b[1m",
        value: "\x1b[3m",
        note: "\x1b[2m",
    };
    /// The colours of Loguru's parts.
    pub const LOGURU: Self = Self {
        heading: "\x1b[33m\x1b[1m",
        place: "\x1b[32m",
        number: "\x1b[33m",
        function: "\x1b[35m",
        kind: "\x1b[31m\x1b[1m",
        carets: "",
        value: "\x1b[36m",
        note: "",
    };
}

/// Unindented lines that Python prints around frames, whatever the exception.
const OWN: [&[u8]; 4] = [
    b"Traceback (most recent call last):",
    b"Stack (most recent call last):",
    b"The above exception was the direct cause of the following exception:",
    b"During handling of the above exception, another exception occurred:",
];

/// Whether a line begins with neither a space nor a tab, and is not empty.
fn is_outer(line: &[u8]) -> bool {
    line.first().is_some_and(|byte| !matches!(byte, b' ' | b'\t'))
}

/// Indents unindented lines by four spaces, unless they begin at one of the offsets in `own`, which are in order. None
/// if there is no such line.
pub fn indented(text: &[u8], own: &[usize]) -> Option<Vec<u8>> {
    let mut own = own.iter().peekable();
    let mut out = Vec::new();
    let (mut done, mut start) = (0, 0);
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |at| start + at + 1);
        while own.next_if(|at| **at < start).is_some() {}
        if own.next_if_eq(&&start).is_none() && is_outer(text[start..end].trim_ascii_end()) {
            out.extend_from_slice(&text[done..start]);
            out.extend_from_slice(b"    ");
            done = start;
        }
        start = end;
    }
    if done == 0 && out.is_empty() {
        return None;
    }
    out.extend_from_slice(&text[done..]);
    Some(out)
}

/// Like `indented`, for a text from elsewhere: the name of an exception there cannot be told from its message.
pub fn indented_foreign(text: &[u8]) -> Option<Vec<u8>> {
    let mut own = Vec::new();
    let mut start = 0;
    for line in text.split(|byte| *byte == b'\n') {
        if OWN.contains(&line) {
            own.push(start);
        }
        start += line.len() + 1;
    }
    indented(text, &own)
}

/// Appends a traceback to the current line, with its line breaks as `\n`.
pub(super) fn put_on_line(out: &mut Vec<u8>, text: &[u8]) {
    put_text(out, text, Multiline::Escape);
}

/// Appends a traceback. Line breaks and tabs stay unchanged; if `is_raw`, everything else does too. Without a palette
/// it has no styles.
pub fn put(out: &mut Vec<u8>, text: &[u8], is_raw: bool, palette: Option<&Palette>) {
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if index > 0 {
            out.push(b'\n');
        }
        Writer { out, is_raw }.line(line, palette);
    }
}

/// Appends parts of one line.
struct Writer<'o> {
    out: &'o mut Vec<u8>,
    is_raw: bool,
}

impl Writer<'_> {
    fn line(&mut self, line: &[u8], palette: Option<&Palette>) {
        match palette {
            Some(palette) => self.colored(line, palette),
            None => self.plain(line),
        }
    }

    fn plain(&mut self, text: &[u8]) {
        if self.is_raw {
            return put_text(self.out, text, Multiline::Raw);
        }
        for (index, cell) in text.split(|byte| *byte == b'\t').enumerate() {
            if index > 0 {
                self.out.push(b'\t');
            }
            put_text(self.out, cell, Multiline::Escape);
        }
    }

    fn styled(&mut self, style: &str, text: &[u8]) {
        if text.is_empty() || style.is_empty() {
            return self.plain(text);
        }
        self.out.extend_from_slice(style.as_bytes());
        self.plain(text);
        self.out.extend_from_slice(RESET.as_bytes());
    }

    fn colored(&mut self, line: &[u8], palette: &Palette) {
        let (margin, rest) = line.split_at(margin(line));
        self.plain(margin);
        let inner = rest.trim_ascii_start();
        let indent = rest.len() - inner.len();
        if self.frame(rest, palette) {
            return;
        }
        match inner.first() {
            Some(b'^' | b'~') if inner.iter().all(|byte| b"^~ ".contains(byte)) => self.styled(palette.carets, rest),
            Some(b'.') if indent == 2 && inner.starts_with(b"... ") => self.styled(palette.note, rest),
            Some(b'[') if inner.starts_with(b"[Previous line repeated ") => self.styled(palette.note, rest),
            Some(_) if is_value(inner) => self.styled(palette.value, rest),
            Some(_) if OWN[0] == rest => self.styled(palette.heading, rest),
            Some(_) if indent == 0 => self.last_line(rest, palette),
            _ => self.plain(rest),
        }
    }

    /// Appends `  File "app.py", line 3, in main`. Returns false if the line is not a frame.
    fn frame(&mut self, line: &[u8], palette: &Palette) -> bool {
        let Some(rest) = line.strip_prefix(b"  File \"").or_else(|| line.strip_prefix(b"> File \"")) else {
            return false;
        };
        let Some(file) = memchr::memmem::rfind(rest, b"\", line ") else { return false };
        let numbered = &rest[file + 8..];
        let digits = numbered.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.plain(&line[..8]);
        self.styled(palette.place, &rest[..file]);
        self.plain(b"\", line ");
        self.styled(palette.number, &numbered[..digits]);
        match numbered[digits..].strip_prefix(b", in ") {
            Some(function) => {
                self.plain(b", in ");
                self.styled(palette.function, function);
            }
            None => self.plain(&numbered[digits..]),
        }
        true
    }

    /// Appends `module.Type: message`. Other lines without indentation stay unchanged.
    fn last_line(&mut self, line: &[u8], palette: &Palette) {
        let end = memchr::memchr(b':', line).unwrap_or(line.len());
        let is_name =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'<' | b'>') || *byte >= 0x80;
        let is_kind = end > 0 && line[..end].iter().all(is_name) && line.get(end + 1).is_none_or(|byte| *byte == b' ');
        if is_kind {
            self.styled(palette.kind, &line[..end]);
            self.plain(&line[end..]);
        } else {
            self.plain(line);
        }
    }
}

/// The length of the border that Python draws around members of groups: `  | ` and `  + `.
fn margin(line: &[u8]) -> usize {
    let spaces = line.iter().take_while(|byte| **byte == b' ').count();
    match line.get(spaces..) {
        Some([b'|' | b'+', b' ', ..]) if spaces >= 2 => spaces + 2,
        _ => 0,
    }
}

/// Whether a line shows values, recognized by its strokes.
fn is_value(line: &[u8]) -> bool {
    line.starts_with("│".as_bytes()) || line.starts_with("└".as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn put_text(text: &str, is_colored: bool) -> String {
        let mut out = Vec::new();
        put(&mut out, text.as_bytes(), false, is_colored.then_some(&Palette::COLORED));
        String::from_utf8(out).expect("utf-8")
    }

    #[test]
    fn line_breaks_and_tabs_stay_and_all_else_is_escaped() {
        assert_eq!(put_text("a\n\tb\x1b[31m", false), "a\n\tb\\x1b[31m");
    }

    #[test]
    fn lines_that_are_not_pythons_own_are_indented() {
        let text =
            b"Traceback (most recent call last):\n  File \"a\"\nError: x\ny\n\nTraceback (most recent call last):\n";

        let indented = indented(text, &[0, 46]).expect("a line of the message");

        let expected = "Traceback (most recent call last):\n  File \"a\"\nError: x\n    y\n\n    Traceback (most recent call last):\n";
        assert_eq!(String::from_utf8_lossy(&indented), expected);
    }

    #[test]
    fn text_without_such_lines_is_not_copied() {
        assert_eq!(indented(b"Error: x\n", &[0]), None);
        assert_eq!(indented_foreign(b"Stack (most recent call last):\n  File\n"), None);
    }

    #[test]
    fn type_of_text_from_elsewhere_is_indented() {
        assert_eq!(indented_foreign(b"Error: x").as_deref(), Some(b"    Error: x".as_slice()));
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

    #[test]
    fn parts_of_a_frame_have_the_colours_of_their_palette() {
        let text = "Traceback (most recent call last):\n\n> File \"a.py\", line 3, in main\nValueError: no";
        let mut out = Vec::new();

        put(&mut out, text.as_bytes(), false, Some(&Palette::LOGURU));

        let expected = "\x1b[33m\x1b[1mTraceback (most recent call last):\x1b[0m\n\n> File \"\x1b[32ma.py\x1b[0m\", \
                        line \x1b[33m3\x1b[0m, in \x1b[35mmain\x1b[0m\n\x1b[31m\x1b[1mValueError\x1b[0m: no";
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    proptest! {
        #[test]
        fn colour_adds_escapes_and_nothing_else(text in "([ ]{0,4}(File \"|\\^|~|[|+] |\\.\\.\\. |│|x|:|\\n|\", line 3|é|\t){0,8}){0,6}") {
            let colored = put_text(&text, true);
            let Palette { place, kind, carets, value, note, .. } = Palette::COLORED;
            let stripped = [place, kind, carets, value, note, RESET].iter().fold(colored, |text, style| text.replace(style, ""));

            prop_assert_eq!(stripped, put_text(&text, false));
        }
    }
}
