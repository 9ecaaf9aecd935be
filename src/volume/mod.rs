//! The volume of a sink: the share of the records that it takes, and the limit of each call site.
//!
//! `of_sink` decides about one record, with the help of `sampler` and `limiter`. The writer asks for files, and callers
//! ask for sinks that need Python. Records from ERROR up are not asked about.

mod limiter;
pub mod of_sink;
mod sampler;
