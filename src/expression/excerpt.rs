//! The part of a source that an error shows, and the column of the caret under it.

use regex::Regex;

use crate::error::is_unseen;

/// The most characters shown before the mistake, and from it on.
const BEFORE: usize = 60;
const AFTER: usize = 40;

const CUT: &str = "...";

/// Characters that take two columns on a terminal, and those that take none.
const WIDE: &str = concat!(
    r"[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Yi}\p{Emoji_Presentation}",
    r"\u{3000}-\u{303e}\u{ff01}-\u{ff60}\u{ffe0}-\u{ffe6}--\u{ff61}-\u{ffdc}]"
);
const COMBINING: &str = r"[\p{Mn}\p{Me}]";

/// The line with the mistake at the byte `at`, and the mistake's column. Of a long line, the parts around it are shown.
pub(super) fn excerpt(source: &str, at: usize) -> (String, usize) {
    let start = source[..at].rfind('\n').map_or(0, |at| at + 1);
    let before = shown(&source[start..at]);
    let after = shown(source[at..].lines().next().unwrap_or_default());
    let (before, after) = (shortened_start(&before), shortened_end(&after));
    let column = width(&before);
    (before + &after, column)
}

fn shown(text: &str) -> String {
    text.chars().map(|c| if is_unseen(c) { ' ' } else { c }).collect()
}

fn shortened_start(text: &str) -> String {
    match text.char_indices().rev().nth(BEFORE - 1) {
        Some((at, _)) if at > 0 => CUT.to_owned() + &text[at..],
        _ => text.to_owned(),
    }
}

fn shortened_end(text: &str) -> String {
    match text.char_indices().nth(AFTER) {
        Some((at, _)) => text[..at].to_owned() + CUT,
        None => text.to_owned(),
    }
}

/// The columns that a text takes on a terminal.
fn width(text: &str) -> usize {
    let count = |class: &str| Regex::new(class).map_or(0, |class| class.find_iter(text).count());
    (text.chars().count() + count(WIDE)).saturating_sub(count(COMBINING))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caret(source: &str, before: &str) -> (String, usize) {
        excerpt(source, before.len())
    }

    #[test]
    fn column_is_that_of_a_terminal() {
        assert_eq!(caret("city == '東京' ?", "city == '東京' "), ("city == '東京' ?".to_owned(), 15));
        assert_eq!(caret("'한글' ?", "'한글' ").1, 7);
        assert_eq!(caret("'🦀' ?", "'🦀' ").1, 5);
        assert_eq!(caret("'e\u{301}' ?", "'e\u{301}' ").1, 4);
        assert_eq!(caret("'é' ?", "'é' ").1, 4);
        assert_eq!(caret("'ｱ' ?", "'ｱ' ").1, 4);
        assert_eq!(caret("a ==\nb ?\nc", "a ==\nb "), ("b ?".to_owned(), 2));
        assert_eq!(caret("a\u{200b} ?", "a\u{200b} "), ("a  ?".to_owned(), 3));
    }

    #[test]
    fn long_line_is_shown_around_the_mistake() {
        let (line, column) = caret(&format!("{}?{}", "a".repeat(500), "b".repeat(500)), &"a".repeat(500));

        assert_eq!(line, format!("...{}?{}...", "a".repeat(60), "b".repeat(39)));
        assert_eq!(&line[column..=column], "?");
        assert_eq!(caret(&"a".repeat(60), &"a".repeat(60)), ("a".repeat(60), 60));
    }
}
