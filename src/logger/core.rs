//! A logger's state: its settings, its sinks, and the lowest level any of them wants.
//!
//! A change builds a new `Snapshot` under the registry's lock and publishes it. Callers read two numbers and, if
//! necessary, the snapshot. No lock of this file is held while Python runs or a thread waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering, fence};

use arc_swap::{ArcSwap, Guard};

use crate::clock;
use crate::config::logger::{DEFAULT_MESSAGE_BYTES, Settings};
use crate::config::sink::SinkOptions;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::logger::entries::Entry;
use crate::logger::registry::{Callbacks, Held, Registry, Testing};
use crate::logger::wants::{CLOSED, CurrentWants, Wants, sync_level_of, wants_of};
use crate::site::Site;
use crate::stats::Tally;
use crate::sync::Mutex;
use crate::writer::pipeline::Pipeline;
use crate::writer::pipelines::{Pipelines, Routes};
use crate::writer::snapshot::{ActiveSink, Sink, Snapshot, Target};

/// One independent logger. Bound loggers share it.
pub struct Core {
    gate: AtomicI32,
    /// The gate as the sinks have it. It differs from `gate` while the logger awaits a state.
    lowest: AtomicI32,
    /// Whether the process may have to take over the logger of its parent. All calls then pass the gate.
    awaits_state: AtomicBool,
    wants: CurrentWants,
    most_message_bytes: AtomicUsize,
    /// The number of the rules that decide which modules log.
    activation: AtomicU64,
    /// Calls from this level up may have to wait for their file.
    sync_level: AtomicI32,
    snapshot: ArcSwap<Snapshot>,
    pub(super) registry: Mutex<Registry>,
    pipelines: Pipelines,
    start_ns: i64,
    dialect: Dialect,
}

impl Core {
    pub fn new() -> Self {
        Self::of(Dialect::default())
    }

    /// A core whose logger follows the rules of a dialect.
    pub fn of(dialect: Dialect) -> Self {
        let start_ns = clock::now_ns();
        let registry = Registry {
            next_id: 0,
            is_enabled: true,
            testing: Testing::default(),
            sinks: Vec::new(),
            callbacks: Callbacks::default(),
            settings: Arc::new(Settings::of(dialect)),
            held: Held::default(),
        };
        let settings = Arc::clone(&registry.settings);
        let snapshot = Snapshot { settings, sinks: Vec::new(), lanes: Vec::new(), start_ns };
        Self {
            gate: AtomicI32::new(CLOSED),
            lowest: AtomicI32::new(CLOSED),
            awaits_state: AtomicBool::new(false),
            wants: CurrentWants::default(),
            most_message_bytes: AtomicUsize::new(DEFAULT_MESSAGE_BYTES),
            activation: AtomicU64::new(0),
            sync_level: AtomicI32::new(CLOSED),
            snapshot: ArcSwap::from_pointee(snapshot),
            registry: Mutex::new(registry),
            pipelines: Pipelines::default(),
            start_ns,
            dialect,
        }
    }

    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The lowest level number any sink wants.
    #[inline]
    pub fn gate(&self) -> i32 {
        self.gate.load(Ordering::Relaxed)
    }

    /// The lowest level number any sink wants, also while all calls pass the gate.
    pub fn lowest(&self) -> i32 {
        self.lowest.load(Ordering::Relaxed)
    }

    /// Lets each call pass the gate with `Wants::TAKE_OVER`, or ends that.
    pub fn await_state(&self, awaits: bool) -> Result<()> {
        let mut registry = self.registry.lock();
        self.awaits_state.store(awaits, Ordering::Relaxed);
        self.publish(&mut registry)
    }

    /// Has the next sink or callback get this id, unless the id was given already.
    pub fn reserve(&self, id: u32) {
        let mut registry = self.registry.lock();
        registry.next_id = registry.next_id.max(id);
    }

    /// Whether the logger as a whole is switched on.
    pub fn is_switched_on(&self) -> bool {
        self.registry.lock().is_enabled
    }

    #[inline]
    pub fn wants(&self) -> Wants {
        self.wants.load()
    }

