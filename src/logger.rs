//! A logger's state: its settings, its sinks, and the lowest level any of them wants.
//!
//! Changes build a new `Snapshot` under the registry's lock and publish it; callers read two numbers and, where they must, the
//! snapshot. No lock of this file is held while Python runs or anything waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use arc_swap::ArcSwap;

use crate::backend::pipeline::{Pipeline, PipelineSlot};
use crate::backend::snapshot::{ActiveSink, Sink, Snapshot, Target};
use crate::config::logger::{DEFAULT_MESSAGE_BYTES, Settings};
use crate::config::queue::DEFAULT_BYTES;
use crate::error::Result;
use crate::format::Layout;
use crate::format::pattern::Item;
use crate::record::{Kind, Record, header_of, kind_of};
use crate::sink::clock;
use crate::site::{self, Site};
use crate::stats::Loss;
use crate::sync::Mutex;

/// The gate of a logger nobody listens to.
const CLOSED: i32 = i32::MAX;

/// What callers must do for the sinks there are, as bits.
pub mod wants {
    /// Some sink is written by the writer.
    pub const QUEUE: u32 = 1;
    /// Some file is written on the caller's thread.
    pub const INLINE: u32 = 1 << 1;
    /// Some sink is Python, or needs Python for its lines.
    pub const PYTHON: u32 = 1 << 2;
    /// Some line is text: odd values need their `str()`.
    pub const TEXT: u32 = 1 << 3;
    /// Some line is JSON: odd values need their JSON form.
    pub const JSON: u32 = 1 << 4;
    pub const THREAD_NAME: u32 = 1 << 5;
    pub const TASK: u32 = 1 << 6;
    /// Calls of some modules do not log.
    pub const ACTIVATION: u32 = 1 << 7;
}

/// Builds sinks ids and the current list; the next snapshot is made from it.
struct Registry {
    next_id: u32,
    is_enabled: bool,
    /// While a capture runs, only it gets records.
    captures: Vec<Arc<Sink>>,
    sinks: Vec<Entry>,
    settings: Settings,
}

struct Entry {
    sink: Arc<Sink>,
    level: Option<i32>,
    is_enabled: bool,
}

/// One independent logger. Bound loggers share it.
pub struct Core {
    gate: AtomicI32,
    wants: AtomicU32,
    most_message_bytes: AtomicUsize,
    /// The number of the rules by which modules log.
    activation: AtomicU64,
    snapshot: ArcSwap<Snapshot>,
    registry: Mutex<Registry>,
    queued: PipelineSlot,
    inline: PipelineSlot,
    start_ns: i64,
}

impl Core {
    pub fn new() -> Self {
        let start_ns = clock::now_ns();
        let registry = Registry {
            next_id: 0,
            is_enabled: true,
            captures: Vec::new(),
            sinks: Vec::new(),
            settings: Settings::default(),
        };
        let snapshot = Snapshot { settings: Settings::default(), sinks: Vec::new(), start_ns };
        Self {
            gate: AtomicI32::new(CLOSED),
            wants: AtomicU32::new(0),
            most_message_bytes: AtomicUsize::new(DEFAULT_MESSAGE_BYTES),
            activation: AtomicU64::new(0),
            snapshot: ArcSwap::from_pointee(snapshot),
            registry: Mutex::new(registry),
            queued: PipelineSlot::new(true),
            inline: PipelineSlot::new(false),
            start_ns,
        }
    }

    /// The lowest level number any sink wants.
    #[inline]
    pub fn gate(&self) -> i32 {
        self.gate.load(Ordering::Relaxed)
    }

    #[inline]
    pub fn wants(&self) -> u32 {
        self.wants.load(Ordering::Relaxed)
    }

    /// Whether calls of this site log, as `enable` and `disable` have it. To be asked with `wants::ACTIVATION`.
    #[cold]
    pub fn is_active(&self, site: &Site) -> bool {
        site.verdict.under(self.activation.load(Ordering::Relaxed), || {
            let snapshot = self.snapshot.load();
            let activation = &snapshot.settings.activation;
            (activation.number(), activation.allows(&site.module))
        })
    }

    /// Bytes after which a value is cut.
    #[inline]
    pub fn most_message_bytes(&self) -> usize {
        self.most_message_bytes.load(Ordering::Relaxed)
    }

