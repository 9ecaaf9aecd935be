//! The pipelines of a logger: sinks with the same queue share one, and sinks that are written on the caller's thread
//! share another.
//!
//! Most programs have only the pipeline of the default queue, which is found without looking at a list.

mod changes;

use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, OnceLock};

use ahash::AHashMap;
use arc_swap::{ArcSwap, Guard};

use crate::config::sink::SinkOptions;
use crate::process::per_process::PerProcess;
use crate::sync::Mutex;
use crate::writer::key::PipelineKey;
use crate::writer::pipeline::Pipeline;
use crate::writer::snapshot::Snapshot;

/// A logger's slot for a pipeline, one for each process.
pub struct PipelineSlot {
    key: PipelineKey,
    pipeline: PerProcess<Arc<Pipeline>>,
    /// Held by the thread that makes the pipeline, where no GIL keeps others from it.
    making: Mutex<()>,
}

impl PipelineSlot {
    fn new(key: PipelineKey) -> Self {
        Self { key, pipeline: PerProcess::new(), making: Mutex::default() }
    }

    /// Returns this process's pipeline, made at first use.
    #[inline]
    pub fn get(&self, snapshot: impl Fn() -> Arc<Snapshot>) -> &Arc<Pipeline> {
        if cfg!(Py_GIL_DISABLED) && self.existing().is_none() {
            return self.make_beside_others(snapshot);
        }
        self.pipeline.get_or_make(|_| Pipeline::new(self.key.clone(), &snapshot()))
    }

    /// Makes this process's pipeline while other threads may make it too, or may change sinks and settings. A change
    /// that did not find the pipeline is found here.
    #[cold]
    fn make_beside_others(&self, snapshot: impl Fn() -> Arc<Snapshot>) -> &Arc<Pipeline> {
        let _alone = self.making.lock();
        let mut known = snapshot();
        let pipeline = self.pipeline.get_or_make(|_| Pipeline::new(self.key.clone(), &known));
        fence(Ordering::SeqCst);
        loop {
            let latest = snapshot();
            if Arc::ptr_eq(&known, &latest) {
                return pipeline;
            }
            pipeline.change(&latest);
            known = latest;
        }
    }

    /// Returns this process's pipeline if it exists.
    pub fn existing(&self) -> Option<&Arc<Pipeline>> {
        self.pipeline.existing().map(|pipeline| &**pipeline)
    }
}

/// A pipeline other than the default one and the inline one.
#[derive(Clone)]
pub struct Route {
    slot: Arc<PipelineSlot>,
    /// Whether it takes records, and not only lines that callers made.
    takes_records: bool,
    /// Whether callers find it without the list.
    is_direct: bool,
}

/// The pipelines other than the default one and the inline one, in a list and by key.
#[derive(Clone, Default)]
pub struct Routes {
    list: Vec<Route>,
    places: AHashMap<PipelineKey, usize>,
}

impl Routes {
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.list.iter()
    }

    fn find(&self, key: &PipelineKey) -> Option<&Route> {
        self.places.get(key).map(|place| &self.list[*place])
    }

    fn push(&mut self, key: PipelineKey, route: Route) {
        self.places.insert(key, self.list.len());
        self.list.push(route);
    }
}

/// All pipelines of one logger.
pub struct Pipelines {
    queued: PipelineSlot,
    inline: PipelineSlot,
    /// The slot of the first queue that outlives the process. Callers find it without a list; later ones are routed.
    kept: OnceLock<Arc<PipelineSlot>>,
    routes: ArcSwap<Routes>,
    /// The last snapshot that was shown, if it held all sinks.
    shown: Mutex<Option<Arc<Snapshot>>>,
    /// Pipelines whose sinks are gone, until the entries they hold are written.
    leaving: Mutex<Vec<Arc<Pipeline>>>,
}

impl Default for Pipelines {
    fn default() -> Self {
        Self {
            queued: PipelineSlot::new(PipelineKey::default()),
            inline: PipelineSlot::new(PipelineKey::inline()),
            kept: OnceLock::new(),
            routes: ArcSwap::default(),
            shown: Mutex::default(),
            leaving: Mutex::default(),
        }
    }
}

impl Pipelines {
    /// The pipeline of the default queue.
    #[inline]
    pub fn queued(&self) -> &PipelineSlot {
        &self.queued
    }

