//! logly's core: from one call to one line. The modules stand in the order a record meets them.
//!
//! Without the `python` feature this crate is the core alone and knows no Python.

#[cfg(feature = "python")]
mod python;

pub mod config;
pub mod error;
pub mod level;
pub mod logger;
pub mod message;
pub mod record;
pub mod site;

pub mod backend;
pub mod filter;
pub mod format;
pub mod sink;

pub mod environment;
pub mod report;
pub mod stats;
pub mod sync;
