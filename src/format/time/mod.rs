//! format::time: to be described.

pub mod pattern;
pub mod reading;
pub mod strftime;
