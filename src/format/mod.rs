//! format: to be described.

pub mod escape;
pub mod finished;
pub mod formatter;
pub mod json;
pub mod near_miss;
pub mod number;
pub mod pattern;
pub mod plain;
pub mod text;
pub mod time;
pub mod traceback;
