//! The parts of one call: its place, level, context and options.
//!
//! Read `arrived` first (a call as CPython passes it), then `state` (the logger it was made on), `callsite` with
//! `site_table` and `code_watch`, `fields` (bound fields), `surroundings` (the fields of the context: `context` with
//! `own_fields` and `lasting_context`, `variables` with `field_source`, `known_values`, `from_var` and `span`), `options` (given by
//! `opt`), `names` (thread, process, task), and `taking_over` with `journal` (the logger of a parent process).

pub mod arrived;
pub mod callsite;
pub mod code_watch;
pub mod context;
pub mod field_source;
pub mod fields;
pub mod from_var;
pub mod journal;
pub mod known_values;
pub mod lasting_context;
pub mod names;
pub mod options;
pub mod own_fields;
pub mod site_table;
pub mod span;
pub mod state;
pub mod surroundings;
pub mod taking_over;
pub mod variables;