    /// The pipeline of the files written on the caller's thread.
    #[inline]
    pub fn inline(&self) -> &PipelineSlot {
        &self.inline
    }

    /// The slot of the first queue that outlives the process.
    #[inline]
    pub fn kept(&self) -> Option<&PipelineSlot> {
        self.kept.get().map(|slot| &**slot)
    }

    /// Makes the slot of the first queue that outlives the process, if a sink has one. Returns the queue's number.
    pub fn claim_kept(&self, shown: &Snapshot) -> Option<u64> {
        let mut keys =
            shown.sinks.iter().map(|active| &active.sink.options).filter(|options| options.queue.kept.is_some());
        let slot = if let Some(slot) = self.kept.get() {
            slot
        } else {
            let key = PipelineKey::of(keys.next()?);
            self.kept.get_or_init(|| Arc::new(PipelineSlot::new(key)))
        };
        slot.key.queue().kept.as_ref().map(|kept| kept.number)
    }

    /// Makes the slot of a route.
    fn new_slot(&self, key: &PipelineKey) -> Arc<PipelineSlot> {
        let kept = self.kept.get().filter(|slot| slot.key == *key);
        kept.map_or_else(|| Arc::new(PipelineSlot::new(key.clone())), Arc::clone)
    }

    fn is_direct(&self, key: &PipelineKey) -> bool {
        self.kept.get().is_some_and(|slot| slot.key == *key)
    }

    /// The other pipelines.
    pub fn routes(&self) -> Guard<Arc<Routes>> {
        self.routes.load()
    }

    /// Returns the pipeline of a file's lines.
    pub fn of(&self, options: &SinkOptions, snapshot: impl Fn() -> Arc<Snapshot>) -> Option<Arc<Pipeline>> {
        self.with_slot(options, |slot| Arc::clone(slot.get(snapshot)))
    }

    /// Like `of`, but only if this process already has the pipeline.
    pub fn existing_of(&self, options: &SinkOptions) -> Option<Arc<Pipeline>> {
        self.with_slot(options, |slot| slot.existing().cloned()).flatten()
    }

    fn with_slot<T>(&self, options: &SinkOptions, use_slot: impl FnOnce(&PipelineSlot) -> T) -> Option<T> {
        self.with_slot_of(&PipelineKey::of(options), use_slot)
    }

    fn with_slot_of<T>(&self, key: &PipelineKey, use_slot: impl FnOnce(&PipelineSlot) -> T) -> Option<T> {
        if *key == self.queued.key {
            return Some(use_slot(&self.queued));
        }
        if *key == self.inline.key {
            return Some(use_slot(&self.inline));
        }
        self.routes.load().find(key).map(|route| use_slot(&route.slot))
    }

    /// The pipelines of this process that have sinks.
    pub(super) fn in_use(&self) -> Vec<Arc<Pipeline>> {
        let routes = self.routes.load();
        let slots = [&self.queued, &self.inline].into_iter().chain(routes.iter().map(|route| &*route.slot));
        slots.filter_map(PipelineSlot::existing).cloned().collect()
    }

    /// The pipelines of this process, including those that only finish the entries they hold.
    pub fn all(&self) -> Vec<Arc<Pipeline>> {
        let mut all = self.in_use();
        all.extend(self.leaving.lock().iter().filter(|pipeline| pipeline.is_own()).cloned());
        all
    }

    /// Ends the pipelines without sinks; their writers still write the entries they hold. Returns those of this process.
    pub fn close_leaving(&self) -> Vec<Arc<Pipeline>> {
        let leaving = std::mem::take(&mut *self.leaving.lock());
        leaving.iter().for_each(Pipeline::close);
        let (own, inherited): (Vec<_>, Vec<_>) = leaving.into_iter().partition(|pipeline| pipeline.is_own());
        inherited.into_iter().for_each(std::mem::forget);
        own
    }

    /// Ends all pipelines.
    pub fn close(&self) {
        let in_use = self.in_use();
        in_use.iter().for_each(Pipeline::close);
        in_use.iter().chain(&self.close_leaving()).for_each(|pipeline| pipeline.retire_inline());
    }
}

impl Route {
    /// Returns the pipeline if it takes records.
    pub fn for_records(&self, snapshot: impl Fn() -> Arc<Snapshot>) -> Option<&Arc<Pipeline>> {
        (self.takes_records && !self.is_direct).then(|| self.slot.get(snapshot))
    }
}
