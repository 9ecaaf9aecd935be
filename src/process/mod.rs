//! process: to be described.

pub mod ending;
pub mod exit;
pub mod exiting;
pub mod fork;
pub mod gate;
pub mod inherited;
pub mod parking;
pub mod per_process;
pub mod thread_time;
