//! Records as Python sees them, and the changes that Python code makes to them.
//!
//! Read `message` first, then `records` (records as dicts), `asking` and `patching` (functions that change them),
//! `templates` and `versions`.

pub(crate) mod asking;
pub(crate) mod message;
pub(crate) mod patching;
pub(crate) mod records;
pub(crate) mod templates;
pub(crate) mod versions;
