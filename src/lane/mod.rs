//! lane: to be described.

pub mod awaited;
pub mod chunks;
pub mod counts;
pub mod emptying;
pub mod live;
pub mod order;
pub mod pacing;
pub mod patience;
pub mod queue;
pub mod slot;
