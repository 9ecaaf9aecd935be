//! Tracebacks in text: escaped except for their line breaks and tabs, and coloured by their form.
//!
//! A line that is not Python's own is indented, so that no line of an exception's text can pass for a record. Only the
//! form of a line and of the one before decides its style, so an exception's message that looks like a frame is coloured
//! like a frame. Read `palette` first (the styles), then `styled` (their places) and `source` (tokens of code).

use crate::format::escape::{Multiline, put_text};
use crate::format::traceback::lines::{OWN, Out};
use crate::format::traceback::palette::Palette;

mod lines;
pub mod palette;
mod source;
mod styled;

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
    if let Some(palette) = palette {
        return styled::put(out, text, is_raw, palette);
    }
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if index > 0 {
            out.push(b'\n');
        }
        Out { out, is_raw }.plain(line);
    }
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

    /// The text in the colours of Loguru, whose codes are shown as `<33;1>`.
    fn put_fine(text: &str) -> String {
        let mut out = Vec::new();
        put(&mut out, text.as_bytes(), false, Some(&Palette::LOGURU));
        let text = String::from_utf8(out).expect("utf-8").replace("\x1b[0m", "</>").replace("m\x1b[1m", ";1m");
        let (first, rest) = text.split_once("\x1b[").unwrap_or((&text, ""));
        let rest = rest.split("\x1b[").map(|part| format!("<{}", part.replacen('m', ">", 1)));
        first.to_owned() + &rest.collect::<String>()
    }

    #[test]
    fn parts_of_a_frame_have_the_colours_of_their_palette() {
        let text = "Traceback (2)\n> File \"/d/a.py\", line 3, in f\n    if 1: f(x) # c\n    │ └ 'v'\n  File \"<s>\", line 1, in g\n    if 1\n";

        let expected = "Traceback (2)\n> File \"<32>/d/</><32;1>a.py</>\", line <33>3</>, in <35>f</>\n    \
                        <35;1>if</> <34;1>1</><1>:</> <1>f</><1>(</><1>x</><1>)</> <30;1># c</>\n    \
                        <36>│ └ </><36;1>'v'</>\n  File \"<s>\", line 1, in g\n    if 1\n";
        assert_eq!(put_fine(text), expected);
    }

    #[test]
    fn messages_are_coloured_to_their_end() {
        let text =
            "Error: a: b\n\nc\n\nThe above exception was the direct cause of the following exception:\n\nValue: x\n";

        let expected = "<31;1>Error</>:<1> a: b\n\nc</>\n\n<1>The above exception was the direct cause of the \
                        following exception:</>\n\n<31;1>Value</>:<1> x</>\n";
        assert_eq!(put_fine(text), expected);
    }

    #[test]
    fn source_behind_assertion_errors_is_coloured_as_source() {
        let text = "  File \"a.py\", line 3, in f\n    assert x\nAssertionError: assert x";

        assert!(put_fine(text).ends_with("<31;1>AssertionError</>: <35;1>assert</> <1>x</>"));
    }

    proptest! {
        #[test]
        fn colour_adds_escapes_and_nothing_else(
            text in "([ ]{0,4}(  File \"|\\^|~|[|+] |\\.\\.\\. |│|└ |x|: |:|\\n|\\.py\", line 3, in |é|\t|'|The above){0,8}){0,6}",
            is_fine in any::<bool>(),
        ) {
            let mut out = Vec::new();
            put(&mut out, text.as_bytes(), false, Some(if is_fine { &Palette::LOGURU } else { &Palette::COLORED }));
            let colored = String::from_utf8(out).expect("utf-8");
            let codes = colored.split("\x1b[").enumerate();
            let stripped: String = codes
                .map(|(index, part)| if index == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) })
                .collect();

            prop_assert_eq!(stripped, put_text(&text, false));
        }
    }
}
