//! The callbacks of a logger, and the lanes of callbacks and background sinks.

use std::sync::{Arc, Weak};

use crate::error::Result;
use crate::logger::core::Core;
use crate::logger::entries::Entry;
use crate::logger::registry::Registry;
use crate::stats::Tally;
use crate::writer::snapshot::{ActiveSink, Sink};

impl Core {
    /// Adds a callback in place of those it replaces, which finish the records they have; returns its id.
    pub fn add_callback(&self, is_replaced: impl Fn(&Sink) -> bool, make: impl FnOnce(u32) -> Sink) -> Result<u32> {
        let mut registry = self.registry.lock();
        let id = registry.next_id;
        let sink = Arc::new(make(id));
        let before = registry.callbacks.entries.clone();
        registry.callbacks.entries.retain(|entry| !is_replaced(&entry.sink));
        registry.callbacks.entries.push(Entry::new(sink));
        if let Err(error) = self.publish(&mut registry) {
            registry.callbacks.entries = before;
            return Err(error);
        }
        registry.next_id += 1;
        let gone: Vec<_> = before.iter().filter(|entry| is_replaced(&entry.sink)).cloned().collect();
        registry.put_aside(&gone);
        registry.retire(gone.iter());
        drop(registry);
        drop(before);
        Ok(id)
    }

    /// Removes callbacks, which finish the records they have.
    pub fn remove_callbacks(&self, is_gone: impl Fn(&Sink) -> bool) -> Result<Vec<Arc<Sink>>> {
        let mut registry = self.registry.lock();
        let all = std::mem::take(&mut registry.callbacks.entries);
        let (gone, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(|entry| is_gone(&entry.sink));
        registry.callbacks.entries = kept;
        registry.put_aside(&gone);
        self.publish(&mut registry)?;
        registry.retire(gone.iter());
        drop(registry);
        Ok(gone.into_iter().map(|entry| entry.sink).collect())
    }

    /// The callbacks without captures, in the order they were added.
    pub fn callbacks(&self) -> Vec<ActiveSink> {
        let mut registry = self.registry.lock();
        registry.active_callbacks().unwrap_or_default()
    }

    /// The counts of each callback's records, in the order the callbacks were added.
    pub fn callback_tallies(&self) -> Vec<(Arc<Sink>, Tally)> {
        let registry = self.registry.lock();
        let entries = registry.callbacks.entries.iter();
        entries.map(|entry| (Arc::clone(&entry.sink), self.tally(&entry.sink))).collect()
    }

    /// The sinks and callbacks with lanes, including removed ones that are not done.
    pub fn with_lanes(&self) -> Vec<Arc<Sink>> {
        let mut registry = self.registry.lock();
        let aside: Vec<_> = registry.held.aside().filter(|sink| sink.lane.is_some()).map(Arc::clone).collect();
        let retired = &mut registry.callbacks.retired;
        retired.retain(|sink| sink.strong_count() > 0);
        let retired: Vec<_> = retired.iter().filter_map(Weak::upgrade).collect();
        let known = registry.entries().filter(|entry| entry.sink.lane.is_some()).map(|entry| Arc::clone(&entry.sink));
        known.chain(retired).chain(aside).collect()
    }

    /// Closes the lanes of a logger that is gone: their records are handled, then their threads end.
    pub(super) fn close_lanes(&self) {
        for slot in self.with_lanes().iter().filter_map(|sink| sink.lane.as_ref()) {
            slot.get().close();
        }
    }
}

impl Registry {
    /// The sinks and callbacks.
    pub(super) fn entries(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.sinks.iter_mut().chain(&mut self.callbacks.entries)
    }

    fn active_callbacks(&mut self) -> Result<Vec<ActiveSink>> {
        let settings = &self.settings;
        self.callbacks.entries.iter_mut().map(|entry| entry.active(settings)).collect()
    }

    /// The active sinks that have a lane, and the callbacks unless a capture hides them.
    pub(super) fn with_lanes(&mut self, active: &[ActiveSink]) -> Result<Vec<ActiveSink>> {
        let mut lanes: Vec<_> = active.iter().filter(|active| active.sink.lane.is_some()).cloned().collect();
        if !self.is_captured() {
            lanes.extend(self.active_callbacks()?);
        }
        Ok(lanes)
    }

    /// Closes the lanes of removed sinks and callbacks, so that they take no more records.
    pub(super) fn retire<'e>(&mut self, gone: impl Iterator<Item = &'e Entry>) {
        // The memory of a sink is freed with the last weak reference to it.
        self.callbacks.retired.retain(|sink| sink.strong_count() > 0);
        for entry in gone {
            if let Some(slot) = entry.sink.lane.as_ref().filter(|_| !self.held.holds(&entry.sink)) {
                slot.get().close();
                self.callbacks.retired.push(Arc::downgrade(&entry.sink));
            }
        }
    }
}
