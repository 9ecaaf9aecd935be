//! Records as Python sees them, and the changes that Python code makes to them.
//!
//! Read `message` first, then `rendering` (its placeholders), `parsed` (templates that are kept) and `interpolated`
//! (template strings), `records`, `record_dict` and `place` (records as dicts), `changes`, `found` and `patching` (functions that
//! change them), `templates` and `versions`.

pub mod changes;
mod found;
pub mod interpolated;
pub mod message;
mod parsed;
pub mod patching;
mod place;
pub mod record_dict;
pub mod records;
mod rendering;
pub mod templates;
pub mod versions;
