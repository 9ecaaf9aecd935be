//! Classes that logly knows by name, without an import: a value exists only once its class's module is imported.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyRange, PyType};

use crate::python::py::interpreter::{Kept, name, sys};
use crate::python::value::source::Source;

/// `known_class!(py, "collections", "deque")` is that class, if its module is imported.
macro_rules! known_class {
    ($py:expr, $module:literal, $name:literal) => {{
        static FOUND: $crate::python::py::interpreter::Kept<pyo3::Py<pyo3::types::PyType>> =
            $crate::python::py::interpreter::Kept::new();
        $crate::python::value::known::find($py, &FOUND, $module, $name)
    }};
}
pub(crate) use known_class;

/// Types that have a JSON form of their own.
#[derive(Clone, Copy)]
pub enum Known {
    /// `datetime`, `date`, `time`.
    Moment,
    Seconds,
    /// `Decimal`, `UUID`, paths, `UserString`.
    Text,
    Enumeration,
    /// A numpy scalar.
    Scalar,
    Mapping,
    Sequence,
    /// An object whose fields are known.
    Fields(Source),
}

/// The modules and names of the types. A value exists only once its type's module is imported, so this imports nothing.
const TYPES: [(&str, &str, Known); 13] = [
    ("datetime", "date", Known::Moment),
    ("datetime", "time", Known::Moment),
    ("datetime", "timedelta", Known::Seconds),
    ("decimal", "Decimal", Known::Text),
    ("uuid", "UUID", Known::Text),
    ("pathlib", "PurePath", Known::Text),
    ("collections", "UserString", Known::Text),
    ("enum", "Enum", Known::Enumeration),
    ("numpy", "generic", Known::Scalar),
    ("_collections_abc", "Mapping", Known::Mapping),
    ("_collections_abc", "Sequence", Known::Sequence),
    ("_collections_abc", "Set", Known::Sequence),
    ("_collections_abc", "ValuesView", Known::Sequence),
];

static FOUND: [Kept<Py<PyType>>; TYPES.len()] = [const { Kept::new() }; TYPES.len()];

/// Whether a value is a mapping of any kind.
pub fn is_mapping(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    known_class!(value.py(), "_collections_abc", "Mapping").map_or(Ok(false), |class| value.is_instance(class))
}

impl Known {
    pub fn of(value: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        if value.is_instance_of::<PyType>() {
            return Ok(None);
        }
        // The short text of a range may stand for numbers without end.
        if value.is_exact_instance_of::<PyRange>() {
            return Ok(Some(Self::Text));
        }
        let py = value.py();
        for (index, (module, name, kind)) in TYPES.into_iter().enumerate() {
            if let Some(class) = find(py, &FOUND[index], module, name)
                && value.is_instance(class)?
            {
                return Ok(Some(kind));
            }
        }
        Ok(Source::of(&value.get_type()).map(Self::Fields))
    }
}

/// The class of that name. A class that was found is kept. While its module is not imported, each call looks again.
pub fn find<'py>(
    py: Python<'py>,
    found: &'static Kept<Py<PyType>>,
    module: &str,
    name: &str,
) -> Option<&'py Bound<'py, PyType>> {
    if let Some(class) = found.get(py) {
        return Some(class.bind(py));
    }
    let modules = sys(py)?.getattr(name!(py, "modules")).ok()?.cast_into::<PyDict>().ok()?;
    let module = modules.get_item(module).ok()??;
    let class = module.getattr(name).ok()?.cast_into::<PyType>().ok()?;
    // Another thread may have been first. It found the same class.
    Some(found.set(py, class.unbind()).bind(py))
}
