//! Python values as text and as JSON, within bounds.
//!
//! Read `capture` first (the bounds of one call), then `put` (one value into a record), `percent` (messages of
//! `logging`), `text`, `json`, `flat_json`, `shape` and `containers`, `object_fields`, `source` (the objects that have
//! fields), `known`, `sharing` and `held` (values that would grow without end), `bounded`, `lazy`, `copied` and `arguments` (values
//! given as parameters).

pub mod arguments;
pub mod bounded;
pub mod capture;
mod containers;
pub mod copied;
mod flat_json;
mod held;
pub mod json;
pub mod known;
pub mod lazy;
mod object_fields;
pub mod percent;
pub mod put;
pub mod shape;
pub mod sharing;
pub mod source;
pub mod text;
