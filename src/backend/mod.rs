//! What runs on, or hands work to, logly's own threads.

pub mod agenda;
pub mod archiver;
pub mod ending;
pub mod engine;
pub mod exit;
pub mod fork;
pub mod gate;
pub mod lane;
pub mod looks;
pub mod notice;
pub mod order;
pub mod overflow;
pub mod oversize;
pub mod pacing;
pub mod parking;
pub mod per_process;
pub mod pipeline;
pub mod pipelines;
pub mod queue;
pub mod snapshot;
pub mod tending;
pub mod thread_time;
pub mod ticker;
pub mod timeline;
pub mod writer;
