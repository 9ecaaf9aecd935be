//! Settings, parsed and checked. No code here opens a file or starts a thread.
//!
//! `sink` has the options of one sink and `logger` those of a logger. The other files each parse one kind of value:
//! `size`, `quantity`, `interval`, `daytime`, `schedule`, `rotation`, `rate`, `sampling`, `queue`, `search`, `activation`,
//! `tracebacks`, `shape`, `standard`, `file_name`, and for archives `archive`, `archive_pattern`, `name_template` and
//! `archive_name`.
//! `document` reads configuration files.

pub mod activation;
pub mod archive;
pub mod archive_name;
pub mod archive_pattern;
pub mod daytime;
pub mod document;
pub mod file_name;
pub mod interval;
pub mod logger;
pub mod name_template;
pub mod quantity;
pub mod queue;
pub mod rate;
pub mod rotation;
pub mod sampling;
pub mod schedule;
pub mod search;
pub mod shape;
pub mod sink;
pub mod size;
pub mod standard;
pub mod tracebacks;
