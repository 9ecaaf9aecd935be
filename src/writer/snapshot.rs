//! A snapshot: the sinks, the settings and the layouts that follow from them, at one moment.
//!
//! A snapshot never changes; a change of the logger makes the next one. Records are written according to the snapshot
//! they were accepted under.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::archive::series::Series;
use crate::config::logger::{LevelSwitches, Settings};
use crate::config::sink::{FileOptions, SinkOptions};
use crate::config::standard::StandardStream;
use crate::expression::compiled::Expression;
use crate::file::file_writer::FileWriter;
use crate::format::formatter::Layout;
use crate::format::record_values::RecordValues;
use crate::lane::slot::LaneSlot;
use crate::level::LevelRef;
use crate::process::per_process::{Own, PerProcess};
use crate::record::decoded::Record;
use crate::record::encoded::header_of;
use crate::redaction::encoded::redact;
use crate::redaction::redactor::Redactor;
use crate::site;
use crate::stats::{Loss, SinkCounts};
use crate::sync::Mutex;
use crate::volume::of_sink::Volume;
use crate::writer::python_sink::{Hooks, PythonSink};

/// The destination of a sink's lines.
pub enum Target {
    File(Box<FileTarget>),
    Python(Arc<dyn PythonSink>),
}

impl Target {
    pub fn python(object: impl PythonSink) -> Self {
        Self::Python(Arc::new(object))
    }
}

/// A file and its archives.
pub struct FileTarget {
    pub options: FileOptions,
    pub series: Arc<Series>,
}

/// A file that `add()` opened and no engine has taken yet.
///
/// It belongs to the process that opened it. In a child forked before an engine took it, the file also belongs to the
/// parent, and so does the lock on it.
pub struct Opened(Own<Mutex<Option<FileWriter>>>);

impl Opened {
    pub fn new(file: Option<FileWriter>) -> Self {
        Self(Own::new(Mutex::new(file)))
    }

    /// Takes the file, once; None while another thread reopens it.
    pub fn take(&self) -> Option<FileWriter> {
        self.0.own()?.try_lock().and_then(|mut file| file.take())
    }

    /// Reopens the file if it was not taken yet.
    pub fn reopen(&self) -> bool {
        self.0.own().is_some_and(|file| file.lock().as_mut().map(FileWriter::reopen).is_some())
    }
}

/// One sink, as it was added.
pub struct Sink {
    pub id: u32,
    pub options: SinkOptions,
    pub target: Target,
    /// Leaves records out that the sink wants. Most sinks have none.
    pub volume: Option<Box<Volume>>,
    /// Functions of the program that decide about its records.
    pub hooks: Option<Box<dyn Hooks>>,
    /// Whether it is shown on a terminal, so that `console_levels` applies; `storage_levels` applies to files.
    pub is_console: bool,
    /// Whether it is the console that stands in until one is added.
    pub is_implicit: bool,
    /// The file as `add()` opened it, until the thread that writes takes it.
    pub opened: Opened,
    /// Set to have the file closed and reopened.
    pub wants_reopen: AtomicBool,
    /// The counts of each process, read by `counts()`.
    pub all_counts: PerProcess<SinkCounts>,
    /// The queue of its thread; callbacks and background Python sinks have one.
    pub lane: Option<LaneSlot>,
    /// Whether callers make the output for its thread, as only they have the context, the exception and the objects of
    /// the call.
    pub is_prepared: bool,
}

impl Sink {
    /// Makes a sink that is no console, and that has no hooks. If it is a Python object in the background, it gets a
    /// lane.
    pub fn new(id: u32, options: SinkOptions, target: Target) -> Self {
        let lane = match &target {
            Target::Python(python) if options.is_async => {
                Some(LaneSlot::new(options.queue.clone(), python.last(), python.is_ordered()))
            }
            _ => None,
        };
        Self {
            id,
            volume: Volume::of(&options),
            options,
            target,
            hooks: None,
            is_console: false,
            is_implicit: false,
            opened: Opened::new(None),
            wants_reopen: AtomicBool::new(false),
            all_counts: PerProcess::new(),
            lane,
            is_prepared: false,
        }
    }

