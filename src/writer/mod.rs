//! From the queue to the files.
//!
//! Read `pipeline` first (a queue and its writer), then `writer_thread`, `engine` (records to lines to files),
//! `snapshot` (the settings a record follows), `python_sink` (sinks that are Python), `pipelines` (the pipelines of one
//! logger), `overflow` (a full queue),
//! `recovery` (the records of dead processes), `ticker` (files written by callers) and `ending` (the end of all pipelines).

pub mod ending;
pub mod engine;
pub mod key;
pub mod overflow;
pub mod pipeline;
pub mod pipelines;
pub mod python_sink;
pub mod recovery;
pub mod snapshot;
pub mod ticker;
pub mod writer_thread;
