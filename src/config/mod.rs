//! What the user asked for, parsed once into types.

pub mod file_name;
pub mod logger;
pub mod sink;
