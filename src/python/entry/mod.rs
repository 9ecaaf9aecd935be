//! The entry points of calls.
//!
//! Read `fastcall` first (the raw functions), then `emit`, `deliver` (the common call), `special` (calls with options),
//! `python_sinks` and `foreign` (records of other loggers).

mod deliver;
pub mod emit;
pub(crate) mod fastcall;
pub(crate) mod foreign;
pub(crate) mod python_sinks;
pub(crate) mod special;
