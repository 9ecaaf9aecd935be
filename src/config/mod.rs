//! What the user asked for, parsed once into types.

pub mod logger;
pub mod sink;
