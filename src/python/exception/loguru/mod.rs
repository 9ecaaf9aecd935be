//! Exceptions in the form of Loguru: frames with a blank line between them, and values below the names of a line.
//!
//! Read `text` first (a chain), then `frames`, `values`, `containers` and `single`. What depends on the code alone is kept in `places`.

mod containers;
mod frames;
mod places;
mod single;
pub mod text;
mod values;