    /// Counts an entry that found no room in the queue, with the sinks that would have taken it.
    pub fn count_dropped(&self, entry: &[u8], is_background: bool) {
        let snapshot = self.snapshot();
        let header = header_of(entry);
        let is_line = kind_of(entry) == Kind::Line;
        let record = (!is_line).then(|| Record::decode(entry, site::find(header.site), &[]));
        for active in snapshot.sinks.iter().filter(|active| active.sink.options.is_async == is_background) {
            let sink = &active.sink;
            let is_wanted = match &record {
                None => sink.id == header.site,
                Some(record) => {
                    sink.is_native()
                        && active.takes(&snapshot.settings, header.level)
                        && sink.options.filter.accepts(header.level.no, &record.location)
                }
            };
            if is_wanted {
                sink.counts().add_dropped(Loss::Overflow, 1);
            }
        }
    }

    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// The pipeline of the files written in the background.
    #[inline]
    pub fn queued(&self) -> &Arc<Pipeline> {
        self.queued.get(|| (self.snapshot(), self.buffer_size()))
    }

    /// The pipeline of the files written on the caller's thread.
    #[inline]
    pub fn inline(&self) -> &Arc<Pipeline> {
        self.inline.get(|| (self.snapshot(), DEFAULT_BYTES / 8))
    }

    /// Has a pipeline at work before the first record.
    pub fn start(&self, is_background: bool) {
        if is_background {
            self.queued().start();
        } else {
            self.inline();
        }
    }

    /// The pipelines that exist in this process.
    pub fn pipelines(&self) -> impl Iterator<Item = &Arc<Pipeline>> {
        [self.queued.existing(), self.inline.existing()].into_iter().flatten()
    }

    fn buffer_size(&self) -> usize {
        let registry = self.registry.lock();
        registry.sinks.iter().map(|entry| entry.sink.options.queue.bytes).max().unwrap_or(DEFAULT_BYTES)
    }

    /// Adds a sink and returns its id.
    pub fn add(&self, make: impl FnOnce(u32) -> Sink) -> Result<u32> {
        let mut registry = self.registry.lock();
        let id = registry.next_id;
        let sink = Arc::new(make(id));
        let mut sinks = std::mem::take(&mut registry.sinks);
        let kept = sinks.len();
        sinks.push(Entry { level: sink.options.level, sink, is_enabled: true });
        registry.sinks = sinks;
        if let Err(error) = self.publish(&registry) {
            registry.sinks.truncate(kept);
            return Err(error);
        }
        registry.next_id += 1;
        Ok(id)
    }

    /// Takes sinks away; what they were given before is written first, by whoever waits for the pipelines.
    pub fn remove(&self, is_gone: impl Fn(&Sink) -> bool) -> Result<Vec<Arc<Sink>>> {
        let mut registry = self.registry.lock();
        let (gone, kept) = std::mem::take(&mut registry.sinks).into_iter().partition(|entry| is_gone(&entry.sink));
        registry.sinks = kept;
        self.publish(&registry)?;
        Ok(gone.into_iter().map(|entry: Entry| entry.sink).collect())
    }

    /// Changes settings; they hold for the next call on any thread. On an error nothing has changed.
    pub fn configure(&self, change: impl FnOnce(&mut Settings) -> Result<()>) -> Result<()> {
        let mut registry = self.registry.lock();
        let mut settings = registry.settings.clone();
        change(&mut settings)?;
        settings.revision += 1;
        let before = std::mem::replace(&mut registry.settings, settings);
        self.publish(&registry).inspect_err(|_| registry.settings = before)
    }

    /// As `configure`, with settings made from those of before; false when there are others by now, unless that `is_forced`.
    pub fn replace_settings(&self, settings: Settings, is_forced: bool) -> Result<bool> {
        let mut is_replaced = false;
        self.configure(|known| {
            is_replaced = is_forced || known.revision == settings.revision;
            if is_replaced {
                *known = Settings { revision: known.revision, ..settings };
            }
            Ok(())
        })?;
        Ok(is_replaced)
    }

    /// Sets the level of one sink; false when there is none of that id.
    pub fn set_sink_level(&self, id: u32, level: i32) -> Result<bool> {
        self.change_sink(id, |entry| entry.level = Some(level))
    }

    /// Switches one sink on or off; false when there is none of that id.
    pub fn set_sink_enabled(&self, id: u32, is_enabled: bool) -> Result<bool> {
        self.change_sink(id, |entry| entry.is_enabled = is_enabled)
    }

    fn change_sink(&self, id: u32, change: impl FnOnce(&mut Entry)) -> Result<bool> {
        let mut registry = self.registry.lock();
        let Some(entry) = registry.sinks.iter_mut().find(|entry| entry.sink.id == id) else {
            return Ok(false);
        };
        change(entry);
        self.publish(&registry)?;
        Ok(true)
    }

    /// Switches the whole logger.
    pub fn set_enabled(&self, is_enabled: bool) -> Result<()> {
        let mut registry = self.registry.lock();
        registry.is_enabled = is_enabled;
        self.publish(&registry)
    }

