//! record: to be described.

pub mod decoded;
pub mod detail;
pub mod encoded;
pub mod notice;
pub mod styles;
