//! Records as Python sees them, and the changes that Python code makes to them.
//!
//! Read `message` first, then `records` (records as dicts), `changes` and `patching` (functions that change them),
//! `templates` and `versions`.

pub mod changes;
pub mod message;
pub mod patching;
pub mod records;
pub mod templates;
pub mod versions;
