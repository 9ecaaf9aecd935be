//! Reading logs and maintaining archives, for Python.
//!
//! Read `methods` first, then `query`, `retention`, `archiving`, `unpacking`, `choosing`, `viewing` and
//! `summing`.

pub mod archiving;
mod choosing;
pub mod methods;
mod query;
pub mod retention;
pub mod summing;
pub mod unpacking;
pub mod viewing;
