//! Objects that have fields, and the libraries that define those fields.

use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

use crate::python::py::interpreter::name;

/// The library or feature that defines the fields of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Dataclass,
    Attrs,
    Msgspec,
    /// A pydantic model.
    Model,
    /// Headers and similar objects, whose class is not a mapping.
    MultiDict,
}

impl Source {
    pub fn of(class: &Bound<'_, PyType>) -> Option<Self> {
        let py = class.py();
        let has = |name: &Bound<'_, PyString>| class.hasattr(name).unwrap_or(false);
        if has(name!(py, "__dataclass_fields__")) {
            return Some(Self::Dataclass);
        }
        if has(name!(py, "__attrs_attrs__")) {
            return Some(Self::Attrs);
        }
        if has(name!(py, "__struct_fields__")) {
            return Some(Self::Msgspec);
        }
        if has(name!(py, "__pydantic_validator__")) || (has(name!(py, "__fields__")) && has(name!(py, "__config__"))) {
            return Some(Self::Model);
        }
        let is_multi =
            has(name!(py, "items")) && OF_MULTI_DICTS.iter().any(|name| class.hasattr(*name).unwrap_or(false));
        is_multi.then_some(Self::MultiDict)
    }
}

/// Methods of mappings that have several values for a key.
pub(super) const OF_MULTI_DICTS: [&str; 4] = ["getlist", "getall", "get_all", "get_list"];
