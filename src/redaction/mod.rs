//! Redaction: secrets in records are replaced by masks, by the names of values and by patterns in texts.
//!
//! Read `redactor` first, then `names` and `keys` (names of values), `patterns` and `kept` (secrets in texts), `pairs`
//! (`name=value` in texts), `mask`, `json` (nested values), `encoded` (records) and `recent` (answers that are kept).
//!
//! A `Redactor` is made at configuration and never changes. The work takes time linear in the text: every search is a
//! single pass, and no expression backtracks.

pub mod encoded;
mod expression;
pub mod json;
mod kept;
pub mod keys;
pub mod mask;
pub mod names;
mod numbers;
mod pairs;
pub mod patterns;
pub mod recent;
pub mod redactor;
