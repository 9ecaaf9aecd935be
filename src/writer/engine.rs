//! The engine: takes entries of a pipeline in order, filters and formats them, and hands lines to files.
//!
//! One thread at a time runs it: the writer, or a caller for files that are written synchronously. It never touches
//! Python. Formatting is done once per distinct layout, into a reused buffer, however many sinks share it.

pub mod recovering;
mod selecting;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ahash::AHashMap;
use jiff::tz::TimeZone;

use crate::archive::worker;
use crate::clock::{ZoneTerm, local_zone_for_a_term};
use crate::crash::journal::Journal;
use crate::file::file_writer::{Counts, FileWriter};
use crate::format::context::FormatContext;
use crate::format::formatter::{Formatter, Layout};
use crate::level::{LevelRef, WARNING};
use crate::process::per_process::ProcessMark;
use crate::queue::timeline::Gap;
use crate::record::decoded::Record;
use crate::record::encoded::{HEADER, Kind, header_of, kind_of, version_for};
use crate::record::notice;
use crate::redaction::encoded::View;
use crate::redaction::redactor::Redactor;
use crate::site::Site;
use crate::stats::Loss;
use crate::stats::levels::LevelBatch;
use crate::writer::key::PipelineKey;
use crate::writer::snapshot::{ActiveSink, Sink, Snapshot, Target};
use crate::{report, site};

pub struct Engine {
    /// Tells which sinks it serves.
    key: PipelineKey,
    snapshot: Arc<Snapshot>,
    /// This engine's sinks of the snapshot.
    outputs: Vec<Output>,
    formatters: Vec<Lines>,
    /// The redactors of the sinks, each once. Each makes a view of the record.
    views: Vec<View>,
    /// Whether no sink masks secrets, or leaves records out.
    is_plain: bool,
    /// Whether some sink leaves records out.
    has_volume: bool,
    /// The file of each output, at the same place.
    files: Vec<OpenFile>,
    /// The places of outputs and files by the ids of their sinks.
    places: AHashMap<u32, usize>,
    /// The places of the direct sinks, if there are several: their lines may have to take turns.
    direct: Vec<usize>,
    zone: TimeZone,
    zone_term: ZoneTerm,
    /// The number of the process, which lines show.
    process: u32,
    owner: ProcessMark,
    /// The journal of the queue, if that outlives the process.
    journal: Option<Journal>,
}

/// One sink and its place in the tables.
struct Output {
    active: ActiveSink,
    formatter: usize,
    view: usize,
    /// The place of its file.
    place: usize,
}

/// A file and its sink, which may be hidden or gone.
struct OpenFile {
    sink: Arc<Sink>,
    writer: FileWriter,
    /// Its records by level, to be passed on with the next flush.
    levels: LevelBatch,
    /// Whether it has the queue's journal.
    is_kept: bool,
    /// Whether its lines are of another process's records, which this process does not count.
    is_recovering: bool,
}

/// A formatter and the line it made for the current record.
struct Lines {
    formatter: Formatter,
    /// The view of the record that it formats.
    view: usize,
    line: Vec<u8>,
    is_made: bool,
    /// The number of sinks that use it. A line for one sink alone is made directly in its file's buffer.
    users: usize,
    /// Whether no other sink may use it.
    is_alone: bool,
}

impl Engine {
    pub fn new(key: PipelineKey, snapshot: Arc<Snapshot>) -> Self {
        let (zone, zone_term) = local_zone_for_a_term();
        let mut engine = Self {
            key,
            snapshot: Arc::clone(&snapshot),
            outputs: Vec::new(),
            formatters: Vec::new(),
            views: Vec::new(),
            is_plain: true,
            has_volume: false,
            files: Vec::new(),
            places: AHashMap::new(),
            direct: Vec::new(),
            zone,
            zone_term,
            process: std::process::id(),
            owner: ProcessMark::current(),
            journal: None,
        };
        engine.apply(snapshot);
        engine
    }

