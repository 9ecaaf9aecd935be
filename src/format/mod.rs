//! Formatting: from a record to a line.
//!
//! Read `formatter` first (one line), then `pattern` (formats such as `{time} | {message}`), `line`, `text` and `json`
//! (the two forms), `nested` (text within JSON), `prepared` (lines prepared for call sites), `context`, `shape` (the JSON of other systems, and
//! logfmt), `escape` (characters that must not reach a terminal or a file unchanged), `time`, `number`, `spec` (plain
//! values in messages), `plain`, `traceback`, `finished` (messages that their caller finishes),
//! `standalone` (records for another process), `near_miss` (misspelled placeholders) and `record_values` (for
//! expressions). The writer and the Python sinks use it; it does not depend on sinks or files.

pub mod context;
pub mod escape;
pub mod finished;
pub mod formatter;
pub mod json;
pub mod line;
pub mod near_miss;
pub mod nested;
pub mod number;
pub mod pattern;
pub mod plain;
pub mod prepared;
pub mod record_values;
pub mod shape;
pub mod spec;
pub mod standalone;
pub mod text;
pub mod time;
pub mod traceback;
