//! Which pipelines a logger has: sinks with the same queue share one, and those that are written on the caller's thread another.
//!
//! Most programs have the pipeline of the default queue and no more; it is found without a look at any list.

use std::sync::{Arc, OnceLock};

use arc_swap::{ArcSwap, Guard};

use crate::backend::pipeline::Pipeline;
use crate::backend::queue::Ring;
use crate::backend::snapshot::{ActiveSink, Sink, Snapshot};
use crate::config::queue::{DEFAULT_BYTES, QueueOptions};
use crate::config::sink::SinkOptions;
use crate::report;
use crate::sync::Mutex;

/// What sinks have in common that share a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipelineKey {
    queue: QueueOptions,
    is_background: bool,
}

impl Default for PipelineKey {
    /// The writer's, for files whose queue is as usual.
    fn default() -> Self {
        Self { queue: QueueOptions::default(), is_background: true }
    }
}

impl PipelineKey {
    /// The callers' own: its queue is empty whenever nobody writes, and its options are nobody's to choose.
    pub fn inline() -> Self {
        Self { queue: QueueOptions { bytes: DEFAULT_BYTES / 8, ..QueueOptions::default() }, is_background: false }
    }

    pub fn of(options: &SinkOptions) -> Self {
        if options.is_async { Self { queue: options.queue.clone(), is_background: true } } else { Self::inline() }
    }

    pub fn serves(&self, sink: &Sink) -> bool {
        sink.file().is_some()
            && sink.options.is_async == self.is_background
            && (!self.is_background || sink.options.queue == self.queue)
    }

    pub fn queue(&self) -> &QueueOptions {
        &self.queue
    }

    /// A ring for the queue; a smaller one where there is no memory for it, which is told once.
    pub(super) fn ring(&self) -> Ring {
        let ring = Ring::new(self.queue.bytes, self.queue.most_records);
        if ring.capacity() < self.queue.bytes {
            let (wanted, had) = (self.queue.bytes, ring.capacity());
            report::tell_once("small ring", &format!("no memory for a queue of {wanted} bytes; it has {had}"));
        }
        ring
    }

    pub fn is_background(&self) -> bool {
        self.is_background
    }
}

/// Where a logger keeps a pipeline: the parent's, then the child's after a fork, and so on. Found without a lock.
pub struct PipelineSlot {
    key: PipelineKey,
    pipeline: OnceLock<Arc<Pipeline>>,
    after_fork: OnceLock<Box<PipelineSlot>>,
}

impl PipelineSlot {
    fn new(key: PipelineKey) -> Self {
        Self { key, pipeline: OnceLock::new(), after_fork: OnceLock::new() }
    }

    /// This process's pipeline, made at first use.
    #[inline]
    pub fn get(&self, snapshot: impl Fn() -> Arc<Snapshot>) -> &Arc<Pipeline> {
        let mut slot = self;
        loop {
            let pipeline = slot.pipeline.get_or_init(|| Pipeline::new(slot.key.clone(), &snapshot()));
            if pipeline.is_own() {
                return pipeline;
            }
            slot = slot.after_fork.get_or_init(|| Box::new(Self::new(slot.key.clone())));
        }
    }

    /// This process's pipeline, if it has one.
    pub fn existing(&self) -> Option<&Arc<Pipeline>> {
        let mut slot = self;
        loop {
            let pipeline = slot.pipeline.get()?;
            if pipeline.is_own() {
                return Some(pipeline);
            }
            slot = slot.after_fork.get()?;
        }
    }
}

/// A pipeline beside the usual ones.
#[derive(Clone)]
pub struct Route {
    slot: Arc<PipelineSlot>,
    /// Whether records are for it, and not only lines that were made by callers.
    takes_records: bool,
}

/// All pipelines of one logger.
pub struct Pipelines {
    queued: PipelineSlot,
    inline: PipelineSlot,
    routes: ArcSwap<Vec<Route>>,
    /// Those whose sinks are gone, until what they hold is written.
    leaving: Mutex<Vec<Arc<Pipeline>>>,
}

impl Default for Pipelines {
    fn default() -> Self {
        Self {
            queued: PipelineSlot::new(PipelineKey::default()),
            inline: PipelineSlot::new(PipelineKey::inline()),
            routes: ArcSwap::default(),
            leaving: Mutex::default(),
        }
    }
}

impl Pipelines {
    /// The pipeline of the usual queue.
    #[inline]
    pub fn queued(&self) -> &PipelineSlot {
        &self.queued
    }

    /// The pipeline of the files written on the caller's thread.
    #[inline]
    pub fn inline(&self) -> &PipelineSlot {
        &self.inline
    }

    /// The others.
    pub fn routes(&self) -> Guard<Arc<Vec<Route>>> {
        self.routes.load()
    }

