//! The engine: takes entries of a pipeline in order, filters, formats and hands lines to files.
//!
//! One thread at a time runs it: the writer, or a caller for files that are written synchronously. It never touches Python.
//! Formatting is done once per distinct layout, into a reused buffer, however many sinks share it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ahash::AHashMap;
use jiff::tz::TimeZone;

use crate::backend::archiver;
use crate::backend::snapshot::{ActiveSink, Sink, Snapshot, Target};
use crate::format::{Formatter, Layout, Surroundings};
use crate::record::{HEADER, Kind, Record, header_of, kind_of};
use crate::report;
use crate::sink::clock::local_zone;
use crate::sink::file::FileWriter;
use crate::site;
use crate::stats::Loss;

pub struct Engine {
    /// Whether it serves the sinks written in the background, or those written on the caller's thread.
    is_background: bool,
    snapshot: Arc<Snapshot>,
    /// This engine's sinks of the snapshot.
    outputs: Vec<Output>,
    formatters: Vec<Lines>,
    files: AHashMap<u32, FileWriter>,
    zone: TimeZone,
    process: u32,
}

/// One sink and its place in the tables.
struct Output {
    active: ActiveSink,
    formatter: usize,
}

/// A formatter and the line it made for the current record.
struct Lines {
    formatter: Formatter,
    line: Vec<u8>,
    is_made: bool,
    /// Sinks that use it; a line for one alone is made right in its file's buffer.
    users: usize,
}

impl Engine {
    pub fn new(is_background: bool, snapshot: Arc<Snapshot>) -> Self {
        let mut engine = Self {
            is_background,
            snapshot: Arc::clone(&snapshot),
            outputs: Vec::new(),
            formatters: Vec::new(),
            files: AHashMap::new(),
            zone: local_zone(),
            process: std::process::id(),
        };
        engine.apply(snapshot);
        engine
    }

    /// Adopts a new snapshot: opens nothing, closes the files of sinks that are gone.
    pub fn apply(&mut self, snapshot: Arc<Snapshot>) {
        self.zone = local_zone();
        self.flush(true);
        self.outputs.clear();
        self.formatters.clear();
        for active in &snapshot.sinks {
            let is_mine = active.sink.options.is_async == self.is_background;
            let Target::File(target) = &active.sink.target else { continue };
            if !is_mine {
                continue;
            }
            let formatter = self.formatter(&active.layout);
            self.outputs.push(Output { active: active.clone(), formatter });
            let opened = active.sink.opened.take();
            let (is_sparing, series) = (!self.is_background, Arc::clone(&target.series));
            self.files.entry(active.sink.id).or_insert_with(|| {
                opened.unwrap_or_else(|| FileWriter::reopened(target.options.clone(), series, is_sparing))
            });
        }
        self.close_unused();
        self.snapshot = snapshot;
    }

    fn formatter(&mut self, layout: &Layout) -> usize {
        if let Some(at) = self.formatters.iter().position(|lines| lines.formatter.layout() == layout) {
            self.formatters[at].users += 1;
            return at;
        }
        let formatter = Formatter::new(layout.clone());
        self.formatters.push(Lines { formatter, line: Vec::new(), is_made: false, users: 1 });
        self.formatters.len() - 1
    }

    /// Closes the files of sinks that are gone; a capture hides sinks, whose files are then opened again after it.
    fn close_unused(&mut self) {
        let outputs = &self.outputs;
        self.files.retain(|id, file| {
            let is_used = outputs.iter().any(|output| output.active.sink.id == *id);
            if !is_used && file.is_pending() {
                let path = file.path().display().to_string();
                report::tell(&format!("{path}: closed with {} lines that could not be written", file.abandon()));
            }
            is_used
        });
    }

    /// Handles one entry.
    pub fn entry(&mut self, entry: &[u8]) {
        match kind_of(entry) {
            Kind::Record => self.record(entry),
            Kind::Line | Kind::FirstLine => self.line(entry),
            Kind::Oversize | Kind::Wrap => {}
        }
    }

    fn record(&mut self, entry: &[u8]) {
        let header = header_of(entry);
        let site = site::find(header.site);
        let settings = &self.snapshot.settings;
        let record = Record::decode(entry, site, &settings.extra);
        let switches = settings.switches(header.level.id);
        let around = Surroundings {
            levels: &settings.levels,
            zone: &self.zone,
            process: self.process,
            start_ns: self.snapshot.start_ns,
            is_timed: switches.time,
            is_colored: switches.color,
        };
        for lines in &mut self.formatters {
            lines.is_made = false;
        }
        for output in &self.outputs {
            let sink = &output.active.sink;
            if !sink.is_native() {
                continue;
            }
            if !output.active.takes(settings, header.level)
                || !sink.options.filter.accepts(header.level.no, &record.location)
            {
                sink.counts().add_filtered(1);
                continue;
            }
            if let Some(file) = self.files.get_mut(&sink.id) {
                put_line(file, &mut self.formatters[output.formatter], &record, &around);
            }
        }
    }

    /// A line the caller made for one sink: its id stands where a record has its site.
    fn line(&mut self, entry: &[u8]) {
        let header = header_of(entry);
        if let Some(file) = self.files.get_mut(&header.site) {
            if kind_of(entry) == Kind::FirstLine {
                file.begin_file(header.time_ns);
            }
            let mark = file.buffer().len();
            file.buffer().extend_from_slice(&entry[HEADER..]);
            file.end_line(mark, header.time_ns);
        }
    }

    /// Writes what is gathered; true when every file took everything.
    pub fn flush(&mut self, is_urgent: bool) -> bool {
        let mut is_done = true;
        for output in &self.outputs {
            let Some(file) = self.files.get_mut(&output.active.sink.id) else { continue };
            is_done &= file.flush(is_urgent);
            settle(&output.active.sink, file);
        }
        is_done
    }

    /// What is due without a record: reopening, lines that wait, files whose time is over. Called about every second.
    pub fn tick(&mut self) {
        for output in &self.outputs {
            let Some(file) = self.files.get_mut(&output.active.sink.id) else { continue };
            file.tick();
            settle(&output.active.sink, file);
        }
    }

    /// Makes sure of what was written where files are looked at seldom; for whoever waits.
    pub fn verify(&mut self) {
        self.files.values_mut().for_each(FileWriter::verify);
    }

    /// Gives up what could not be written; returns how many lines that were.
    pub fn abandon(&mut self) -> u64 {
        self.files.values_mut().map(FileWriter::abandon).sum()
    }
}

/// Passes on what a file did: counts, and archives that are to be looked after.
fn settle(sink: &Sink, file: &mut FileWriter) {
    if sink.wants_reopen.swap(false, Ordering::Acquire) {
        file.reopen();
    }
    let counts = file.take_counts();
    sink.counts().add_written(counts.written);
    sink.counts().add_dropped(Loss::SinkError, counts.dropped);
    if let Target::File(target) = &sink.target {
        file.take_rotated().into_iter().for_each(|archive| archiver::tend_rotated(&target.series, archive));
    }
}

fn put_line(file: &mut FileWriter, lines: &mut Lines, record: &Record<'_>, around: &Surroundings<'_>) {
    let mark = file.buffer().len();
    if lines.users == 1 {
        lines.formatter.put_line(file.buffer(), record, around);
    } else {
        if !lines.is_made {
            lines.line.clear();
            lines.formatter.put_line(&mut lines.line, record, around);
            lines.is_made = true;
        }
        file.buffer().extend_from_slice(&lines.line);
    }
    file.end_line(mark, record.header.time_ns);
}
