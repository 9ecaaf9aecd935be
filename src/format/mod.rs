//! From a record to a line.
//!
//! Read `formatter` first (one line), then `pattern` (formats such as `{time} | {message}`), `text` and `json` (the two
//! forms), `escape` (what must not reach a terminal or a file as it is), `time`, `number`, `plain`, `traceback`,
//! `finished` (lines that Python made) and `near_miss` (placeholders with a spelling mistake). The writer and the
//! Python sinks use it; it knows no sink and no file.

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
