//! The search for a pattern in the lines of files.
//!
//! Texts are searched for in whole blocks, and the line's bounds are determined only around a hit. Regular expressions
//! are tried on each line separately, so that none can match across lines.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memchr::{memchr, memrchr, memrchr_iter};

use crate::config::search::{Pattern, Query, Span};
use crate::reading::leveled::is_of_level;
use crate::reading::line_values::LineValues;
use crate::reading::reader::{Scan, count_lines, decode, decode_onto, lines, out_of_memory, without_break};

/// A line found by a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    pub path: Arc<PathBuf>,
    /// The line's number in its file, from 1.
    pub line: u64,
    pub content: String,
    /// The text that the pattern matched; empty if the search was for lines without a match.
    pub matched: String,
    pub before: Vec<String>,
    pub after: Vec<String>,
}

/// A search in progress.
pub struct Search {
    query: Query,
    span: Span,
    pub matches: Vec<Match>,
    path: Arc<PathBuf>,
    /// The number of lines in the files before this one, and in this one before the block.
    earlier: u64,
    passed: u64,
    /// The last lines before the block, as many as a match may show.
    recent: VecDeque<String>,
    /// Matches that lack lines after them, by index, each with the number of missing lines.
    short: VecDeque<(usize, usize)>,
}

/// A line within a block, and the matched text in it.
struct Hit {
    line: Range<usize>,
    matched: Range<usize>,
}

impl Search {
    /// Begins a search. `span` is `query.lines` applied to all files together.
    pub fn new(query: Query, span: Span) -> Self {
        Self {
            query,
            span,
            matches: Vec::new(),
            path: Arc::default(),
            earlier: 0,
            passed: 0,
            recent: VecDeque::new(),
            short: VecDeque::new(),
        }
    }

    fn is_full(&self) -> bool {
        self.matches.len() >= self.query.most
    }

    /// Adds the matches of a block. Returns false if the rest of it need not be searched.
    fn collect(&mut self, block: &[u8]) -> io::Result<bool> {
        let (mut at, mut counted, mut line) = (0, 0, self.passed);
        while !self.is_full()
            && let Some(hit) = self.query.next(block, at)
        {
            line += count_lines(&block[counted..hit.line.start]);
            counted = hit.line.start;
            at = hit.line.end;
            let number = self.earlier + line + 1;
            if number > self.span.last {
                return Ok(false);
            }
            if number >= self.span.first && self.query.accepts(without_break(&block[hit.line.clone()])) {
                self.push(block, &hit, line + 1)?;
            }
        }
        Ok(!self.is_full())
    }

    fn push(&mut self, block: &[u8], hit: &Hit, line: u64) -> io::Result<()> {
        let mut after = Vec::new();
        decode_onto(&mut after, lines(&block[hit.line.end..]).take(self.query.after))?;
        let found = Match {
            path: Arc::clone(&self.path),
            line,
            content: decode(without_break(&block[hit.line.clone()]))?,
            matched: decode(&block[hit.matched.clone()])?,
            before: self.lines_before(&block[..hit.line.start])?,
            after,
        };
        let missing = self.query.after - found.after.len();
        if missing > 0 {
            self.short.try_reserve(1).map_err(out_of_memory)?;
            self.short.push_back((self.matches.len(), missing));
        }
        self.matches.try_reserve(1).map_err(out_of_memory)?;
        self.matches.push(found);
        Ok(())
    }

    /// Returns the lines to show before a match. `block` has the last of them.
    fn lines_before(&self, block: &[u8]) -> io::Result<Vec<String>> {
        let own = last_lines(block, self.query.before);
        let wanted = self.query.before - own.clone().count();
        let recent = self.recent.iter().skip(self.recent.len().saturating_sub(wanted)).map(String::as_bytes);
        let mut before = Vec::new();
        decode_onto(&mut before, recent.chain(own))?;
        Ok(before)
    }

    /// Adds the lines of this block that come after matches of earlier blocks.
    fn complete(&mut self, block: &[u8]) -> io::Result<()> {
        for (index, missing) in &mut self.short {
            let after = &mut self.matches[*index].after;
            let had = after.len();
            decode_onto(after, lines(block).take(*missing))?;
            *missing -= after.len() - had;
        }
        self.short.retain(|(_, missing)| *missing > 0);
        Ok(())
    }

