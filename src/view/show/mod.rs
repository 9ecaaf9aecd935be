//! How entries are written: as text, as they are, as JSON, or as CSV.

mod csv;
mod exception;
mod json;
mod text;

use std::collections::HashSet;

use super::entry::Entry;
use super::times::Times;
use crate::format::escape::{Multiline, put_text};
use crate::format::time::pattern::{TimeCache, TimePattern, TimeZone};
use crate::level::Levels;

/// The form of what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Text,
    Raw,
    Json,
    Csv,
}

/// How entries are to be shown.
pub struct Options {
    pub style: Style,
    /// The styles of levels; None for no colours.
    pub colors: Option<Levels>,
    /// Whether it is a terminal that shows them.
    pub is_terminal: bool,
    pub zone: TimeZone,
    /// The fields to show, in this order; None for all.
    pub fields: Option<Vec<String>>,
    pub hidden: HashSet<String>,
    /// Characters of a value that are shown; 0 for all.
    pub longest: usize,
}

/// Writes entries.
pub struct Show {
    options: Options,
    pattern: TimePattern,
    cache: TimeCache,
}

impl Show {
    pub fn new(options: Options) -> Self {
        let pattern =
            if options.style == Style::Text { "YYYY-MM-DD HH:mm:ss.SSS" } else { "YYYY-MM-DDTHH:mm:ss.SSSSSSZ" };
        let pattern = TimePattern::parse("time", pattern).unwrap_or_else(|_| TimePattern::rfc3339_local());
        Self { options, pattern, cache: TimeCache::new() }
    }

    /// What comes before the first entry.
    pub fn put_head(&self, out: &mut Vec<u8>) {
        if self.options.style == Style::Csv {
            csv::put_head(&self.options, out);
        }
    }

    /// Appends an entry, which is one of those around a wanted one if it is not wanted itself.
    pub fn put(&mut self, lines: &[u8], is_wanted: bool, times: &mut Times, out: &mut Vec<u8>) {
        match self.options.style {
            Style::Raw => self.put_raw(lines, out),
            Style::Text => self.put_as_text(&Entry::read(lines, times), is_wanted, out),
            Style::Json => self.put_as_json(&Entry::read(lines, times), out),
            Style::Csv => self.put_as_csv(&Entry::read(lines, times), out),
        }
    }

    /// Nothing that a file holds reaches a terminal as a command to it.
    fn put_raw(&self, lines: &[u8], out: &mut Vec<u8>) {
        if self.options.is_terminal {
            put_text(out, &String::from_utf8_lossy(lines).into_owned().into_bytes(), Multiline::Lines);
        } else {
            out.extend_from_slice(lines);
        }
        out.push(b'\n');
    }

    fn put_time(&mut self, time: i64, out: &mut Vec<u8>) {
        let Self { options, pattern, cache } = self;
        cache.render(pattern, time, &options.zone, out);
    }
}

impl Options {
    /// The parts to show of an entry, with their names.
    fn chosen<'e, 'l>(&'e self, entry: &'e Entry<'l>) -> Vec<(&'e [u8], super::entry::Value<'l>)> {
        match &self.fields {
            Some(names) => {
                let named = names.iter().map(|name| (name.as_bytes(), entry.named(name.as_bytes())));
                named.filter_map(|(name, value)| Some((name, value?))).collect()
            }
            None => {
                let shown = entry.fields().filter(|part| !self.is_hidden(part.key));
                shown.map(|part| (part.key, part.value)).collect()
            }
        }
    }

    fn is_hidden(&self, key: &[u8]) -> bool {
        !self.hidden.is_empty() && std::str::from_utf8(key).is_ok_and(|key| self.hidden.contains(key))
    }
}
