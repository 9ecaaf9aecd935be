//! How entries are to be shown.

use std::borrow::Cow;
use std::collections::HashSet;

use super::escaped::lossy;
use crate::format::time::pattern::{TimeCache, TimePattern, TimeZone};
use crate::level::Levels;
use crate::view::entry::Entry;
use crate::view::value::Value;

/// The form of what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Text,
    Raw,
    Json,
    Csv,
    /// Objects that all have the same members.
    Rows,
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

impl Options {
    /// The parts to show of an entry, with their names.
    pub(super) fn chosen<'e, 'l>(&'e self, entry: &'e Entry<'l>) -> Vec<(&'e [u8], Value<'l>)> {
        if let Some(chosen) = &self.fields {
            let found = chosen.iter().map(|key| (key.as_bytes(), entry.named(key.as_bytes())));
            return found.filter_map(|(key, value)| Some((key, value?))).collect();
        }
        let shown = entry.fields().filter(|part| !self.is_hidden(part.key));
        shown.map(|part| (part.key, part.value)).collect()
    }

    fn is_hidden(&self, key: &[u8]) -> bool {
        !self.hidden.is_empty() && std::str::from_utf8(key).is_ok_and(|key| self.hidden.contains(key))
    }

    /// The text, cut where it is longer than values may be.
    pub(super) fn folded<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        if self.longest == 0 || text.len() <= self.longest {
            return Cow::Borrowed(text);
        }
        let shown = lossy(&text[..self.longest]).into_owned();
        let left = text.len() - self.longest;
        Cow::Owned([&shown[..], format!("… ({left} more)").as_bytes()].concat())
    }
}

/// Writes times, and remembers the last one.
pub struct Clock {
    pattern: TimePattern,
    zone: TimeZone,
    cache: TimeCache,
}

impl Clock {
    pub fn new(style: Style, zone: TimeZone) -> Self {
        let pattern = if style == Style::Text { "YYYY-MM-DD HH:mm:ss.SSS" } else { "YYYY-MM-DDTHH:mm:ss.SSSSSSZ" };
        let pattern = TimePattern::parse("time", pattern).unwrap_or_else(|_| TimePattern::rfc3339_local());
        Self { pattern, zone, cache: TimeCache::new() }
    }

    pub fn put(&mut self, time: i64, out: &mut Vec<u8>) {
        self.cache.render(&self.pattern, time, &self.zone, out);
    }
}
