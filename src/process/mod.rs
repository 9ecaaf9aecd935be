//! The process: forks, its end, and threads at its end.
//!
//! Read `fork` first, then `per_process` (one value for each process), `inherited` (descriptors a child lets go of),
//! `exit_barrier` (threads on their way back to Python), `hanging` (threads that CPython ends), `exiting` (whether the
//! process ends), `ending` (the queues to empty then, and the order of the end as a list), `exit` (after the
//! interpreter) and `fatal` (signals that end it).

pub mod ending;
pub mod exit;
pub mod exit_barrier;
pub mod exiting;
pub mod fatal;
pub mod fork;
pub mod hanging;
pub mod inherited;
pub mod per_process;