    /// Whether calls of this site log, according to `enable` and `disable`. Ask only if `Wants::ACTIVATION` is set.
    #[cold]
    pub fn is_active(&self, site: &Site) -> bool {
        site.activation.under(self.activation.load(Ordering::Relaxed), || {
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

    /// The lowest level from which a file has its calls wait; used if `Wants::SYNC` is set.
    pub fn sync_level(&self) -> i32 {
        self.sync_level.load(Ordering::Relaxed)
    }

    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// The snapshot for the duration of a call, without adding an owner.
    #[inline]
    pub fn load(&self) -> Guard<Arc<Snapshot>> {
        self.snapshot.load()
    }

    /// The pipeline of background files with the default queue.
    #[inline]
    pub fn queued(&self) -> &Arc<Pipeline> {
        self.pipelines.queued().get(|| self.snapshot())
    }

    /// The first pipeline whose queue outlives the process.
    #[inline]
    pub fn kept(&self) -> Option<&Arc<Pipeline>> {
        self.pipelines.kept().map(|slot| slot.get(|| self.snapshot()))
    }

    /// The pipeline of the files written on the caller's thread.
    #[inline]
    pub fn inline(&self) -> &Arc<Pipeline> {
        self.pipelines.inline().get(|| self.snapshot())
    }

    /// The pipelines of files whose queues have options of their own.
    pub fn routes(&self) -> Guard<Arc<Routes>> {
        self.pipelines.routes()
    }

    /// The pipeline of a file, made at first use; None if the file is gone and has no pipeline.
    pub fn pipeline_of(&self, options: &SinkOptions) -> Option<Arc<Pipeline>> {
        self.pipelines.of(options, || self.snapshot())
    }

    /// The pipelines that exist in this process.
    pub fn pipelines(&self) -> Vec<Arc<Pipeline>> {
        self.pipelines.all()
    }

    /// Adds a sink and returns its id.
    pub fn add(&self, make: impl FnOnce(u32) -> Sink) -> Result<u32> {
        let mut registry = self.registry.lock();
        let id = registry.next_id;
        let sink = Arc::new(make(id));
        registry.settings.check_lines(&sink.options)?;
        let mut sinks = std::mem::take(&mut registry.sinks);
        let kept = sinks.len();
        sinks.push(Entry::new(sink));
        registry.sinks = sinks;
        if let Err(error) = self.publish(&mut registry) {
            registry.sinks.truncate(kept);
            return Err(error);
        }
        registry.next_id += 1;
        Ok(id)
    }

    /// Removes sinks. Their pipelines still write the records they got before. A caller that waited for those calls
    /// `end_unused`.
    pub fn remove(&self, is_gone: impl Fn(&Sink) -> bool) -> Result<Vec<Arc<Sink>>> {
        self.exchange(&[], is_gone)
    }

    /// Removes sinks, and has others that waited take records from the same call on.
    pub fn exchange(&self, waiting: &[u32], is_gone: impl Fn(&Sink) -> bool) -> Result<Vec<Arc<Sink>>> {
        let mut registry = self.registry.lock();
        let (gone, mut kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut registry.sinks).into_iter().partition(|entry| is_gone(&entry.sink));
        kept.iter_mut().filter(|entry| waiting.contains(&entry.sink.id)).for_each(|entry| entry.is_enabled = true);
        registry.sinks = kept;
        registry.put_aside(&gone);
        self.publish(&mut registry)?;
        registry.retire(gone.iter());
        Ok(gone.into_iter().map(|entry| entry.sink).collect())
    }

    /// Changes settings, which apply from the next call on any thread. On an error nothing has changed.
    pub fn configure(&self, change: impl FnOnce(&mut Settings) -> Result<()>) -> Result<()> {
        let mut registry = self.registry.lock();
        let mut settings = Settings::clone(&registry.settings);
        change(&mut settings)?;
        settings.revision += 1;
        let before = std::mem::replace(&mut registry.settings, Arc::new(settings));
        self.publish(&mut registry).inspect_err(|_| registry.settings = before)
    }

    /// Like `configure`, with settings made from earlier ones. False when the settings have changed since, unless
    /// `is_forced`.
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

    /// Sets the level of one sink; false when no sink has this id.
    pub fn set_sink_level(&self, id: u32, level: i32) -> Result<bool> {
        self.change_sink(id, |entry| entry.level = Some(level))
    }

    /// Switches one sink on or off; false when no sink has this id.
    pub fn set_sink_enabled(&self, id: u32, is_enabled: bool) -> Result<bool> {
        self.change_sink(id, |entry| entry.is_enabled = is_enabled)
    }

    fn change_sink(&self, id: u32, change: impl FnOnce(&mut Entry)) -> Result<bool> {
        let mut registry = self.registry.lock();
        let Some(entry) = registry.entries().find(|entry| entry.sink.id == id) else {
            return Ok(false);
        };
        change(entry);
        self.publish(&mut registry)?;
        Ok(true)
    }

    /// Switches the whole logger on or off.
    pub fn set_enabled(&self, is_enabled: bool) -> Result<()> {
        let mut registry = self.registry.lock();
        registry.is_enabled = is_enabled;
        self.publish(&mut registry)
    }

    /// Restores the initial settings; sinks stay.
    pub fn reset(&self) -> Result<()> {
        let mut registry = self.registry.lock();
        registry.settings =
            Arc::new(Settings { revision: registry.settings.revision + 1, ..Settings::of(self.dialect) });
        registry.is_enabled = true;
        registry.testing.captures.clear();
        self.publish(&mut registry)
    }

    /// The sinks with their current settings, without captures, in the order they were added.
    pub fn sinks(&self) -> Vec<ActiveSink> {
        let mut registry = self.registry.lock();
        registry.active().unwrap_or_default()
    }

    /// The sink or callback with this id, without captures.
    pub fn find(&self, id: u32) -> Option<Arc<Sink>> {
        let mut registry = self.registry.lock();
        registry.entries().find(|entry| entry.sink.id == id).map(|entry| Arc::clone(&entry.sink))
    }

    /// Whether there is such a sink, not counting captures.
    pub fn has_sink(&self, is_meant: impl Fn(&Sink) -> bool) -> bool {
        self.registry.lock().sinks.iter().any(|entry| is_meant(&entry.sink))
    }

    pub fn settings(&self) -> Settings {
        Settings::clone(&self.registry.lock().settings)
    }

    /// Ends the pipelines whose sinks are gone, and returns them.
    pub fn end_unused(&self) -> Vec<Arc<Pipeline>> {
        self.pipelines.close_leaving()
    }

    /// The counts of each sink's records, in the order the sinks were added. Exact while no thread logs, so while a GIL
    /// is held.
    pub fn tallies(&self) -> Vec<(Arc<Sink>, Tally)> {
        let registry = self.registry.lock();
        registry.sinks.iter().map(|entry| (Arc::clone(&entry.sink), self.tally(&entry.sink))).collect()
    }

    /// Like `tallies`, for one sink or callback.
    pub fn tally(&self, sink: &Sink) -> Tally {
        match &sink.lane {
            Some(lane) => lane.get().tally(),
            None => Tally { queue_bytes: self.queued_for(sink), ..sink.counts().tally(|| self.given_to(sink)) },
        }
    }

    /// The bytes that wait in the queue of a sink. Several sinks may share it.
    fn queued_for(&self, sink: &Sink) -> u64 {
        let is_file = matches!(sink.target, Target::File(_));
        let pipeline = if is_file { self.pipelines.existing_of(&sink.options) } else { None };
        pipeline.map_or(0, |pipeline| pipeline.queued_bytes())
    }

    /// Whether the queue of a sink outlives this process.
    pub fn is_kept(&self, sink: &Sink) -> bool {
        self.pipelines.existing_of(&sink.options).is_some_and(|pipeline| pipeline.is_kept())
    }

    /// The number of records that the pipeline of a sink got in this process.
    fn given_to(&self, sink: &Sink) -> u64 {
        self.pipelines.existing_of(&sink.options).map_or(0, |pipeline| pipeline.records())
    }

    /// Builds and publishes the snapshot of the registry. Records accepted before follow the old one.
    ///
    /// Callers read the parts one by one. Without a GIL, a call on another thread may see some of them as they were. Its
    /// record then follows the old snapshot or the new one, as if it had come before or after; the queue decides.
    pub(super) fn publish(&self, registry: &mut Registry) -> Result<()> {
        let mut sinks = if registry.is_captured() { registry.captured()? } else { registry.active()? };
        sinks.extend(registry.observed()?);
        let lanes = registry.with_lanes(&sinks)?;
        let snapshot =
            Arc::new(Snapshot { settings: Arc::clone(&registry.settings), sinks, lanes, start_ns: self.start_ns });
        let activation = &registry.settings.activation;
        let is_open = (registry.is_enabled && !activation.allows_none()) || registry.is_captured();
        let listening = snapshot.sinks.iter().chain(&snapshot.lanes);
        let lowest = listening.filter(|sink| sink.is_enabled).map(|sink| sink.level).min();
        let lowest = lowest.filter(|_| is_open).unwrap_or(CLOSED);
        let awaits_state = self.awaits_state.load(Ordering::Relaxed);
        self.lowest.store(lowest, Ordering::Relaxed);
        self.gate.store(if awaits_state { i32::MIN } else { lowest }, Ordering::Relaxed);
        let has_rules = !registry.is_captured() && !activation.is_empty();
        let patcher = Wants::PATCHER.when(registry.settings.is_patched);
        let first = Wants::TAKE_OVER.when(awaits_state);
        let kept = self.pipelines.claim_kept(&snapshot);
        let wants = wants_of(&snapshot, kept).or(patcher).or(first).or(Wants::ACTIVATION.when(has_rules));
        self.activation.store(activation.number(), Ordering::Relaxed);
        self.wants.store(wants);
        self.most_message_bytes.store(registry.settings.max_message_bytes, Ordering::Relaxed);
        self.sync_level.store(sync_level_of(&snapshot), Ordering::Relaxed);
        self.snapshot.store(Arc::clone(&snapshot));
        // A thread that makes a pipeline now sees this snapshot, or its pipeline is found below.
        fence(Ordering::SeqCst);
        let is_shown = !registry.is_captured();
        for sink in registry.sinks.iter().map(|entry| &entry.sink).filter(|sink| sink.is_native()) {
            sink.counts().follow(is_shown, || self.given_to(sink));
        }
        for sink in registry.held.aside().filter(|sink| sink.is_native()) {
            sink.counts().follow(false, || self.given_to(sink));
        }
        let all = registry.sinks.iter().map(|entry| &entry.sink).chain(registry.held.aside());
        let is_all_shown = is_shown && registry.held.aside().next().is_none();
        self.pipelines.change(all, &snapshot, is_all_shown);
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
        self.pipelines.close();
        self.close_lanes();
    }
}

#[cfg(test)]
mod tests;
