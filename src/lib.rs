//! logly's core: from one call to one line. The modules are listed in the order a record meets them.
//!
//! Without the `python` feature this crate is only the core and does not use Python.

#[cfg(feature = "python")]
mod python;

pub mod braces;
pub mod config;
pub mod error;
pub mod level;
pub mod message;
pub mod site;

pub mod expression;
pub mod filter;

pub mod archive;
mod c_zone;
pub mod clock;
pub mod disk;
pub mod environment;
pub mod file;
pub mod format;
pub mod lane;
pub mod logger;
pub mod process;
pub mod queue;
pub mod reading;
pub mod record;
pub mod report;
pub mod stats;
pub mod style;
pub mod sync;
pub mod writer;
