//! Configuration files as values that know their lines.
//!
//! Read `value` first, then `toml` and `json`, which both make such values.

pub mod json;
pub mod toml;
pub mod value;
