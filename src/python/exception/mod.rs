//! Exceptions as text and as JSON.
//!
//! Read `section` first (an exception into a record), then `failure` (the chain), `frames`, `shown` (the selection of
//! frames), `text`, `json` and `given` (text made elsewhere).

pub(crate) mod failure;
mod frames;
pub(crate) mod given;
pub(crate) mod json;
pub(crate) mod section;
mod shown;
pub(crate) mod text;
