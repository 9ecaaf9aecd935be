//! Reading logs and maintaining archives, for Python.
//!
//! Read `methods` first, then `query`, `retention`, `archiving` and `unpacking`.

pub(crate) mod archiving;
pub(crate) mod methods;
mod query;
pub(crate) mod retention;
pub(crate) mod unpacking;
