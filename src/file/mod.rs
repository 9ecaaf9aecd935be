//! file: to be described.

pub mod active;
pub mod encoding;
pub mod file_writer;
pub mod latest;
pub mod pending;
