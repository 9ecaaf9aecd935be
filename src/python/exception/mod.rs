//! Exceptions as text and as JSON.
//!
//! Read `section` first (an exception into a record), then `failure` (the chain), `frames`, `shown` (which frames are
//! shown), `text`, `json` and `given` (text that others made).

pub(crate) mod failure;
mod frames;
pub(crate) mod given;
pub(crate) mod json;
pub(crate) mod section;
mod shown;
pub(crate) mod text;
