//! Parameters of `add` and `configure`.
//!
//! Read `parameters` first (all names), then `sink_options`, `file_options`, `queue_options`, `rules`, `destination`
//! and `settings`.

pub(crate) mod destination;
pub(crate) mod file_options;
pub mod parameters;
pub(crate) mod queue_options;
pub mod rules;
pub(crate) mod settings;
pub(crate) mod sink_options;
