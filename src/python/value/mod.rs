//! python::value: to be described.

pub(crate) mod arguments;
pub(crate) mod bounded;
pub(crate) mod capture;
mod containers;
pub mod copied;
mod flat_json;
pub(crate) mod json;
pub(crate) mod known;
pub mod lazy;
mod object_fields;
pub mod put;
pub mod shape;
pub(crate) mod sharing;
pub mod source;
pub(crate) mod text;
