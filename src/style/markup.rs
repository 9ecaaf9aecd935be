//! Colour markup in format strings, and the stack of open styles while a line is written.
//!
//! Unknown markup stays text and never makes a format invalid. A terminal has no nested close, so `StyleStack` reopens
//! the styles around a closed one.

use std::iter::repeat_n;
use std::mem;

use crate::style::codes::{EFFECTS, Layer, RESET, Style, codes, color, short_color, words};

/// The limit of styles open at once; further tags stay text. Each close reopens the styles around it.
const MOST_OPEN: usize = 64;

/// One piece of a format string with colour markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Markup {
    Text(String),
    Open(Style),
    /// Opens the style of the record's level.
    OpenLevel,
    /// Closes the style opened last.
    Close,
}

/// Splits one complete text; see `MarkupParser`.
pub(super) fn parse_markup(text: &str) -> Vec<Markup> {
    MarkupParser::default().feed(text)
}

/// Splits tags such as `<green>`, `<fg 208>`, `<level>`, `</green>` and `</>` from the texts of one format.
///
/// It tracks the open styles, so that `</>` after a placeholder closes the style opened before it. Unknown tags and
/// closes without a matching open stay text. A backslash before a tag makes it text; two are one backslash. Closing an
/// outer style also closes the inner ones and opens them again.
#[derive(Debug, Default)]
pub struct MarkupParser {
    pieces: Vec<Markup>,
    opens: Vec<Markup>,
    /// Whether a tag was unknown, or closed a style other than the last one.
    has_mistake: bool,
}

impl MarkupParser {
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a tag could not be used or closed an outer style, or a style is still open.
    pub fn has_mistake(&self) -> bool {
        self.has_mistake || !self.opens.is_empty()
    }

    /// Splits the next text into pieces.
    pub fn feed(&mut self, text: &str) -> Vec<Markup> {
        let mut rest = text;
        while let Some(at) = rest.find('<') {
            let (before, tail) = rest.split_at(at);
            let taken = tag_name(tail).map_or(1, |name| name.len() + 2);
            if let Some(name) = tag_name(tail) {
                self.tag(before, &tail[..taken], name);
            } else {
                self.has_mistake |= tail.starts_with("<>");
                self.text(&rest[..=at]);
            }
            rest = &tail[taken..];
        }
        self.text(rest);
        mem::take(&mut self.pieces)
    }

    fn text(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Markup::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.pieces.push(Markup::Text(text.to_owned())),
        }
    }

    /// Handles a tag and the text before it. Trailing backslashes in that text may escape the tag.
    fn tag(&mut self, before: &str, tag: &str, name: &str) {
        let plain = before.trim_end_matches('\\');
        let backslashes = before.len() - plain.len();
        self.text(&before[..plain.len() + backslashes / 2]);
        let is_text = backslashes % 2 == 1;
        if is_text || self.take(name).is_none() {
            self.has_mistake |= !is_text;
            self.text(tag);
        }
    }

    /// Opens or closes the style of a tag. Returns None if the tag is unknown, exceeds the limit, or closes a style
    /// that is not open.
    fn take(&mut self, name: &str) -> Option<()> {
        match name.strip_prefix('/') {
            Some("") => self.opens.len().checked_sub(1).map(|last| self.close(last)),
            Some(name) => tag(name)
                .and_then(|opened| self.opens.iter().rposition(|open| *open == opened))
                .map(|position| self.close(position)),
            None if self.opens.len() == MOST_OPEN => None,
            None => tag(name).map(|opened| self.open(opened)),
        }
    }

    fn open(&mut self, opened: Markup) {
        self.pieces.push(opened.clone());
        self.opens.push(opened);
    }

    fn close(&mut self, position: usize) {
        let inner = self.opens.split_off(position + 1);
        self.has_mistake |= !inner.is_empty();
        self.opens.pop();
        self.pieces.extend(repeat_n(Markup::Close, inner.len() + 1));
        for opened in inner {
            self.open(opened);
        }
    }
}

