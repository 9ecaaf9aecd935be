//! Reading logs and maintaining archives, for Python.
//!
//! Read `methods` first, then `query`, `retention`, `archiving` and `unpacking`.

pub mod archiving;
pub mod methods;
mod query;
pub mod retention;
pub mod unpacking;
