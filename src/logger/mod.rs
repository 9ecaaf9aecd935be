//! logger: to be described.

pub mod callbacks;
pub mod core;
pub mod entries;
pub mod registry;
pub mod saved;
pub mod throttle;
pub mod wants;
