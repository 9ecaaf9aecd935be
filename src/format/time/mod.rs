//! Times in formats and in file names.
//!
//! Read `pattern` first (formats such as `YYYY-MM-DD`, and their cache), then `strftime` (the `%Y` forms) and `reading`
//! (a time read back from a name).

pub mod pattern;
pub mod reading;
pub mod strftime;
