//! Parameters of `add` and `configure`.
//!
//! Each function has one table: `sink_parameters`, `setting_parameters`, and the one in `callback_options`. Read
//! `parameter` (a row) and `parameters` (how a table is used) first. The other files have the functions that take the
//! values.

pub mod callback_options;
pub mod destination;
pub mod export_options;
pub mod file_options;
pub mod parameter;
pub mod parameters;
pub mod queue_options;
pub mod redaction;
pub mod rules;
pub mod setting_parameters;
pub mod settings;
pub mod shape_options;
pub mod sink_options;
pub mod sink_parameters;
