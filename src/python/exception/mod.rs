//! Exceptions as text and as JSON.
//!
//! Read `section` first (an exception into a record), then `failure` (the chain), `frames`, `shown` (the selection of
//! frames), `text`, `json` and `given` (text made elsewhere).

pub mod failure;
mod frames;
pub mod given;
pub mod json;
pub mod section;
mod shown;
pub mod text;
