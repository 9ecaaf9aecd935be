//! Where entries end: which lines belong together.

use memchr::memchr;

use super::times::Times;

/// Lines that follow an entry of text are part of it up to this length.
const LONGEST_REST: usize = 1024 * 1024;

/// Bytes of a line that tell whether an entry begins with it.
pub const HEAD: usize = 80;

/// What an entry begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// An object on one line.
    Object,
    /// An object on several lines, which ends with a brace at the start of a line.
    Indented,
    /// A line of text with a time or a level.
    Text,
    /// Any other line.
    Other,
}

/// Returns what a line, or the first bytes of it, begins with.
pub fn start_of(line: &[u8], times: &mut Times) -> Start {
    match line.first() {
        Some(b'{') if line.trim_ascii_end() == b"{" => Start::Indented,
        Some(b'{') => Start::Object,
        _ if super::text::begins(line, times) || super::pairs::is_logfmt(line) => Start::Text,
        _ => Start::Other,
    }
}

/// The end of an entry, or what is needed to know it.
#[derive(Debug, PartialEq, Eq)]
pub enum Cut {
    /// The entry has this many bytes, with its line breaks.
    Whole(usize),
    /// More of the text must be read.
    NeedsMore,
}

/// Finds the end of the entry at the start of a text. `is_over` says that nothing follows the text.
pub fn cut(text: &[u8], is_over: bool, times: &mut Times) -> (Start, Cut) {
    let Some(end) = memchr(b'\n', text).map(|at| at + 1) else {
        let start = start_of(text, times);
        return (start, if is_over { Cut::Whole(text.len()) } else { Cut::NeedsMore });
    };
    let start = start_of(&text[..end], times);
    let goes_on = |line: &[u8], times: &mut Times| match start {
        Start::Object => false,
        Start::Indented => !line.starts_with(b"}"),
        Start::Text => start_of(line, times) == Start::Other,
        Start::Other => matches!(line.first(), Some(b' ' | b'\t')),
    };
    let mut at = end;
    loop {
        let rest = &text[at..];
        let line_end = memchr(b'\n', rest).map(|at| at + 1);
        if line_end.is_none() && rest.len() < HEAD && !is_over {
            return (start, if start == Start::Object { Cut::Whole(at) } else { Cut::NeedsMore });
        }
        let line = &rest[..line_end.unwrap_or(rest.len())];
        if line.is_empty() || at > LONGEST_REST || !goes_on(line, times) {
            break;
        }
        match line_end {
            Some(length) => at += length,
            None if is_over => at = text.len(),
            None => return (start, Cut::NeedsMore),
        }
    }
    // The brace that ends the object is part of it.
    if start == Start::Indented && text[at..].starts_with(b"}") {
        match memchr(b'\n', &text[at..]) {
            Some(length) => at += length + 1,
            None if is_over => at = text.len(),
            None => return (start, Cut::NeedsMore),
        }
    }
    (start, Cut::Whole(at))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn entries(text: &str) -> Vec<&str> {
        let mut times = Times::new(TimeZone::UTC);
        let mut rest = text;
        let mut found = Vec::new();
        while !rest.is_empty() {
            let (_, Cut::Whole(length)) = cut(rest.as_bytes(), true, &mut times) else { panic!("{rest}") };
            let (entry, after) = rest.split_at(length);
            found.push(entry);
            rest = after;
        }
        found
    }

    #[test]
    fn lines_after_a_line_with_a_time_belong_to_it() {
        let text = "2025-01-15 10:30:45 | ERROR | a\nTraceback:\n  File\n\n2025-01-15 10:30:46 | INFO | b\n{}\nfree\n";

        let known = [
            "2025-01-15 10:30:45 | ERROR | a\nTraceback:\n  File\n\n",
            "2025-01-15 10:30:46 | INFO | b\n",
            "{}\n",
            "free\n",
        ];
        assert_eq!(entries(text), known);
    }

    #[test]
    fn indented_objects_are_whole() {
        assert_eq!(
            entries("{\n  \"a\": {\n  }\n}\n{\"b\": 1}\n{\n}"),
            ["{\n  \"a\": {\n  }\n}\n", "{\"b\": 1}\n", "{\n}"]
        );
    }

    #[test]
    fn lines_without_times_are_entries_with_the_indented_ones_after_them() {
        assert_eq!(entries("one\ntwo\n  more\nthree"), ["one\n", "two\n  more\n", "three"]);
    }

    #[test]
    fn more_is_read_until_the_next_entry_is_seen() {
        let mut times = Times::new(TimeZone::UTC);
        for (text, is_known) in [
            ("2025-01-15 10:30:45 a", false),
            ("2025-01-15 10:30:45 a\n", false),
            ("2025-01-15 10:30:45 a\n2025-01-15 10:30:46 ", false),
            ("2025-01-15 10:30:45 a\n2025-01-15 10:30:46 b\n", true),
            ("{\"a\": 1}\n", true),
            ("{\"a\": 1}", false),
            ("{\n}", false),
        ] {
            assert_eq!(cut(text.as_bytes(), false, &mut times).1 != Cut::NeedsMore, is_known, "{text}");
        }
    }
}