    /// The pipeline that a file's lines go through.
    pub fn of(&self, options: &SinkOptions, snapshot: impl Fn() -> Arc<Snapshot>) -> Option<Arc<Pipeline>> {
        self.with_slot(options, |slot| Arc::clone(slot.get(snapshot)))
    }

    /// As `of`, if this process has it.
    pub fn existing_of(&self, options: &SinkOptions) -> Option<Arc<Pipeline>> {
        self.with_slot(options, |slot| slot.existing().cloned()).flatten()
    }

    fn with_slot<T>(&self, options: &SinkOptions, use_slot: impl FnOnce(&PipelineSlot) -> T) -> Option<T> {
        let key = PipelineKey::of(options);
        if key == self.queued.key {
            return Some(use_slot(&self.queued));
        }
        if key == self.inline.key {
            return Some(use_slot(&self.inline));
        }
        self.routes.load().iter().find(|route| route.slot.key == key).map(|route| use_slot(&route.slot))
    }

    /// Those of this process whose sinks are there.
    pub fn in_use(&self) -> Vec<Arc<Pipeline>> {
        let routes = self.routes.load();
        let slots = [&self.queued, &self.inline].into_iter().chain(routes.iter().map(|route| &*route.slot));
        slots.filter_map(PipelineSlot::existing).cloned().collect()
    }

    /// Those of this process, also those that only have to finish what they hold.
    pub fn all(&self) -> Vec<Arc<Pipeline>> {
        let mut all = self.in_use();
        all.extend(self.leaving.lock().iter().filter(|pipeline| pipeline.is_own()).cloned());
        all
    }

    /// Follows a change: `sinks` are all there are, and `shown` is what holds from now on.
    pub fn change<'s>(&self, sinks: impl Iterator<Item = &'s Arc<Sink>>, shown: &Arc<Snapshot>) {
        let before = self.routes.load_full();
        let mut routes: Vec<Route> = Vec::new();
        for key in sinks.filter_map(|sink| own_key(sink)) {
            if !routes.iter().any(|route| route.slot.key == key) {
                let known = before.iter().find(|route| route.slot.key == key).map(|route| Arc::clone(&route.slot));
                let takes_records = shown.sinks.iter().any(|active| is_fed(active) && key.serves(&active.sink));
                routes.push(Route { slot: known.unwrap_or_else(|| Arc::new(PipelineSlot::new(key))), takes_records });
            }
        }
        let gone = |route: &&Route| !routes.iter().any(|kept| Arc::ptr_eq(&kept.slot, &route.slot));
        before.iter().filter(gone).for_each(|route| self.let_go(&route.slot, shown));
        self.routes.store(Arc::new(routes));
        self.in_use().iter().for_each(|pipeline| pipeline.change(shown));
    }

    /// Has a pipeline without sinks write what it holds, and close its files; it may not follow later changes, whose sinks have
    /// another.
    fn let_go(&self, slot: &Arc<PipelineSlot>, shown: &Snapshot) {
        if let Some(pipeline) = slot.existing() {
            let nothing = Snapshot {
                sinks: Vec::new(),
                lanes: Vec::new(),
                settings: shown.settings.clone(),
                start_ns: shown.start_ns,
            };
            pipeline.change(&Arc::new(nothing));
            self.leaving.lock().push(Arc::clone(pipeline));
        }
        if slot.pipeline.get().is_some_and(|pipeline| !pipeline.is_own()) {
            // A parent's is never dropped.
            std::mem::forget(Arc::clone(slot));
        }
    }

    /// Ends the pipelines without sinks; what they still hold their writers write.
    pub fn close_leaving(&self) {
        let leaving = std::mem::take(&mut *self.leaving.lock());
        for pipeline in leaving {
            pipeline.close();
            if !pipeline.is_own() {
                std::mem::forget(pipeline);
            }
        }
    }

    /// Ends them all.
    pub fn close(&self) {
        self.in_use().iter().for_each(Pipeline::close);
        self.close_leaving();
    }
}

impl Route {
    /// The pipeline, when records are for it.
    pub fn for_records(&self, snapshot: impl Fn() -> Arc<Snapshot>) -> Option<&Arc<Pipeline>> {
        self.takes_records.then(|| self.slot.get(snapshot))
    }
}

/// The key of a sink that has a queue of its own choosing.
fn own_key(sink: &Sink) -> Option<PipelineKey> {
    let is_routed = sink.file().is_some() && sink.options.is_async && sink.options.queue != QueueOptions::default();
    is_routed.then(|| PipelineKey::of(&sink.options))
}

/// Whether it gets its records from its pipeline.
fn is_fed(active: &ActiveSink) -> bool {
    active.is_enabled && active.sink.is_native()
}
