//! How entries are written: as text, as they are, as JSON, or as CSV.
//!
//! `options` says how, and `escaped` makes texts of files harmless. `text` (with `exception`), `json` and `csv` are the
//! forms for people and programs, `rows` that for databases.

mod csv;
pub(super) mod escaped;
mod exception;
mod json;
pub mod options;
mod rows;
mod text;

use self::escaped::lossy;
use self::options::{Clock, Options, Style};
use super::lines;
use super::times::Times;
use crate::format::escape::{Multiline, put_text};

/// Writes entries.
pub struct Show {
    options: Options,
    clock: Clock,
}

impl Show {
    pub fn new(options: Options) -> Self {
        let clock = Clock::new(options.style, options.zone.clone());
        Self { options, clock }
    }

    /// What comes before the first entry.
    pub fn put_head(&self, out: &mut Vec<u8>) {
        if self.options.style == Style::Csv {
            csv::put_head(&self.options, out);
        }
    }

    /// Appends an entry, which is one of those around a wanted one if it is not wanted itself.
    pub fn put(&mut self, lines: &[u8], is_wanted: bool, times: &mut Times, out: &mut Vec<u8>) {
        let Self { options, clock } = self;
        if options.style == Style::Raw {
            return self.put_raw(lines, out);
        }
        let entry = lines::read(lines, times);
        match options.style {
            Style::Json => json::put(options, clock, &entry, out),
            Style::Csv => csv::put(options, clock, &entry, out),
            Style::Rows => rows::put(options, clock, &entry, out),
            Style::Text | Style::Raw => text::put(options, clock, &entry, is_wanted, out),
        }
    }

    /// Nothing that a file holds reaches a terminal as a command to it.
    fn put_raw(&self, lines: &[u8], out: &mut Vec<u8>) {
        if self.options.is_terminal {
            put_text(out, &lossy(lines), Multiline::Lines);
        } else {
            out.extend_from_slice(lines);
        }
        out.push(b'\n');
    }
}
