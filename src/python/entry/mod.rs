//! python::entry: to be described.

mod deliver;
pub mod emit;
pub(crate) mod entry;
pub(crate) mod foreign;
pub(crate) mod python_sinks;
pub(crate) mod special;