    /// Adopts a new snapshot: opens no files, and closes the files of sinks that are gone.
    pub fn apply(&mut self, snapshot: Arc<Snapshot>) {
        self.tell_leaving(&snapshot);
        self.flush(true);
        self.outputs.clear();
        self.formatters.clear();
        self.views.clear();
        self.places.clear();
        let mut open: AHashMap<u32, OpenFile> = self.files.drain(..).map(|file| (file.sink.id, file)).collect();
        for active in &snapshot.sinks {
            let Target::File(target) = &active.sink.target else { continue };
            if !self.key.serves(&active.sink) {
                continue;
            }
            let view = self.view(active.redactor(&snapshot.settings));
            let formatter = self.formatter(&active.layout, view, active.sink.options.sample.is_some());
            let place = self.files.len();
            self.outputs.push(Output { active: active.clone(), formatter, view, place });
            self.places.insert(active.sink.id, place);
            let opened = active.sink.opened.take();
            let (is_sparing, series) = (!self.key.is_background(), Arc::clone(&target.series));
            self.files.push(open.remove(&active.sink.id).unwrap_or_else(|| OpenFile {
                sink: Arc::clone(&active.sink),
                writer: opened.unwrap_or_else(|| FileWriter::reopened(target.options.clone(), series, is_sparing)),
                levels: LevelBatch::default(),
                is_kept: false,
                is_recovering: false,
            }));
        }
        self.hand_out_journal();
        // The rest belongs to sinks that are gone. A capture hides sinks; their files are opened again after it.
        open.values_mut().for_each(OpenFile::close);
        self.has_volume = self.outputs.iter().any(|output| output.active.sink.volume.is_some());
        self.is_plain = !self.has_volume && self.views.iter().all(|view| view.redactor.is_none());
        let is_direct = |place: &usize| self.files[*place].sink.standard().is_some();
        self.direct = (0..self.files.len()).filter(is_direct).collect();
        if self.direct.len() < 2 {
            self.direct.clear();
        }
        self.snapshot = snapshot;
    }

    fn view(&mut self, redactor: Option<&Arc<Redactor>>) -> usize {
        let is_same = |known: &View| match (&known.redactor, redactor) {
            (Some(known), Some(redactor)) => Arc::ptr_eq(known, redactor),
            (known, redactor) => known.is_none() && redactor.is_none(),
        };
        if let Some(at) = self.views.iter().position(is_same) {
            return at;
        }
        self.views.push(View::new(redactor));
        self.views.len() - 1
    }

    /// The formatter of a sink's lines. Lines that show the sample rate of their sink are no other sink's lines.
    fn formatter(&mut self, layout: &Layout, view: usize, is_alone: bool) -> usize {
        let is_same =
            |lines: &Lines| !(is_alone || lines.is_alone) && lines.view == view && lines.formatter.layout() == layout;
        if let Some(at) = self.formatters.iter().position(is_same) {
            self.formatters[at].users += 1;
            return at;
        }
        let formatter = Formatter::new(layout.clone());
        self.formatters.push(Lines { formatter, view, line: Vec::new(), is_made: false, users: 1, is_alone });
        self.formatters.len() - 1
    }

    /// Adopts the current local time zone. Called before each batch, as the program may set another zone at any time.
    pub(super) fn follow_zone(&mut self) {
        if !self.zone_term.is_over() {
            return;
        }
        let (zone, term) = local_zone_for_a_term();
        self.zone_term = term;
        if zone != self.zone {
            self.zone = zone;
            self.files.iter_mut().for_each(|file| file.writer.rezone());
        }
    }

    /// Handles one entry.
    pub fn entry(&mut self, entry: &[u8]) {
        match kind_of(entry) {
            Kind::Record => self.record(entry),
            Kind::Line | Kind::FirstLine | Kind::Notice => self.line(entry),
            Kind::Oversize | Kind::Wrap => {}
        }
    }

    fn record(&mut self, entry: &[u8]) {
        let header = header_of(entry);
        let site = site::find(header.site);
        let settings = &self.snapshot.settings;
        let mut record = Record::undecoded(entry, site);
        record.read(entry, site, (&settings.extra).into());
        if record.later.is_some() {
            drop(record);
            return self.changing(entry);
        }
        let context = format_context(&self.snapshot, &self.zone, self.process, header.level);
        for lines in &mut self.formatters {
            lines.is_made = false;
        }
        let lines = (&mut *self.files, &mut *self.formatters, &*self.direct);
        if self.is_plain {
            return put_lines::<false>(self.outputs.iter(), lines, &self.snapshot, &mut record, &context);
        }
        put_views(&mut self.views, &self.outputs, lines, &self.snapshot, (entry, &mut record, site), &context);
    }

