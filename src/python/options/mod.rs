//! python::options: to be described.

pub(crate) mod destination;
pub(crate) mod file_options;
pub mod parameters;
pub(crate) mod queue_options;
pub mod rules;
pub(crate) mod settings;
pub(crate) mod sink_options;
