//! logly's core: from one call to one line. The modules are listed in the order a record meets them.
//!
//! Without the `python` feature this crate is only the core and does not use Python.

#![cfg_attr(
    not(feature = "python"),
    allow(dead_code, reason = "only Python calls the core; the build with it finds the code that nothing uses")
)]

#[cfg(feature = "python")]
mod python;

mod braces;
mod config;
mod dialect;
mod error;
mod level;
mod message;
mod site;

mod expression;
mod filter;

mod archive;
mod clock;
mod crash;
mod disk;
mod environment;
mod export;
mod file;
mod format;
mod lane;
mod logger;
mod process;
mod queue;
mod reading;
mod record;
mod redaction;
mod report;
mod stats;
mod style;
mod sync;
mod sys;
mod view;
mod volume;
mod writer;

#[cfg(any(test, fuzzing))]
pub mod fuzzing;
