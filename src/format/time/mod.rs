//! Times in formats and in file names.
//!
//! Read `pattern` first (formats such as `YYYY-MM-DD`, and their cache), then `strftime` (the `%Y` forms), `reading`
//! (a time read back from a name) and `digits` (which of them stand side by side).

pub mod digits;
pub mod pattern;
pub mod reading;
pub mod strftime;
