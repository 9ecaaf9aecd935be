//! What the user asked for, parsed once into types.

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
pub mod schedule;
pub mod search;
pub mod sink;
pub mod size;
pub mod tracebacks;