    /// Handles a record that a filter changed: each sink gets the version that was made before its turn.
    #[cold]
    fn changing(&mut self, entry: &[u8]) {
        let settings = &self.snapshot.settings;
        for output in self.outputs.iter().filter(|output| output.active.sink.is_native()) {
            let sink = &output.active.sink;
            let entry = version_for(entry, sink.id);
            let header = header_of(entry);
            let site = site::find(header.site);
            let masked = output.active.redacted(settings, entry);
            let mut record = Record::decode(masked.as_deref().unwrap_or(entry), site, &settings.extra);
            if !output.active.takes(settings, header.level) || !output.active.accepts(&self.snapshot, &record) {
                sink.counts().add_filtered(1);
                continue;
            }
            if let Some(volume) = &sink.volume {
                let context = format_context(&self.snapshot, &self.zone, self.process, header.level);
                self.formatters.iter_mut().for_each(|lines| lines.is_made = false);
                let lines = (&mut *self.files, &mut *self.formatters, &*self.direct);
                output.put_some(volume, lines, &self.snapshot, &mut record, &context);
                continue;
            }
            give_turn(&mut self.files, &self.direct, output.place);
            let context = format_context(&self.snapshot, &self.zone, self.process, header.level);
            let (file, lines) = (&mut self.files[output.place], &mut self.formatters[output.formatter]);
            lines.is_made = false;
            put_line(&mut file.writer, lines, &record, &context);
            file.count(header.level);
        }
    }

    /// Handles a line the caller made for one sink. The sink's id is in the place of the record's site.
    fn line(&mut self, entry: &[u8]) {
        let header = header_of(entry);
        let Some(&place) = self.places.get(&header.site) else { return };
        give_turn(&mut self.files, &self.direct, place);
        let file = &mut self.files[place];
        let writer = &mut file.writer;
        let kind = kind_of(entry);
        match kind {
            Kind::FirstLine => writer.begin_file(header.time_ns),
            Kind::Notice => writer.begin_notice(),
            _ => {}
        }
        let mark = writer.buffer().len();
        writer.buffer().extend_from_slice(&entry[HEADER..]);
        writer.end_line(mark, header.time_ns);
        if kind != Kind::Notice {
            file.levels.add(header.level.id);
        }
        file.pass_on_outcomes();
    }

    /// Tells each sink that lost records how many, whatever its level and filters. The line of this notice is not
    /// counted.
    pub(super) fn tell_gap(&mut self, gap: &Gap) {
        let context = format_context(&self.snapshot, &self.zone, self.process, WARNING);
        for (id, count) in &gap.lost {
            let Some(&place) = self.places.get(id) else { continue };
            let lines = (&mut *self.files, &mut *self.formatters, &*self.direct);
            self.outputs[place].tell(notice::encode(*count, gap.time_ns), lines, &self.snapshot, &context);
        }
    }

    /// Writes the buffered lines. Returns true if every file took all of them.
    pub fn flush(&mut self, is_urgent: bool) -> bool {
        let mut is_done = true;
        for file in &mut self.files {
            is_done &= file.writer.flush(is_urgent);
            file.pass_on();
        }
        is_done
    }

    /// Handles work that is due without a record: reopening, waiting lines, files whose time is over. Called about
    /// every second.
    pub fn tick(&mut self) {
        self.follow_zone();
        self.tell_due();
        for file in &mut self.files {
            file.writer.tick();
            file.pass_on();
        }
    }

    /// Verifies the written lines of files whose path is seldom checked; called for a thread that waits.
    pub fn verify(&mut self) {
        self.files.iter_mut().for_each(|file| file.writer.verify());
    }

    /// Gives up the records that could not be written before the process ended; returns how many there were.
    pub fn abandon(&mut self) -> u64 {
        self.files.iter_mut().map(|file| file.abandon(Loss::ExitTimeout)).sum()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // In a forked child, the files are left to the parent to close.
        if self.owner.is_current() {
            self.tell_rest();
            self.files.iter_mut().for_each(OpenFile::close);
        }
    }
}

impl OpenFile {
    /// Passes on the file's counts, and the archives that need maintenance.
    fn pass_on(&mut self) {
        if self.sink.wants_reopen.swap(false, Ordering::Acquire) {
            self.writer.reopen();
        }
        self.pass_on_outcomes();
        self.sink.counts().levels().take(&mut self.levels);
        if let Target::File(target) = &self.sink.target {
            self.writer
                .take_rotated()
                .into_iter()
                .for_each(|archive| worker::maintain_rotated(&target.series, archive));
        }
    }

    /// Counts a record whose line was made.
    #[inline]
    fn count(&mut self, level: LevelRef) {
        self.levels.add(level.id);
        self.pass_on_outcomes();
    }

    /// Passes on the outcomes of lines. Most are only buffered, so there is usually nothing to pass on.
    #[inline]
    fn pass_on_outcomes(&mut self) {
        let counts = self.writer.take_counts();
        if counts != Counts::default() && !self.is_recovering {
            self.sink.counts().add_written(counts.written);
            self.sink.counts().add_dropped(Loss::SinkError, counts.dropped);
            self.sink.counts().add_write_ns(counts.write_ns);
        }
    }

