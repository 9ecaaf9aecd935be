//! Configuration files as values with line numbers.
//!
//! Read `value` first, then `toml` and `json`, which both produce such values.

pub mod json;
pub mod toml;
pub mod value;
