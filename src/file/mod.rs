//! The file that a sink writes to.
//!
//! Read `file_writer` first (called by the writer), then `active` (the open file) with `active/looking` and
//! `active/rotating`, `active/streaming` (a standard stream in place of a file), `pending` (bytes that are not written
//! yet), `encoding` and `latest` (the link to the newest file).

pub mod active;
pub mod encoding;
pub mod file_writer;
pub mod latest;
pub mod pending;