    fn abandon(&mut self, loss: Loss) -> u64 {
        let records = self.writer.abandon();
        if std::mem::take(&mut self.is_recovering) {
            // They stay in the crash file of the process that logged them.
            return 0;
        }
        self.sink.counts().add_dropped(loss, records);
        records
    }

    /// Closes the file here, after passing on its counts for the last time.
    fn close(&mut self) {
        self.pass_on();
        let records = self.abandon(Loss::Closed);
        if records > 0 {
            let path = self.writer.path().display();
            let kept = if self.is_kept { "; the crash file has them" } else { "" };
            report::tell(&format!("{path}: closed with {records} lines that could not be written{kept}"));
        }
    }
}

fn format_context<'a>(snapshot: &'a Snapshot, zone: &'a TimeZone, process: u32, level: LevelRef) -> FormatContext<'a> {
    let switches = snapshot.settings.switches(level.id);
    FormatContext {
        levels: &snapshot.settings.levels,
        zone,
        process,
        start_ns: snapshot.start_ns,
        is_timed: switches.time,
        is_colored: switches.color != Some(false),
    }
}

/// Writes the lines of other direct sinks that lead to the same place, so that records keep their order there.
fn give_turn(files: &mut [OpenFile], direct: &[usize], place: usize) {
    if !direct.contains(&place) {
        return;
    }
    let own = Arc::clone(&files[place].sink);
    for other in direct.iter().filter(|other| **other != place) {
        let file = &mut files[*other];
        let is_beside = || own.standard().zip(file.sink.standard()).is_some_and(|(own, other)| own.is_beside(other));
        if file.writer.is_pending() && is_beside() {
            file.writer.flush(false);
            file.pass_on_outcomes();
        }
    }
}

/// The files, formatters and direct sinks of an engine.
type Parts<'e> = (&'e mut [OpenFile], &'e mut [Lines], &'e [usize]);

/// Makes the lines of a record that some sinks get with masks.
#[inline(never)]
fn put_views(
    views: &mut [View],
    outputs: &[Output],
    (files, formatters, direct): Parts<'_>,
    snapshot: &Snapshot,
    (entry, record, site): (&[u8], &mut Record<'_>, &Site),
    context: &FormatContext<'_>,
) {
    let settings = &snapshot.settings;
    for (at, view) in views.iter_mut().enumerate() {
        let outputs = outputs.iter().filter(|output| output.view == at);
        let is_taken = || outputs.clone().any(|output| output.active.takes(settings, record.header.level));
        let masked = if is_taken() { view.masked(entry, record) } else { None };
        let lines = (&mut *files, &mut *formatters, direct);
        match masked {
            None => put_lines::<true>(outputs, lines, snapshot, record, context),
            Some(masked) => {
                let mut record = Record::decode(&masked, site, &settings.extra);
                put_lines::<true>(outputs, lines, snapshot, &mut record, context);
            }
        }
    }
}

/// Makes the lines of a record for sinks that see the same view of it. `SOME` says whether some sinks leave records
/// out.
#[expect(clippy::inline_always, reason = "records without masks, which are most, must not pay for the others")]
#[inline(always)]
fn put_lines<'o, const SOME: bool>(
    outputs: impl Iterator<Item = &'o Output>,
    (files, formatters, direct): Parts<'_>,
    snapshot: &Snapshot,
    record: &mut Record<'_>,
    context: &FormatContext<'_>,
) {
    for output in outputs {
        let sink = &output.active.sink;
        if !sink.is_native() {
            continue;
        }
        if !output.active.takes(&snapshot.settings, record.header.level) || !output.active.accepts(snapshot, record) {
            sink.counts().add_filtered(1);
            continue;
        }
        if SOME && let Some(volume) = &sink.volume {
            output.put_some(volume, (&mut *files, &mut *formatters, direct), snapshot, record, context);
            continue;
        }
        if !direct.is_empty() {
            give_turn(files, direct, output.place);
        }
        let file = &mut files[output.place];
        put_line(&mut file.writer, &mut formatters[output.formatter], record, context);
        file.count(record.header.level);
    }
}

fn put_line(file: &mut FileWriter, lines: &mut Lines, record: &Record<'_>, context: &FormatContext<'_>) {
    let mark = file.buffer().len();
    if lines.users == 1 {
        lines.formatter.put_line_of_site(file.buffer(), record, context);
    } else {
        if !lines.is_made {
            lines.line.clear();
            lines.formatter.put_line_of_site(&mut lines.line, record, context);
            lines.is_made = true;
        }
        file.buffer().extend_from_slice(&lines.line);
    }
    file.end_line(mark, record.header.time_ns);
}
