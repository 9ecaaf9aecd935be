//! A logger's registry: its sinks, callbacks and settings, and the sinks and callbacks that saved states need.

use std::sync::{Arc, Weak};

use crate::config::logger::Settings;
use crate::error::Result;
use crate::logger::entries::Entry;
use crate::writer::snapshot::{ActiveSink, Sink};

/// Holds the sinks' ids and their current list; the next snapshot is made from it.
pub(super) struct Registry {
    pub(super) next_id: u32,
    pub(super) is_enabled: bool,
    pub(super) testing: Testing,
    pub(super) sinks: Vec<Entry>,
    pub(super) callbacks: Callbacks,
    /// Each change makes a new value. Its address tells whether results made from it are still valid.
    pub(super) settings: Arc<Settings>,
    pub(super) held: Held,
}

/// The sinks of the testing kit. No list shows them.
#[derive(Default)]
pub(super) struct Testing {
    /// While there are captures, only the last one gets records.
    pub(super) captures: Vec<Arc<Sink>>,
    /// They get the same records as the logger's own sinks.
    pub(super) observers: Vec<Arc<Sink>>,
}

/// The registry's callbacks.
#[derive(Default)]
pub struct Callbacks {
    pub(super) entries: Vec<Entry>,
    /// Removed sinks and callbacks that may still have records.
    pub(super) retired: Vec<Weak<Sink>>,
}

/// The sinks and callbacks that saved states need, and the removed ones among them.
#[derive(Default)]
pub(super) struct Held {
    pub(super) saved: u64,
    /// The sinks and callbacks of each state that was saved and not restored.
    pub(super) needed: Vec<(u64, Vec<u32>)>,
    pub(super) aside: Vec<Arc<Sink>>,
}

impl Held {
    pub(super) fn holds(&self, sink: &Sink) -> bool {
        self.needed.iter().any(|(_, ids)| ids.contains(&sink.id))
    }

    pub(super) fn aside(&self) -> impl Iterator<Item = &Arc<Sink>> {
        self.aside.iter()
    }
}

impl Registry {
    pub(super) fn active(&mut self) -> Result<Vec<ActiveSink>> {
        let settings = &self.settings;
        self.sinks.iter_mut().map(|entry| entry.active(settings)).collect()
    }
}