    /// The counts of its records in this process.
    #[inline]
    pub fn counts(&self) -> &SinkCounts {
        match &self.lane {
            Some(lane) => lane.get().counts(),
            None => {
                self.all_counts.get_or_make(|parent| parent.map_or_else(SinkCounts::default, SinkCounts::after_fork))
            }
        }
    }

    /// Counts a record that it was offered but does not get.
    pub fn lose(&self, loss: Loss) {
        match &self.lane {
            Some(lane) => lane.get().count_lost(loss),
            None => self.counts().add_lost(loss),
        }
    }

    /// Counts a record that it does not want.
    pub fn skip(&self) {
        if self.lane.is_none() {
            self.counts().add_accepted(1);
        }
        self.counts().add_filtered(1);
    }

    /// Whether the engines may format and write for it without Python.
    pub fn is_native(&self) -> bool {
        matches!(self.target, Target::File(_)) && self.hooks.is_none()
    }

    /// Whether the `*_levels` settings switch a level on or off for it; None if they do neither.
    #[inline]
    pub fn switch(&self, switches: LevelSwitches) -> Option<bool> {
        if self.is_implicit {
            switches.implicit_console()
        } else if self.is_console {
            switches.console
        } else {
            self.file().and(switches.storage)
        }
    }

    /// Whether callers give it its records one by one, using Python.
    pub fn is_met_by_callers(&self) -> bool {
        self.is_prepared || (self.lane.is_none() && !self.is_native())
    }

    /// The file, or the standard stream in place of one.
    pub fn file(&self) -> Option<&FileOptions> {
        match &self.target {
            Target::File(file) => Some(&file.options),
            Target::Python(_) => None,
        }
    }

    /// The standard stream of a direct sink.
    pub fn standard(&self) -> Option<&StandardStream> {
        self.file().and_then(|file| file.standard.as_deref())
    }

    /// The file, if it has a path by which it can be read.
    pub fn file_at_path(&self) -> Option<&FileOptions> {
        self.file().filter(|file| file.standard.is_none())
    }
}

/// A sink with its current level, state and layouts.
#[derive(Clone)]
pub struct ActiveSink {
    pub sink: Arc<Sink>,
    /// The level given for this sink alone, which `set_level` changes.
    pub own_level: Option<i32>,
    pub level: i32,
    /// Whether `level` is the only condition on a record's level.
    pub is_plain: bool,
    pub is_enabled: bool,
    /// Without colours; consoles have `colored` as well.
    pub layout: Arc<Layout>,
    pub colored: Arc<Layout>,
    /// Both layouts again for terminals, if the sink's lines differ there.
    pub on_terminal: Option<(Arc<Layout>, Arc<Layout>)>,
}

/// The properties of a stream at the moment when a line is made for it.
#[derive(Clone, Copy, Debug, Default)]
pub struct StreamStyle {
    pub is_terminal: bool,
    pub is_colored: bool,
}

