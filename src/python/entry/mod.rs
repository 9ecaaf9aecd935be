//! The entry points of calls.
//!
//! Read `fastcall` first (the raw functions), then `emit`, `deliver` (the common call), `special` (calls with options),
//! `python_sinks` and `foreign` (records of other loggers).

mod deliver;
pub mod emit;
pub mod fastcall;
pub mod foreign;
pub mod python_sinks;
pub mod special;
