//! Exceptions in the form of Loguru: frames with a blank line between them, and values below the names of a line.
//!
//! Read `text` first (a chain), then `frames` and `values`. `functions`, `modules` and `numbers` have values in the form that
//! Python gives them. What depends on the code alone is kept in `places`.

mod frames;
mod functions;
mod modules;
mod numbers;
mod places;
pub mod text;
mod values;
