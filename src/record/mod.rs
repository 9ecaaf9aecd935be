//! The record: the bytes that go from the caller to the writer.
//!
//! Read `encoded` first (the layout, and how a caller writes it), then `decoded` (how the writer reads it) with
//! `configured` (the fields of every record), `detail` (the amount of detail in a traceback), `styles` (the style
//! changes in a finished message) and `notice` (records that logly makes itself). All code that writes or reads a line
//! uses this folder; it uses `level`, `site` and `message`.

pub mod configured;
pub mod decoded;
pub mod detail;
pub mod encoded;
pub mod notice;
pub mod styles;
