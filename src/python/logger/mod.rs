//! python::logger: to be described.

pub(crate) mod configuration;
mod file_sink;
pub(crate) mod in_hand;
mod py_logger;
pub(crate) mod saved;
pub(crate) mod settling;
pub(crate) mod sinks;
pub(crate) mod stats;
pub(crate) mod verdict;
