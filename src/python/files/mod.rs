//! python::files: to be described.

pub(crate) mod archiving;
pub(crate) mod files;
mod query;
pub(crate) mod retention;
pub(crate) mod unpacking;
