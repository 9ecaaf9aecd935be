//! What sinks have in common that share a pipeline.

use crate::config::queue::{DEFAULT_BYTES, QueueOptions};
use crate::config::sink::SinkOptions;
use crate::queue::ring::Ring;
use crate::report;
use crate::writer::snapshot::{Sink, Snapshot};
use std::sync::Arc;

/// What sinks have in common that share a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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

    /// What holds for the sinks that it serves, so that a change of others is none for them.
    pub fn part(&self, shown: &Snapshot) -> Arc<Snapshot> {
        let own = shown.sinks.iter().filter(|active| self.serves(&active.sink));
        Arc::new(shown.with(own.cloned().collect()))
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
