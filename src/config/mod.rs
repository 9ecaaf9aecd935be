//! What the user asked for, parsed once into types.

pub mod archive;
pub mod archive_name;
pub mod archive_pattern;
pub mod file_name;
pub mod logger;
pub mod name_template;
pub mod rotation;
pub mod search;
pub mod sink;
