//! Reading logs back: lines, searches, levels.
//!
//! Read `source` first (the active file and its archives, in order), then `reader` (lines), `search`, `leveled` and
//! `line_values` (for expressions); `json` has the members of objects.

pub mod json;
pub mod leveled;
mod line_values;
pub mod reader;
pub mod search;
pub mod source;
