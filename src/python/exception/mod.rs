//! Exceptions as text and as JSON.
//!
//! Read `section` first (an exception into a record), then `failure` (the chain), `frames`, `shown` (the selection of
//! frames), `text`, `json` and `given` (text made elsewhere). `loguru` has the texts of that dialect.
//! `values` writes the values of variables for both, and `secrets` masks them.

mod by_place;
pub mod failure;
mod frames;
pub mod given;
pub mod json;
mod kind;
mod loguru;
pub mod secrets;
pub mod section;
mod shown;
pub mod text;
pub mod values;
