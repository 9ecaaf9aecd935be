//! The parts of one call: its place, level, context and options.
//!
//! Read `arrived` first (a call as CPython passes it), then `state` (the logger it was made on), `callsite` with
//! `site_table` and `code_watch`, `fields` and `context` (bound and context fields), `options` (given by `opt`) and
//! `names` (thread, process, task).

pub mod arrived;
pub mod callsite;
pub mod code_watch;
pub mod context;
pub mod fields;
pub mod names;
pub mod options;
pub mod site_table;
pub mod state;
