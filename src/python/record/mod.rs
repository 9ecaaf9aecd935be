//! python::record: to be described.

pub(crate) mod asking;
pub(crate) mod message;
pub(crate) mod patching;
pub(crate) mod records;
pub(crate) mod templates;
pub(crate) mod versions;
