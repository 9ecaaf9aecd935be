//! Parameters of `add` and `configure`.
//!
//! Read `parameters` first (all names), then `sink_options`, `file_options`, `queue_options`, `rules`, `destination`
//! and `settings`.

pub mod destination;
pub mod file_options;
pub mod parameters;
pub mod queue_options;
pub mod rules;
pub mod settings;
pub mod sink_options;