impl ActiveSink {
    /// Whether this is the same sink with the same level and state; the settings must be the same.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.sink, &other.sink) && (self.own_level, self.is_enabled) == (other.own_level, other.is_enabled)
    }

    /// The layout of lines for a stream with these properties.
    pub fn layout_for(&self, style: StreamStyle) -> &Arc<Layout> {
        let (plain, colored) = match &self.on_terminal {
            Some((plain, colored)) if style.is_terminal => (plain, colored),
            _ => (&self.layout, &self.colored),
        };
        if style.is_colored { colored } else { plain }
    }

    /// Whether it takes a record of this level, before filters.
    #[inline]
    pub fn takes(&self, settings: &Settings, level: LevelRef) -> bool {
        self.is_enabled && level.no >= self.level && self.sink.switch(settings.switches(level.id)) != Some(false)
    }

    /// Whether a record passes the levels of modules and the filters that are not functions.
    #[inline]
    pub fn accepts(&self, snapshot: &Snapshot, record: &Record<'_>) -> bool {
        let (level, name) = (record.header.level, record.name());
        let filter = &self.sink.options.filter;
        (self.is_plain || self.accepts_module(&snapshot.settings, level, name))
            && filter.accepts(level.no, name, &record.location)
            && filter.expression.as_ref().is_none_or(|expression| snapshot.meets(expression, record))
    }

    /// Whether a record passes the settings that decide by level and module. They do not apply to a sink with a level
    /// of its own.
    #[cold]
    pub fn accepts_module(&self, settings: &Settings, level: LevelRef, module: &[u8]) -> bool {
        let is_on = self.sink.switch(settings.switches(level.id)) == Some(true);
        let is_left_out = self.sink.is_implicit && !settings.has_console && !is_on;
        self.own_level.is_some() || (!is_left_out && settings.accepts(level.no, is_on, module))
    }

    /// Whether its options or the settings, except for its level, leave records out, mask them, or add fields to them.
    pub fn has_rules(&self, settings: &Settings) -> bool {
        let has_levels = self.own_level.is_none() && !settings.module_levels.is_empty();
        let has_switches = settings.switches.iter().any(|switches| self.sink.switch(*switches).is_some());
        let has_conditions = has_levels || has_switches || !self.sink.options.filter.is_empty();
        has_conditions
            || self.sink.volume.is_some()
            || self.redactor(settings).is_some()
            || !settings.extra.encoded.is_empty()
    }

    /// The redactor of its records: its own, or else the one of all sinks.
    #[inline]
    pub fn redactor<'s>(&'s self, settings: &'s Settings) -> Option<&'s Arc<Redactor>> {
        self.sink.options.redactor.as_ref().unwrap_or(&settings.redactor).as_ref()
    }

    /// The record with masks for this sink. None if there is nothing to mask.
    pub fn redacted(&self, settings: &Settings, bytes: &[u8]) -> Option<Vec<u8>> {
        let redactor = self.redactor(settings)?;
        let site = site::find(header_of(bytes).site);
        redact(redactor, bytes, &Record::decode(bytes, site, &settings.extra))
    }

    /// Whether its lines of this level are coloured; None if no setting decides.
    #[inline]
    pub fn color(&self, settings: &Settings, level: LevelRef) -> Option<bool> {
        let switch = settings.switches(level.id).color;
        self.sink.options.color.or(if switch == Some(true) { switch } else { settings.color })
    }
}

/// Everything that formatting and delivering one record depends on.
pub struct Snapshot {
    pub settings: Arc<Settings>,
    pub sinks: Vec<ActiveSink>,
    /// Callbacks, and the sinks that have a lane.
    pub lanes: Vec<ActiveSink>,
    pub start_ns: i64,
}

impl Snapshot {
    /// The part that does not depend on sinks.
    pub fn alone(&self) -> Self {
        self.with(Vec::new())
    }

    /// The part for these of its sinks.
    pub fn with(&self, sinks: Vec<ActiveSink>) -> Self {
        Self { settings: Arc::clone(&self.settings), sinks, lanes: Vec::new(), start_ns: self.start_ns }
    }

    /// Whether its sinks are these, with the same values and settings as in `other`.
    pub fn is_same(&self, other: &Self, sinks: &[&ActiveSink]) -> bool {
        Arc::ptr_eq(&self.settings, &other.settings)
            && self.sinks.len() == sinks.len()
            && self.sinks.iter().zip(sinks).all(|(known, active)| known.is_same(active))
    }

    /// Whether a record meets an expression.
    #[cold]
    fn meets(&self, expression: &Expression, record: &Record<'_>) -> bool {
        expression.accepts(&RecordValues { record, levels: &self.settings.levels, start_ns: self.start_ns })
    }

    /// Whether a file that callers write is rotated by time, or gets notices by time.
    pub(super) fn has_synchronous_schedule(&self) -> bool {
        let scheduled = |file: &FileOptions| !file.rotation.schedules.is_empty();
        self.sinks.iter().map(|active| &active.sink).any(|sink| {
            let has_limit = sink.volume.as_ref().is_some_and(|volume| volume.has_limit());
            !sink.options.is_async && sink.file().is_some_and(|file| has_limit || scheduled(file))
        })
    }
}
