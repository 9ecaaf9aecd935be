//! Reading logs back: lines, searches, levels.
//!
//! Read `source` first (the active file and its archives, in order), then `reader` (lines), `search` and `leveled`.

pub mod leveled;
pub mod reader;
pub mod search;
pub mod source;
