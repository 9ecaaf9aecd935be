//! The entry points of calls.
//!
//! Read `fastcall` first (the raw functions), then `emit`, `deliver` (the common call), `special` (calls with options),
//! `python_sinks`, `live_record` and `filters_and_formats` (the sinks that need Python), `foreign` (records of
//! other loggers) and `received` (records of other processes).

mod deliver;
pub mod emit;
pub mod fastcall;
mod filters_and_formats;
pub mod foreign;
mod live_record;
pub mod python_sinks;
pub mod received;
pub mod special;
