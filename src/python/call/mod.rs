//! The parts of one call: its place, level, context and options.
//!
//! Read `arrived` first (a call as CPython passes it), then `state` (the logger it was made on), `callsite` with
//! `site_table` and `code_watch`, `fields` and `layers` (bound and context fields), `options` (given by `opt`) and
//! `names` (thread, process, task).

pub mod arrived;
pub(crate) mod callsite;
pub(crate) mod code_watch;
pub mod fields;
pub(crate) mod layers;
pub mod names;
pub(crate) mod options;
pub(crate) mod site_table;
pub mod state;