    /// The settings at the start; sinks stay.
    pub fn reset(&self) -> Result<()> {
        let mut registry = self.registry.lock();
        registry.settings = Settings { revision: registry.settings.revision + 1, ..Settings::default() };
        registry.is_enabled = true;
        registry.captures.clear();
        self.publish(&registry)
    }

    /// Makes `sink` the only one that gets records, until `end_capture`.
    pub fn begin_capture(&self, make: impl FnOnce(u32) -> Sink) -> Result<u32> {
        let mut registry = self.registry.lock();
        let id = registry.next_id;
        registry.next_id += 1;
        registry.captures.push(Arc::new(make(id)));
        self.publish(&registry)?;
        Ok(id)
    }

    pub fn end_capture(&self, id: u32) -> Result<()> {
        let mut registry = self.registry.lock();
        registry.captures.retain(|sink| sink.id != id);
        self.publish(&registry)
    }

    /// The sinks in the order they were added, captures aside, and the settings.
    pub fn sinks(&self) -> Vec<ActiveSink> {
        let registry = self.registry.lock();
        registry.active().unwrap_or_default()
    }

    pub fn settings(&self) -> Settings {
        self.registry.lock().settings.clone()
    }

    /// Builds and publishes the snapshot of the registry. The old one serves the records accepted before.
    fn publish(&self, registry: &Registry) -> Result<()> {
        let sinks = if registry.captures.is_empty() { registry.active()? } else { registry.captured()? };
        let snapshot = Arc::new(Snapshot { settings: registry.settings.clone(), sinks, start_ns: self.start_ns });
        let activation = &registry.settings.activation;
        let is_open = (registry.is_enabled && !activation.allows_none()) || !registry.captures.is_empty();
        let lowest = snapshot.sinks.iter().filter(|sink| sink.is_enabled).map(|sink| sink.level).min();
        self.gate.store(lowest.filter(|_| is_open).unwrap_or(CLOSED), Ordering::Relaxed);
        let has_rules = registry.captures.is_empty() && !activation.is_empty();
        let wants = wants_of(&snapshot) | if has_rules { wants::ACTIVATION } else { 0 };
        self.activation.store(activation.number(), Ordering::Relaxed);
        self.wants.store(wants, Ordering::Relaxed);
        self.most_message_bytes.store(registry.settings.max_message_bytes, Ordering::Relaxed);
        self.snapshot.store(Arc::clone(&snapshot));
        for pipeline in self.pipelines() {
            pipeline.change(&snapshot);
        }
        Ok(())
    }
}

impl Default for Core {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        for pipeline in self.pipelines() {
            pipeline.close();
        }
    }
}

impl Registry {
    fn active(&self) -> Result<Vec<ActiveSink>> {
        self.sinks.iter().map(|entry| self.activate(&entry.sink, entry.level, entry.is_enabled)).collect()
    }

    fn captured(&self) -> Result<Vec<ActiveSink>> {
        let last = self.captures.last().into_iter();
        last.map(|sink| self.activate(sink, Some(sink.options.level.unwrap_or(0)), true)).collect()
    }

    fn activate(&self, sink: &Arc<Sink>, own_level: Option<i32>, is_enabled: bool) -> Result<ActiveSink> {
        let color = sink.options.color.unwrap_or(false);
        Ok(ActiveSink {
            sink: Arc::clone(sink),
            own_level,
            level: own_level.unwrap_or(self.settings.level),
            is_enabled,
            layout: Arc::new(self.settings.layout(&sink.options, color && sink.file().is_some())?),
            colored: Arc::new(self.settings.layout(&sink.options, true)?),
        })
    }
}

fn wants_of(snapshot: &Snapshot) -> u32 {
    snapshot.sinks.iter().filter(|sink| sink.is_enabled).fold(0, |bits, active| {
        let sink = &active.sink;
        let delivery = match (&sink.target, sink.options.is_async) {
            (Target::File(_), true) => wants::QUEUE,
            (Target::File(_), false) => wants::INLINE,
            (Target::Python(_), _) => wants::PYTHON,
        };
        let python = if sink.python.is_some() { wants::PYTHON | wants::TEXT } else { 0 };
        bits | delivery | python | layout_wants(&active.layout)
    })
}

fn layout_wants(layout: &Layout) -> u32 {
    match layout {
        Layout::Json { .. } => wants::JSON | wants::TEXT,
        Layout::Text { pattern, .. } => {
            let thread = if pattern.has(&Item::ThreadName) { wants::THREAD_NAME } else { 0 };
            let task = if pattern.has(&Item::Task) { wants::TASK } else { 0 };
            wants::TEXT | thread | task
        }
    }
}
