//! The key of a pipeline: the options that all its sinks share.

use std::sync::Arc;

use crate::config::queue::{DEFAULT_BYTES, KeptQueue, QueueOptions};
use crate::config::sink::SinkOptions;
use crate::crash::own;
use crate::crash::own::{CrashFile, Names, Wanted};
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

    /// Makes a ring for the queue, with its crash file if it has one. The ring is smaller if there is not enough memory,
    /// which is reported once.
    pub(super) fn ring(&self, start_ns: i64) -> (Ring, Option<CrashFile>) {
        if let Some(kept) = &self.queue.kept
            && let Some((ring, file)) = self.kept_ring(kept, start_ns)
        {
            return (ring, Some(file));
        }
        let ring = Ring::new(self.queue.bytes, self.queue.most_records);
        if ring.capacity() < self.queue.bytes {
            let (wanted, had) = (self.queue.bytes, ring.capacity());
            report::tell_once("small ring", &format!("no memory for a queue of {wanted} bytes; it has {had}"));
        }
        (ring, None)
    }

    /// The names of the crash files, if the queue outlives the process.
    pub(super) fn crash_names(&self) -> Option<Names> {
        self.queue.kept.as_ref().map(|kept| Names::new(kept.folder.clone(), &kept.log))
    }

    fn kept_ring(&self, kept: &KeptQueue, start_ns: i64) -> Option<(Ring, CrashFile)> {
        let QueueOptions { bytes, most_records, .. } = self.queue;
        let (has_functions, form) = (kept.has_functions, kept.form.clone());
        let wanted = Wanted { bytes, most_records, start_ns, has_functions, form };
        match own::create(&Names::new(kept.folder.clone(), &kept.log), &wanted) {
            Ok(made) => Some(made),
            Err(error) => {
                let path = kept.folder.join(&kept.log);
                let path = path.display();
                report::tell(&format!("{path}: no crash file can be made ({error}); its queue ends with the process"));
                None
            }
        }
    }

    pub fn is_background(&self) -> bool {
        self.is_background
    }
}
