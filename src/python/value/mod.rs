//! Python values as text and as JSON, within bounds.
//!
//! Read `capture` first (the bounds of one call), then `put` (one value into a record), `text`, `json`, `flat_json`,
//! `shape` and `containers`, `object_fields`, `source` (the objects that have fields), `known`, `sharing` (values that
//! would grow without end), `bounded`, `lazy`, `copied` and `arguments` (values given as parameters).

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
