//! A query for reading a file back: ranges of lines, and the text or level to look for.

use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};

use crate::error::{Error, Result};
use crate::expression::compiled::Expression;
use crate::level::Levels;
use crate::sync::on_roomy_stack;

/// The size limit of a compiled pattern, in bytes.
const MOST_PATTERN: usize = 4 * 1024 * 1024;

/// A range of lines, both ends included. Negative numbers count from the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineRange {
    pub start: i64,
    pub end: i64,
}

/// A range of lines in a text of known length, counted from 1. It is empty if the last is before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub first: u64,
    pub last: u64,
}

/// The condition that a line must match.
pub enum Pattern {
    /// These bytes. They contain no line break, so many lines are searched at once.
    Literal(Box<Finder<'static>>),
    /// This text in any case. It contains no line break either.
    Folded(Regex),
    /// A regular expression, matched within one line.
    Expression(Regex),
    /// A text with a line break, which no line contains.
    Never,
}

/// A level to look for.
pub struct LevelFilter {
    /// The level's name as lines show it.
    pub name: String,
    /// The name as it is written in JSON.
    pub quoted: Vec<u8>,
    pub names: LevelNames,
}

/// Finds the names of levels in lines that are not JSON.
pub struct LevelNames {
    /// Matches the name of any level as a separate word.
    any: Regex,
}

/// An expression that lines must match, and the levels that it was compiled for.
pub struct Condition {
    pub expression: Expression,
    pub names: LevelNames,
    pub levels: Levels,
}

/// The arguments of `search_log`.
pub struct Query {
    pub pattern: Pattern,
    pub is_inverted: bool,
    pub level: Option<LevelFilter>,
    pub condition: Option<Condition>,
    pub lines: LineRange,
    /// The search ends after this many matches.
    pub most: usize,
    /// The number of lines shown before and after a match.
    pub before: usize,
    pub after: usize,
}

impl LineRange {
    /// Each bound comes with the name of its argument, for errors.
    pub fn new(start: (&str, Option<i64>), end: (&str, Option<i64>)) -> Result<Self> {
        let checked = |(argument, line): (&str, Option<i64>), default| match line {
            Some(0) => Err(Error::value(argument, "a line from 1, or from -1 counted from the end", "0")),
            line => Ok(line.unwrap_or(default)),
        };
        Ok(Self { start: checked(start, 1)?, end: checked(end, -1)? })
    }

    /// The range in absolute lines, if it does not depend on the number of lines.
    pub fn fixed(self) -> Option<Span> {
        match (self.start, self.end) {
            (1.., 1..) => Some(self.within(u64::MAX)),
            (1.., -1) => Some(Span { first: self.start.unsigned_abs(), last: u64::MAX }),
            _ => None,
        }
    }

    /// The range within a text of `total` lines.
    pub fn within(self, total: u64) -> Span {
        let from_start = |line: i64| match line {
            1.. => line.unsigned_abs(),
            _ => (total + 1).saturating_sub(line.unsigned_abs()),
        };
        Span { first: from_start(self.start).max(1), last: from_start(self.end).min(total) }
    }
}

impl Pattern {
    /// Compiles a text, or a regular expression if `is_expression`. Every expression takes time linear in the text.
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
    /// A filter for the level called `name`, which tells it from the other names in `levels`.
    pub fn new(name: String, levels: &Levels) -> Result<Self> {
        let quoted = name.replace('\\', "\\\\").replace('"', "\\\"").into_bytes();
        Ok(Self { name, quoted, names: LevelNames::new(levels)? })
    }
}

impl LevelNames {
    fn new(levels: &Levels) -> Result<Self> {
        let mut names: Vec<_> = levels.names().map(regex::escape).collect();
        // The longest first: "LEVEL" and "LEVEL TWO" both match at the same position.
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let any =
            format!(r"(?-u:\x1b\[[0-9;]*m|\b{{start-half}})(?:Level [0-9]+|{})(?-u:\b{{end-half}})", names.join("|"));
        Ok(Self { any: compile("the levels' names", &any, true)? })
    }

    /// The first name of a level in a line, without the colours around it.
    pub fn first<'l>(&self, line: &'l [u8]) -> Option<&'l [u8]> {
        let found = self.any.find(line)?.as_bytes();
        Some(match found.strip_prefix(b"\x1b") {
            Some(colored) => colored.iter().position(|byte| *byte == b'm').map_or(colored, |at| &colored[at + 1..]),
            None => found,
        })
    }
}

impl Condition {
    pub fn parse(argument: &str, source: &str, levels: &Levels) -> Result<Self> {
        let expression = Expression::parse(argument, source, levels)?;
        Ok(Self { expression, names: LevelNames::new(levels)?, levels: levels.clone() })
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
