//! Reading logs and maintaining archives, for Python.
//!
//! Read `methods` first, then `query`, `retention`, `archiving`, `unpacking` and `viewing`.

pub mod archiving;
pub mod methods;
mod query;
pub mod retention;
pub mod unpacking;
pub mod viewing;
