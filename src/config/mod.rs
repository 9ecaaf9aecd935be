//! What the user asked for, parsed once into types.

pub mod archive;
pub mod archive_name;
pub mod file_name;
pub mod logger;
pub mod rotation;
pub mod search;
pub mod sink;
