//! python::exception: to be described.

pub(crate) mod failure;
mod frames;
pub(crate) mod given;
pub(crate) mod json;
pub(crate) mod section;
mod shown;
pub(crate) mod text;
