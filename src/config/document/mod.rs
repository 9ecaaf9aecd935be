//! config::document: to be described.

pub mod json;
pub mod toml;
pub mod value;
