//! The methods of a logger.
//!
//! Read `py_logger` first, then `configuration`, `sinks`, `file_sink`, `direct_sink`, `export_sink` and `parent_sink`
//! (adding), `flush` (complete, remove), `stats`, `crash`, `doctor`, `saved`, `in_hand` and `inheritance`.

pub mod configuration;
pub mod crash;
pub mod direct_sink;
pub mod doctor;
mod export_sink;
mod file_sink;
pub mod flush;
pub mod in_hand;
pub mod inheritance;
pub mod parent_sink;
mod py_logger;
pub mod saved;
pub mod sinks;
pub mod stats;
