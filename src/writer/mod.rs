//! writer: to be described.

pub mod ending;
pub mod engine;
pub mod key;
pub mod overflow;
pub mod pipeline;
pub mod pipelines;
pub mod snapshot;
pub mod ticker;
pub mod writer_thread;
