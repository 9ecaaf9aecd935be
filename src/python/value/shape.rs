//! The parts of a container, as text and JSON show them.

use std::borrow::Cow;

use pyo3::prelude::*;

/// One part of a container.
pub enum Part<'py> {
    Item(Bound<'py, PyAny>),
    Pair(Bound<'py, PyAny>, Bound<'py, PyAny>),
    /// A name, and a value or the marker in its place.
    Field(Vec<u8>, Result<Bound<'py, PyAny>, String>),
}

/// A container's parts, and the text around them.
pub struct Shape<'py> {
    pub opening: Cow<'static, [u8]>,
    pub parts: std::vec::IntoIter<Part<'py>>,
    pub closing: Cow<'static, [u8]>,
    /// Whether a comma follows a single item.
    pub is_tuple: bool,
}
