//! Saving a logger's state and going back to it, as tests do. Sinks of a saved state that are removed are put aside,
//! not closed.

use std::sync::Arc;

use crate::config::logger::Settings;
use crate::error::Result;
use crate::logger::core::Core;
use crate::logger::entries::Entry;
use crate::logger::registry::Registry;
use crate::writer::snapshot::Sink;

/// A state to go back to.
pub struct Saved {
    /// Identifies the state.
    number: u64,
    is_enabled: bool,
    sinks: Vec<Entry>,
    callbacks: Vec<Entry>,
    settings: Arc<Settings>,
}

impl Core {
    /// Saves the state. Until `restore` or `forget`, removing a current sink or callback only hides it.
    pub fn save(&self) -> Saved {
        let mut registry = self.registry.lock();
        registry.held.saved += 1;
        let number = registry.held.saved;
        let ids = registry.entries().map(|entry| entry.sink.id).collect();
        registry.held.needed.push((number, ids));
        Saved {
            number,
            is_enabled: registry.is_enabled,
            sinks: registry.sinks.clone(),
            callbacks: registry.callbacks.entries.clone(),
            settings: Arc::clone(&registry.settings),
        }
    }

    /// Goes back to a state. Returns the sinks and callbacks added since, for the caller to close.
    pub fn restore(&self, saved: Saved) -> Result<Vec<Arc<Sink>>> {
        let mut registry = self.registry.lock();
        let is_new =
            |entry: &&Entry| !saved.sinks.iter().chain(&saved.callbacks).any(|old| old.sink.id == entry.sink.id);
        let mut gone: Vec<Entry> =
            registry.entries().filter(|entry| is_new(&&**entry)).map(|entry| entry.clone()).collect();
        registry.is_enabled = saved.is_enabled;
        let revision = registry.settings.revision + 1;
        registry.settings = Arc::new(Settings { revision, ..Settings::clone(&saved.settings) });
        registry.sinks = saved.sinks;
        registry.callbacks.entries = saved.callbacks;
        registry.held.needed.retain(|(number, _)| *number != saved.number);
        let shown: Vec<u32> = registry.entries().map(|entry| entry.sink.id).collect();
        registry.held.aside.retain(|sink| !shown.contains(&sink.id));
        // Another saved state may still need them.
        registry.put_aside(&gone);
        self.publish(&mut registry)?;
        registry.retire(gone.iter());
        gone.retain(|entry| !registry.held.holds(&entry.sink));
        Ok(gone.into_iter().map(|entry| entry.sink).collect())
    }

    /// Whether a sink that was removed is only hidden.
    pub fn is_held(&self, sink: &Sink) -> bool {
        self.registry.lock().held.holds(sink)
    }
}

impl Registry {
    /// Keeps the removed sinks and callbacks that a saved state needs.
    pub(super) fn put_aside(&mut self, gone: &[Entry]) {
        for entry in gone {
            if self.held.holds(&entry.sink) {
                self.held.aside.push(Arc::clone(&entry.sink));
            }
        }
    }
}
