//! Applies a change of a logger's sinks and settings to its pipelines.
//!
//! With thousands of queues, most changes concern one queue. It is found by comparing snapshots, and the others are not
//! looked at.

use std::sync::Arc;

use ahash::AHashMap;

use crate::config::queue::QueueOptions;
use crate::writer::key::PipelineKey;
use crate::writer::pipelines::{PipelineSlot, Pipelines, Route, Routes};
use crate::writer::snapshot::{ActiveSink, Sink, Snapshot};

/// If a change concerns more queues than this, all of them are looked at.
const FEW: usize = 8;

/// The sinks of one pipeline, and its key.
type Part<'s> = (PipelineKey, Vec<&'s ActiveSink>);

impl Pipelines {
    /// Applies a change: `sinks` are all sinks, and `shown` is the snapshot from now on. `is_all_shown` says that no
    /// other sinks are kept aside.
    pub fn change<'s>(&self, sinks: impl Iterator<Item = &'s Arc<Sink>>, shown: &Arc<Snapshot>, is_all_shown: bool) {
        let before = std::mem::replace(&mut *self.shown.lock(), is_all_shown.then(|| Arc::clone(shown)));
        match before.filter(|_| is_all_shown).and_then(|before| concerned(&before, shown)) {
            Some(keys) => self.change_some(keys, shown),
            None => self.change_all(sinks, shown),
        }
    }

    fn change_some(&self, keys: Vec<PipelineKey>, shown: &Arc<Snapshot>) {
        for (key, own) in parts_of(keys, shown) {
            if is_routed(&key) {
                self.reroute(&key, &own, shown);
            }
            if let Some(pipeline) = self.with_slot_of(&key, |slot| slot.existing().cloned()).flatten()
                && !pipeline.latest().is_same(shown, &own)
            {
                pipeline.change(&Arc::new(shown.with(own.into_iter().cloned().collect())));
            }
        }
    }

    /// Makes, changes or ends the route to one pipeline.
    fn reroute(&self, key: &PipelineKey, own: &[&ActiveSink], shown: &Arc<Snapshot>) {
        let before = self.routes.load_full();
        let known = before.find(key);
        let takes_records = own.iter().any(|active| is_fed(active));
        if own.is_empty() {
            if let Some(route) = known {
                self.let_go(&route.slot, shown);
                self.routes.store(Arc::new(before.without(key)));
            }
        } else if known.is_none_or(|route| route.takes_records != takes_records) {
            let slot = known.map_or_else(|| self.new_slot(key), |route| Arc::clone(&route.slot));
            let is_direct = self.is_direct(key);
            let mut routes = before.without(key);
            routes.push(key.clone(), Route { slot, takes_records, is_direct });
            self.routes.store(Arc::new(routes));
        }
    }

    fn change_all<'s>(&self, sinks: impl Iterator<Item = &'s Arc<Sink>>, shown: &Arc<Snapshot>) {
        let before = self.routes.load_full();
        let mut routes = Routes::default();
        for key in sinks.filter_map(|sink| own_key(sink)) {
            if routes.find(&key).is_none() {
                let known = before.find(&key).map(|route| Arc::clone(&route.slot));
                let slot = known.unwrap_or_else(|| self.new_slot(&key));
                let is_direct = self.is_direct(&key);
                routes.push(key, Route { slot, takes_records: false, is_direct });
            }
        }
        routes.feed(shown);
        before
            .iter()
            .filter(|route| routes.find(&route.slot.key).is_none())
            .for_each(|route| self.let_go(&route.slot, shown));
        self.routes.store(Arc::new(routes));
        self.tell(shown);
    }

    /// Passes a change to the pipelines that it concerns.
    fn tell(&self, shown: &Snapshot) {
        let pipelines = self.in_use();
        if pipelines.is_empty() {
            return;
        }
        let mut parts: AHashMap<PipelineKey, Vec<&ActiveSink>> = AHashMap::new();
        for active in shown.sinks.iter().filter(|active| active.sink.file().is_some()) {
            parts.entry(PipelineKey::of(&active.sink.options)).or_default().push(active);
        }
        for pipeline in pipelines {
            let own = parts.get(&pipeline.key).map_or(&[][..], Vec::as_slice);
            if !pipeline.latest().is_same(shown, own) {
                pipeline.change(&Arc::new(shown.with(own.iter().copied().cloned().collect())));
            }
        }
    }

    /// Has a pipeline without sinks write the entries it holds and close its files. It must not follow later changes,
    /// whose sinks have another pipeline.
    fn let_go(&self, slot: &PipelineSlot, shown: &Snapshot) {
        if let Some(pipeline) = slot.existing() {
            pipeline.change(&Arc::new(shown.alone()));
            self.leaving.lock().push(Arc::clone(pipeline));
        }
    }
}

impl Routes {
    /// Notes which of the pipelines take records.
    fn feed(&mut self, shown: &Snapshot) {
        for key in shown.sinks.iter().filter(|active| is_fed(active)).filter_map(|active| own_key(&active.sink)) {
            if let Some(place) = self.places.get(&key) {
                self.list[*place].takes_records = true;
            }
        }
    }

    /// Returns the routes without this one.
    fn without(&self, key: &PipelineKey) -> Self {
        let mut others = self.clone();
        if let Some(place) = others.places.remove(key) {
            others.list.swap_remove(place);
            if let Some(moved) = others.list.get(place) {
                others.places.insert(moved.slot.key.clone(), place);
            }
        }
        others
    }
}

/// Returns the queues of the sinks that differ between the snapshots; None if there are many, or if the settings
/// differ.
fn concerned(before: &Snapshot, shown: &Snapshot) -> Option<Vec<PipelineKey>> {
    if !Arc::ptr_eq(&before.settings, &shown.settings) {
        return None;
    }
    let (old, new) = (&before.sinks[..], &shown.sinks[..]);
    let first = old.iter().zip(new).take_while(|(old, new)| old.is_same(new)).count();
    let (old, new) = (&old[first..], &new[first..]);
    let last = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old.is_same(new)).count();
    let mut keys = Vec::new();
    let others = old[..old.len() - last].iter().chain(&new[..new.len() - last]);
    for active in others.filter(|active| active.sink.file().is_some()) {
        let key = PipelineKey::of(&active.sink.options);
        if !keys.contains(&key) {
            keys.push(key);
        }
        if keys.len() > FEW {
            return None;
        }
    }
    Some(keys)
}

fn parts_of(keys: Vec<PipelineKey>, shown: &Snapshot) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = keys.into_iter().map(|key| (key, Vec::new())).collect();
    for active in &shown.sinks {
        if let Some((_, own)) = parts.iter_mut().find(|(key, _)| key.serves(&active.sink)) {
            own.push(active);
        }
    }
    parts
}

/// Whether sinks with this key have a queue with options of their own.
fn is_routed(key: &PipelineKey) -> bool {
    key.is_background() && *key.queue() != QueueOptions::default()
}

/// The key of a sink that has such a queue.
fn own_key(sink: &Sink) -> Option<PipelineKey> {
    let key = sink.file().map(|_| PipelineKey::of(&sink.options))?;
    is_routed(&key).then_some(key)
}

/// Whether the sink gets its records from its pipeline.
fn is_fed(active: &ActiveSink) -> bool {
    active.is_enabled && active.sink.is_native()
}
