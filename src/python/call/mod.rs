//! python::call: to be described.

pub mod arrived;
pub(crate) mod callsite;
pub(crate) mod code_watch;
pub mod fields;
pub(crate) mod layers;
pub mod names;
pub(crate) mod options;
pub(crate) mod site_table;
pub mod state;
