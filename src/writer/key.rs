//! The key of a pipeline: the options that all its sinks share.

use std::sync::Arc;

use crate::config::queue::{DEFAULT_BYTES, QueueOptions};
use crate::config::sink::SinkOptions;
use crate::queue::ring::Ring;
use crate::report;
use crate::writer::snapshot::{Sink, Snapshot};

/// The options that all sinks of one pipeline share.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PipelineKey {
    queue: QueueOptions,
    is_background: bool,
}

impl Default for PipelineKey {
    /// The writer's pipeline, for files with the default queue.
    fn default() -> Self {
        Self { queue: QueueOptions::default(), is_background: true }
    }
}

impl PipelineKey {
    /// The callers' own pipeline. Its queue is empty while no caller writes, and its options cannot be chosen.
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

    /// The part of a snapshot for the sinks that it serves; a change of other sinks does not change this part.
    pub fn part(&self, shown: &Snapshot) -> Arc<Snapshot> {
        let own = shown.sinks.iter().filter(|active| self.serves(&active.sink));
        Arc::new(shown.with(own.cloned().collect()))
    }

    pub fn queue(&self) -> &QueueOptions {
        &self.queue
    }

    /// Makes a ring for the queue. The ring is smaller if there is not enough memory, which is reported once.
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