    fn remember(&mut self, block: &[u8]) -> io::Result<()> {
        for line in last_lines(block, self.query.before) {
            self.recent.try_reserve(1).map_err(out_of_memory)?;
            self.recent.push_back(decode(line)?);
        }
        self.recent.drain(..self.recent.len().saturating_sub(self.query.before));
        Ok(())
    }
}

impl Scan for Search {
    fn begin(&mut self, path: &Path) {
        self.path = Arc::new(path.to_owned());
    }

    fn block(&mut self, block: &[u8]) -> io::Result<bool> {
        self.complete(block)?;
        let is_open = self.earlier + self.passed < self.span.last && self.collect(block)?;
        self.remember(block)?;
        self.passed += count_lines(block);
        Ok(is_open || !self.short.is_empty())
    }

    fn end(&mut self) {
        self.earlier += std::mem::take(&mut self.passed);
        self.recent.clear();
        self.short.clear();
    }
}

impl Query {
    /// Returns the next line that the pattern wants, from `at` on, which is the start of a line.
    fn next(&self, block: &[u8], at: usize) -> Option<Hit> {
        match &self.pattern {
            _ if self.is_inverted => each_line(block, at, |line| match self.matched(line) {
                Some(_) => None,
                None => Some(0..0),
            }),
            Pattern::Literal(finder) => in_block(block, at, |from| {
                finder.find(&block[from..]).map(|start| from + start..from + start + finder.needle().len())
            }),
            Pattern::Folded(regex) => in_block(block, at, |from| regex.find_at(block, from).map(|found| found.range())),
            Pattern::Expression(_) => each_line(block, at, |line| self.matched(line)),
            Pattern::Never => None,
        }
    }

    fn matched(&self, line: &[u8]) -> Option<Range<usize>> {
        match &self.pattern {
            Pattern::Literal(finder) => finder.find(line).map(|start| start..start + finder.needle().len()),
            Pattern::Folded(regex) | Pattern::Expression(regex) => regex.find(line).map(|found| found.range()),
            Pattern::Never => None,
        }
    }

    /// Whether a line that the pattern wants has the level and meets the condition.
    fn accepts(&self, line: &[u8]) -> bool {
        self.level.as_ref().is_none_or(|level| is_of_level(line, level))
            && self.condition.as_ref().is_none_or(|condition| LineValues::new(line, condition).meet())
    }
}

/// Returns the first line from `at` on in which `find` finds something.
fn each_line(block: &[u8], at: usize, find: impl Fn(&[u8]) -> Option<Range<usize>>) -> Option<Hit> {
    let mut start = at;
    while start < block.len() {
        let end = line_end(block, start);
        if let Some(found) = find(without_break(&block[start..end])) {
            return Some(Hit { line: start..end, matched: start + found.start..start + found.end });
        }
        start = end;
    }
    None
}

/// Returns the line around the first thing that `find` finds from `at` on. That thing has no line break in it.
fn in_block(block: &[u8], at: usize, find: impl Fn(usize) -> Option<Range<usize>>) -> Option<Hit> {
    let mut from = at;
    while from < block.len() {
        let matched = find(from)?;
        // An empty text is also found after the last line, where no line is.
        if matched.start >= block.len() {
            return None;
        }
        let start = memrchr(b'\n', &block[..matched.start]).map_or(0, |at| at + 1);
        let end = line_end(block, matched.start);
        // A carriage return may belong to the line break.
        if matched.end - start <= without_break(&block[start..end]).len() {
            return Some(Hit { line: start..end, matched });
        }
        from = end;
    }
    None
}

fn line_end(block: &[u8], from: usize) -> usize {
    memchr(b'\n', &block[from..]).map_or(block.len(), |at| from + at + 1)
}

/// Returns the last lines of a block of whole lines, at most `most`.
fn last_lines(block: &[u8], most: usize) -> impl Iterator<Item = &[u8]> + Clone {
    let start = match most.checked_sub(1) {
        Some(others) if !block.is_empty() => {
            memrchr_iter(b'\n', &block[..block.len() - 1]).nth(others).map_or(0, |at| at + 1)
        }
        _ => block.len(),
    };
    lines(&block[start..])
}