/// The styles open at one position of the line being written. It is reused for each line.
#[derive(Debug, Default)]
pub struct StyleStack {
    opens: String,
    /// The start of each open style in `opens`.
    starts: Vec<usize>,
}

impl StyleStack {
    /// Begins a style with its escape sequence, or with "" for a style that has no effect but still needs its close.
    pub fn open(&mut self, style: &str, out: &mut Vec<u8>) {
        self.starts.push(self.opens.len());
        self.opens.push_str(style);
        out.extend_from_slice(style.as_bytes());
    }

    /// Ends the style opened last and reopens the styles around it. Does nothing if none is open.
    pub fn close(&mut self, out: &mut Vec<u8>) {
        let Some(start) = self.starts.pop() else { return };
        if start == self.opens.len() {
            return;
        }
        self.opens.truncate(start);
        out.extend_from_slice(RESET.as_bytes());
        out.extend_from_slice(self.opens.as_bytes());
    }

    /// Ends every style, because a format may leave some open.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if !self.opens.is_empty() {
            out.extend_from_slice(RESET.as_bytes());
        }
        self.opens.clear();
        self.starts.clear();
    }
}

/// The text between the `<` at the start of `tail` and its `>`, if it looks like a tag.
fn tag_name(tail: &str) -> Option<&str> {
    let end = tail[1..].find(['<', '>'])? + 1;
    let name = &tail[1..end];
    let is_tag = tail[end..].starts_with('>') && !name.is_empty();
    let is_known = || tag(name.strip_prefix('/').unwrap_or(name)).is_some();
    (is_tag && (!name.contains(char::is_whitespace) || is_known())).then_some(name)
}

fn tag(name: &str) -> Option<Markup> {
    // `-` and spaces separate words. At either end they mean that this is not a tag.
    if !name.starts_with(|c: char| c.is_alphanumeric() || c == '#') || !name.ends_with(char::is_alphanumeric) {
        return None;
    }
    if matches!(name, "level" | "lvl") {
        return Some(Markup::OpenLevel);
    }
    let codes = EFFECTS.iter().find(|(_, letter, _)| *letter == name).map(|(.., code)| (*code).to_owned());
    codes.or_else(|| tag_color(name)).map(|codes| Markup::Open(Style::from_codes(&codes)))
}

