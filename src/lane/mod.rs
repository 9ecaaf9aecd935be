//! Lanes: the queues of callbacks and background Python sinks.
//!
//! Read `queue` first (the callers' side), then `chunks` (its memory), `emptying` (the thread's side), `batching` (many
//! records at a time), `order`
//! (callbacks in order of registration), `pacing` (leaving the interpreter to the program), `patience` (processes that
//! may end at any moment), `slot` (one lane for each process) and `counts`.

pub mod awaited;
pub mod batching;
pub mod chunks;
pub mod counts;
pub mod emptying;
pub mod live;
pub mod order;
pub mod pacing;
pub mod patience;
pub mod queue;
pub mod slot;
