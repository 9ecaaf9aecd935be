//! The record: the bytes that go from the caller to the writer.
//!
//! Read `encoded` first (the layout, and how a caller writes it), then `decoded` (how the writer reads it), `detail`
//! (how much of a traceback it holds), `styles` (places in a finished line that get a colour) and `notice` (records
//! that logly makes itself). Everything that writes or reads a line uses this folder; it uses `level`, `site` and
//! `message`.

pub mod decoded;
pub mod detail;
pub mod encoded;
pub mod notice;
pub mod styles;
