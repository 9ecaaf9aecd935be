//! What runs on, or hands work to, logly's own threads.

pub mod engine;
pub mod fork;
pub mod pipeline;
pub mod queue;
pub mod snapshot;
pub mod writer;
