//! The engine of a log whose queue outlives the process, and the records of dead processes.

use crate::archive::worker;
use crate::crash::found::{Dead, Step};
use crate::crash::journal::Journal;
use crate::format::context::FormatContext;
use crate::record::decoded::Record;
use crate::record::encoded::{HEADER, Kind, header_of, kind_of, version_for};
use crate::site;
use crate::volume::of_sink::{RATE, rate_field};
use crate::writer::engine::{Engine, OpenFile, format_context, put_line};
use crate::writer::recovery::written;
use crate::writer::snapshot::Target;

/// The outcome of a recovery so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Records that are in the log by now, or soon.
    pub written: u64,
    /// Places in the file that held no whole record, and records that cannot be read.
    pub skipped: u64,
    /// Records too large for the queue, which waited outside the file.
    pub lost: u64,
    /// Records that the dead process's sink had the level for, and that this sink does not take.
    pub left_out: u64,
}

impl Engine {
    /// Has the journal of the queue told of written records.
    pub(in crate::writer) fn keep(&mut self, journal: Option<Journal>) {
        self.journal = journal;
        self.hand_out_journal();
    }

    /// Gives the journal to a file that was opened since.
    pub(super) fn hand_out_journal(&mut self) {
        if let Some(journal) = &self.journal {
            for file in self.files.iter_mut().filter(|file| !file.is_kept) {
                file.writer.swap_journal(Some(journal.clone()));
                file.is_kept = true;
            }
        }
    }

    /// Closes all files, because the sinks are gone, and gives up the journal.
    pub(in crate::writer) fn close(&mut self) {
        self.outputs.clear();
        self.places.clear();
        self.files.drain(..).for_each(|mut file| file.close());
        self.journal = None;
    }

    /// Notes the position after the record that is handled next.
    pub(in crate::writer) fn expect_position(&mut self, position: u64) {
        if let Some(file) = self.files.iter_mut().next() {
            file.writer.expect_position(position);
        }
    }

    /// Notes that all records before this position of the queue were handled.
    pub(in crate::writer) fn mark_position(&mut self, position: u64) {
        match (self.files.iter_mut().next(), &self.journal) {
            (Some(file), _) => file.writer.mark_position(position),
            // The sink is hidden or gone, and the record is not for it.
            (None, Some(journal)) => journal.done(position),
            (None, None) => {}
        }
    }

    /// Whether the file takes no lines at the moment.
    pub(in crate::writer) fn is_laden(&self) -> bool {
        self.files.iter().any(|file| file.writer.is_laden())
    }

    /// Whether the log is there, and no line waits for it.
    pub(in crate::writer) fn is_at_rest(&mut self) -> bool {
        self.files.len() == 1 && self.flush(true)
    }

    /// Whether lines of a dead process's records wait to be written. They may have been abandoned.
    pub(in crate::writer) fn is_recovering(&self) -> bool {
        self.files.iter().any(|file| file.is_recovering)
    }

    /// Makes the lines of a dead process's records and writes as many as the file takes. They are counted with no sink.
    pub(in crate::writer) fn recover(&mut self, dead: &Dead) -> Recovered {
        let mut recovered = Recovered::default();
        let Some(file) = self.files.iter_mut().next() else { return recovered };
        file.pass_on();
        file.is_recovering = true;
        file.writer.swap_journal(Some(dead.journal()));
        let mut position = dead.head;
        if let Some(intent) = &dead.intent {
            let (lines, after) = written::resume(&mut file.writer, intent, &file.sink);
            recovered.written += lines;
            position = after.unwrap_or(position);
            file.writer.mark_position(position);
        }
        while let Some(step) = dead.step(position) {
            position = match step {
                Step::Broken(after) => {
                    recovered.skipped += 1;
                    after
                }
                Step::Record(record, after) => {
                    self.expect_position(after);
                    self.recover_entry(dead, record, &mut recovered);
                    after
                }
            };
            self.mark_position(position);
        }
        self.flush(true);
        recovered
    }

    /// Ends a recovery whose lines are all written.
    pub(in crate::writer) fn end_recovery(&mut self, recovered: Recovered) {
        let journal = self.journal.clone();
        if let Some(file) = self.files.iter_mut().next() {
            file.writer.swap_journal(journal);
            file.writer.take_counts();
            file.is_recovering = false;
            if let Target::File(target) = &file.sink.target {
                // Archives may wait for the end of the recovery.
                worker::maintain(&target.series);
            }
            file.sink.counts().add_recovered([
                recovered.written,
                recovered.skipped + recovered.lost,
                recovered.left_out,
            ]);
        }
    }

    fn recover_entry(&mut self, dead: &Dead, entry: &[u8], recovered: &mut Recovered) {
        match kind_of(entry) {
            Kind::Record => match dead.notes.translated(entry, &self.snapshot.settings.levels) {
                Some(entry) if is_foreign(dead, &entry) => {}
                Some(entry) if self.recover_record(dead, &entry) => recovered.written += 1,
                Some(_) => recovered.left_out += 1,
                None => recovered.skipped += 1,
            },
            Kind::Line | Kind::FirstLine | Kind::Notice => {
                if let Some(file) = self.files.iter_mut().next() {
                    let mark = file.writer.buffer().len();
                    file.writer.buffer().extend_from_slice(&entry[HEADER..]);
                    file.writer.end_line(mark, header_of(entry).time_ns);
                    recovered.written += 1;
                }
            }
            // Its call returned if the log could not be written, and may not have returned otherwise.
            Kind::Oversize => recovered.lost += 1,
            Kind::Wrap => {}
        }
    }

    /// Makes a record's line; false if the sink does not want it.
    fn recover_record(&mut self, dead: &Dead, entry: &[u8]) -> bool {
        let Some(output) = self.outputs.first() else { return false };
        let settings = &self.snapshot.settings;
        let entry = version_for(entry, output.active.sink.id);
        let header = header_of(entry);
        let masked = output.active.redacted(settings, entry);
        let mut record = Record::decode(masked.as_deref().unwrap_or(entry), site::find(header.site), &settings.extra);
        if !output.active.takes(settings, header.level) || !output.active.accepts(&self.snapshot, &record) {
            return false;
        }
        if let Some(volume) = &output.active.sink.volume {
            let Ok(rate) = volume.ask(&record) else { return false };
            let rate = rate.filter(|_| record.field(RATE).is_none());
            record.fields.extend(rate.map(rate_field));
        }
        let context = FormatContext {
            start_ns: dead.header.start_ns,
            ..format_context(&self.snapshot, &self.zone, dead.header.process.number, header.level)
        };
        let OpenFile { writer, .. } = &mut self.files[output.place];
        let lines = &mut self.formatters[output.formatter];
        lines.is_made = false;
        put_line(writer, lines, &record, &context);
        true
    }
}

/// Whether a record was for other sinks of the dead process.
fn is_foreign(dead: &Dead, entry: &[u8]) -> bool {
    dead.conditions.is_some_and(|conditions| header_of(entry).level.no < conditions.level)
}
