//! Patterns of lines: a record is one line, coloured and plain lines say the same, and nothing hides in them.

use super::input::Input;
use super::markup::without_escapes;
use super::sample::{Sample, line, site};
use crate::format::escape::Multiline;
use crate::format::formatter::Layout;
use crate::format::pattern::Pattern;
use crate::format::time::pattern::TimePattern;
use crate::format::traceback::palette::Palette;
use crate::record::decoded::Record;
use crate::record::detail::Detail;

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let source = input.text();
    let Ok(pattern) = Pattern::parse("format", source, &TimePattern::default_text()) else { return };
    let site = site(&mut input);
    let sample = Sample::of(&mut input, &site);
    let record = Record::decode(&sample.bytes, &site, b"");
    let of = |multiline, is_colored| {
        let layout = Layout::Text {
            pattern: pattern.clone(),
            by_level: None,
            multiline,
            is_colored,
            palette: &Palette::PLAIN,
            detail: Detail::default(),
        };
        String::from_utf8(line(&layout, &record)).expect("a line is UTF-8")
    };
    for multiline in [Multiline::Escape, Multiline::Indent, Multiline::Raw] {
        of(multiline, true);
    }
    if record.is_raw {
        return;
    }
    let plain = of(Multiline::OneLine, false);
    // `%t` and `%n` in the pattern of a time are a tab and a line break.
    let has_own = ["%t", "%n"].iter().any(|own| source.contains(own));
    let is_printable = !has_own && source.chars().all(|letter| (' '..='~').contains(&letter));
    if is_printable {
        assert!(plain.ends_with('\n') && plain.trim_end_matches('\n').len() + 1 == plain.len(), "{plain:?}");
        assert!(!plain[..plain.len() - 1].contains(is_dangerous), "{plain:?}");
        assert_eq!(without_escapes(&of(Multiline::OneLine, true)), plain);
    }
}

/// Whether a character could break a line or hide a part of it.
pub(super) fn is_dangerous(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}