/// The codes of a colour or effect in a tag. Lower case is for text, upper case for a background.
fn tag_color(name: &str) -> Option<String> {
    let lowered = name.to_lowercase();
    let words = words(&lowered);
    if name == lowered || name.contains('#') || name.starts_with("fg ") || name.starts_with("bg ") {
        return short_color(&lowered, Layer::Foreground).or_else(|| codes(&words));
    }
    let is_upper = !name.contains(char::is_lowercase);
    is_upper.then(|| short_color(&lowered, Layer::Background).or_else(|| color(&words, Layer::Background)))?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pieces as text: `(31)` opens, `(level)` opens the level's style, `(/)` closes.
    fn split(text: &str) -> String {
        let show = |piece: &Markup| match piece {
            Markup::Text(text) => text.clone(),
            Markup::Open(style) => style.open().replace("\x1b[", "(").replace('m', ")"),
            Markup::OpenLevel => "(level)".to_owned(),
            Markup::Close => "(/)".to_owned(),
        };
        parse_markup(text).iter().map(show).collect()
    }

    #[test]
    fn markup_is_split_from_text() {
        let expected = [
            ("<green>{time}</green> | <level>{message}</level>", "(32){time}(/) | (level){message}(/)"),
            ("<bold><fg 208>a</fg 208>b</>c", "(1)(38;5;208)a(/)b(/)c"),
            ("<lvl>a</level> <r>b</red>", "(level)a(/) (31)b(/)"),
            ("<fg #FF8800>a</> <bg RED>b</> <fg r>c</>", "(38;2;255;136;0)a(/) (41)b(/) (31)c(/)"),
            ("<RED>a</RED><b>b</b><l>c</l><le>d</le><n>e</n>", "(41)a(/)(1)b(/)(5)c(/)(94)d(/)(22)e(/)"),
            ("no tags", "no tags"),
            ("", ""),
        ];

        for (text, pieces) in expected {
            assert_eq!(split(text), pieces, "{text}");
        }
    }

    #[test]
    fn a_style_opened_in_one_text_is_closed_in_the_next() {
        let mut parser = MarkupParser::new();

        let opened = parser.feed("<red>a");
        let closed = parser.feed("b</red></red>");

        let red = Style::parse("color", "red").expect("red");
        assert_eq!(opened, [Markup::Open(red), Markup::Text("a".to_owned())]);
        let rest = Markup::Text("</red>".to_owned());
        assert_eq!(closed, [Markup::Text("b".to_owned()), Markup::Close, rest]);
    }

    #[test]
    fn unknown_tags_and_unmatched_closes_stay_text() {
        let texts = [
            "<module>",
            "<Red>",
            "<31>",
            "<bold red>",
            "</>",
            "</red>",
            "<>",
            "< red >",
            "a < b > c",
            "{level: <8}|",
            "<<",
            "<none>",
            "<é>",
            "<-> <",
        ];

        for text in texts {
            assert_eq!(split(text), text);
        }
        assert_eq!(split("<red>a</green>b"), "(31)a</green>b");
        assert_eq!(split("{level: <8}<red>a</red></red>"), "{level: <8}(31)a(/)</red>");
    }

    #[test]
    fn a_backslash_makes_a_tag_text() {
        assert_eq!(split(r"\<red>a\</red>"), "<red>a</red>");
        assert_eq!(split(r"\\<red>a\\\</>"), r"\(31)a\</>");
        assert_eq!(split(r"\<module> C:\d < \e"), r"<module> C:\d < \e");
    }

    #[test]
    fn closing_an_outer_style_keeps_the_inner_one() {
        assert_eq!(split("<red><bold>a</red>b</bold>"), "(31)(1)a(/)(/)(1)b(/)");
    }

    #[test]
    fn tags_within_very_many_tags_stay_text() {
        let text = format!("{}x{}", "<red>".repeat(20_000), "</red>".repeat(20_000));

        let pieces = parse_markup(&text);

        let count = |piece: &Markup| pieces.iter().filter(|other| *other == piece).count();
        assert_eq!(count(&Markup::Open(Style::parse("color", "red").expect("red"))), MOST_OPEN);
        assert_eq!(count(&Markup::Close), MOST_OPEN);
        assert_eq!(pieces.len(), 2 * MOST_OPEN + 2);
    }

    #[test]
    fn a_close_begins_again_what_is_still_open() {
        let (mut stack, mut out) = (StyleStack::default(), Vec::new());

        stack.open("<1>", &mut out);
        stack.open("", &mut out);
        stack.open("<3>", &mut out);
        for _ in 0..4 {
            out.push(b' ');
            stack.close(&mut out);
        }

        assert_eq!(out, b"<1><3> \x1b[0m<1>  \x1b[0m ");
    }

    #[test]
    fn finishing_resets_once() {
        let (mut stack, mut out) = (StyleStack::default(), Vec::new());

        stack.open("<1>", &mut out);
        stack.open("<2>", &mut out);
        stack.finish(&mut out);
        stack.finish(&mut out);
        stack.close(&mut out);

        assert_eq!(out, b"<1><2>\x1b[0m");
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parsers(text in r"[<>/\\a-cRr#0-9 ;,é-]{0,24}|\PC{0,12}") {
            let _ = Style::parse("color", &text);
            if !text.contains('<') {
                prop_assert_eq!(split(&text), text);
            }
        }
    }
}
