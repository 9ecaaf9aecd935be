//! The methods of a logger.
//!
//! Read `py_logger` first, then `configuration`, `sinks` and `file_sink` (adding), `settling` (complete, remove),
//! `stats`, `verdict`, `saved` and `in_hand`.

pub(crate) mod configuration;
mod file_sink;
pub(crate) mod in_hand;
mod py_logger;
pub(crate) mod saved;
pub(crate) mod settling;
pub(crate) mod sinks;
pub(crate) mod stats;
pub(crate) mod verdict;
