//! Captures and observers: the sinks that the testing kit adds to a logger for a while.

use std::sync::Arc;

use crate::error::Result;
use crate::logger::core::Core;
use crate::logger::entries::activate;
use crate::logger::registry::Registry;
use crate::writer::snapshot::{ActiveSink, Sink};

impl Core {
    /// Makes `sink` the only one that gets records, until `end_capture`.
    pub fn begin_capture(&self, make: impl FnOnce(u32) -> Sink) -> Result<u32> {
        let mut registry = self.registry.lock();
        let id = registry.next_id;
        registry.next_id += 1;
        registry.testing.captures.push(Arc::new(make(id)));
        self.publish(&mut registry)?;
        Ok(id)
    }

    /// Has `sink` get records in addition to all others, until `end_capture`.
    pub fn begin_observing(&self, make: impl FnOnce(u32) -> Sink) -> Result<u32> {
        let mut registry = self.registry.lock();
        let id = registry.next_id;
        registry.next_id += 1;
        registry.testing.observers.push(Arc::new(make(id)));
        self.publish(&mut registry)?;
        Ok(id)
    }

    pub fn end_capture(&self, id: u32) -> Result<()> {
        let mut registry = self.registry.lock();
        let is_over = |sink: &mut Arc<Sink>| sink.id == id;
        let captures: Vec<_> = registry.testing.captures.extract_if(.., is_over).collect();
        let observers: Vec<_> = registry.testing.observers.extract_if(.., is_over).collect();
        let published = self.publish(&mut registry);
        drop(registry);
        // They hold Python objects, so the lock is released first.
        drop((captures, observers));
        published
    }
}

impl Registry {
    /// Whether a capture runs.
    pub(super) fn is_captured(&self) -> bool {
        !self.testing.captures.is_empty()
    }

    pub(super) fn captured(&self) -> Result<Vec<ActiveSink>> {
        let last = self.testing.captures.last().into_iter();
        last.map(|sink| activate(&self.settings, sink, Some(sink.options.level.unwrap_or(0)), true)).collect()
    }

    pub(super) fn observed(&self) -> Result<Vec<ActiveSink>> {
        let observers = self.testing.observers.iter();
        observers.map(|sink| activate(&self.settings, sink, Some(sink.options.level.unwrap_or(0)), true)).collect()
    }
}
