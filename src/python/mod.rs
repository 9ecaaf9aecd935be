//! The extension module: the only folder that uses Python.
//!
//! From the bottom up: `py` (CPython), `value` (values), `call` (the values that a call carries), `exception`, `record`
//! (records as Python sees them), `sink` (sinks that are Python objects), `options` (parameters), `lane` (callbacks and
//! sinks in the background), `files` (reading and archiving), `logger` (methods), `entry` (where calls enter),
//! `stdlib` (calls of `logging`) and `module`. Each uses those before it.

pub mod call;
pub mod entry;
pub mod exception;
pub mod files;
pub mod lane;
pub mod logger;
mod module;
pub mod options;
pub mod py;
pub mod record;
pub mod sink;
mod stdlib;
pub mod value;
