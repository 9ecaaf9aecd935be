//! reading: to be described.

pub mod leveled;
pub mod reader;
pub mod search;
pub mod source;
