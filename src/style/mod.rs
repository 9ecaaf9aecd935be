//! style: to be described.

pub mod codes;
pub mod color;
pub mod markup;
pub mod theme;
