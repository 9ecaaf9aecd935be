//! What is to be read back of a file: ranges of lines, and what to look for in them.

use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};

use crate::error::{Error, Result};
use crate::level::Levels;
use crate::sync::on_roomy_stack;

/// Bytes that a compiled pattern may take.
const MOST_PATTERN: usize = 4 * 1024 * 1024;

/// Lines from one to another, both included; negative numbers count from the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineRange {
    pub start: i64,
    pub end: i64,
}

/// Whole lines of a text whose length is known, from 1; empty where the last is before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub first: u64,
    pub last: u64,
}

/// What a line must have in it.
pub enum Pattern {
    /// These bytes. Looked for in many lines at once: it has no line break in it.
    Literal(Box<Finder<'static>>),
    /// This text in any case; likewise.
    Folded(Regex),
    /// Whatever a regular expression matches within one line.
    Expression(Regex),
    /// A text with a line break, which no line has.
    Never,
}

/// A level to look for, and the names that tell one level from another.
pub struct LevelFilter {
    /// The level's name as lines show it.
    pub name: String,
    /// The name as it stands in JSON.
    pub quoted: Vec<u8>,
    /// The name of any level, as a word of its own.
    pub any: Regex,
}

/// What `search_log` was asked for.
pub struct Query {
    pub pattern: Pattern,
    pub is_inverted: bool,
    pub level: Option<LevelFilter>,
    pub lines: LineRange,
    /// Matches after which the search ends.
    pub most: usize,
    /// Lines shown before and after a match.
    pub before: usize,
    pub after: usize,
}

impl LineRange {
    /// The arguments are what the bounds came by, and the bounds.
    pub fn new(start: (&str, Option<i64>), end: (&str, Option<i64>)) -> Result<Self> {
        let checked = |(argument, line): (&str, Option<i64>), default| match line {
            Some(0) => Err(Error::value(argument, "a line from 1, or from -1 counted from the end", "0")),
            line => Ok(line.unwrap_or(default)),
        };
        Ok(Self { start: checked(start, 1)?, end: checked(end, -1)? })
    }

    /// The lines meant, if that does not depend on how many there are.
    pub fn fixed(self) -> Option<Span> {
        match (self.start, self.end) {
            (1.., 1..) => Some(self.within(u64::MAX)),
            (1.., -1) => Some(Span { first: self.start.unsigned_abs(), last: u64::MAX }),
            _ => None,
        }
    }

    /// The lines meant of a text of `total` lines.
    pub fn within(self, total: u64) -> Span {
        let from_start = |line: i64| match line {
            1.. => line.unsigned_abs(),
            _ => (total + 1).saturating_sub(line.unsigned_abs()),
        };
        Span { first: from_start(self.start).max(1), last: from_start(self.end).min(total) }
    }
}

impl Pattern {
    /// A text, or with `is_expression` a regular expression, which takes time linear in the text whatever it is.
    pub fn parse(text: &str, is_case_sensitive: bool, is_expression: bool) -> Result<Self> {
        if is_expression {
            return compile(text, text, is_case_sensitive).map(Self::Expression);
        }
        if text.contains('\n') {
            return Ok(Self::Never);
        }
        if is_case_sensitive || !text.chars().any(char::is_alphabetic) {
            return Ok(Self::Literal(Box::new(Finder::new(text.as_bytes()).into_owned())));
        }
        compile(text, &regex::escape(text), false).map(Self::Folded)
    }
}

fn compile(given: &str, expression: &str, is_case_sensitive: bool) -> Result<Regex> {
    let built = on_roomy_stack(|| {
        RegexBuilder::new(expression).case_insensitive(!is_case_sensitive).size_limit(MOST_PATTERN).build()
    });
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            Error::value("pattern", format!("one that takes at most {MOST_PATTERN} bytes"), "one that is too large")
        }
        error => {
            let text = error.to_string();
            let reason = text.rsplit("error: ").next().unwrap_or_default().trim();
            Error::value("pattern", "a regular expression", format!("{given:?} ({reason})"))
        }
    })
}

impl LevelFilter {
    /// The level called `name`, told from the others that `levels` has.
    pub fn new(name: String, levels: &Levels) -> Result<Self> {
        let mut names: Vec<_> = levels.names().map(regex::escape).collect();
        // The longest first: of "LEVEL" and "LEVEL TWO" both begin at the same place.
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let any =
            format!(r"(?-u:\x1b\[[0-9;]*m|\b{{start-half}})(?:Level [0-9]+|{})(?-u:\b{{end-half}})", names.join("|"));
        let quoted = name.replace('\\', "\\\\").replace('"', "\\\"").into_bytes();
        Ok(Self { name, quoted, any: compile("the levels' names", &any, true)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: i64, end: i64) -> LineRange {
        LineRange::new(("start", Some(start)), ("end", Some(end))).expect("no line 0")
    }

    #[test]
    fn negative_lines_count_from_the_end() {
        assert_eq!(range(-3, -1).within(10), Span { first: 8, last: 10 });
        assert_eq!(range(2, -2).within(10), Span { first: 2, last: 9 });
        assert_eq!(range(-30, 4).within(10), Span { first: 1, last: 4 });
        assert_eq!(range(1, -30).within(10).last, 0);
    }

    #[test]
    fn extreme_lines_do_not_overflow() {
        assert_eq!(range(i64::MIN, i64::MAX).within(3), Span { first: 1, last: 3 });
        assert!(range(i64::MAX, i64::MIN).within(3).last < 1);
        assert_eq!(range(1, i64::MAX).fixed(), Some(Span { first: 1, last: i64::MAX as u64 }));
    }

    #[test]
    fn line_zero_is_refused() {
        let error = LineRange::new(("start", Some(1)), ("end", Some(0))).expect_err("zero").to_string();

        assert_eq!(error, "end: expected a line from 1, or from -1 counted from the end, got 0");
    }

    #[test]
    fn broken_expression_says_what_is_wrong() {
        let error = |text| Pattern::parse(text, true, true).err().map(|error| error.to_string()).unwrap_or_default();

        assert_eq!(error("a("), "pattern: expected a regular expression, got \"a(\" (unclosed group)");
        assert!(error("(?=a)").contains("look-ahead"), "{}", error("(?=a)"));
        assert!(error("(?:a{1000}){1000}").contains("too large"), "{}", error("(?:a{1000}){1000}"));
    }
}
