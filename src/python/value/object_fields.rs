//! The fields of objects, as defined by the libraries that made their classes.
//!
//! A field that its class keeps out of the `repr` is left out: passwords are marked in this way. An attribute that a
//! database object would have to load is not read. A field that cannot be read becomes a marker, and the others stay.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple, PyType};

use crate::python::py::imports::imported;
use crate::python::py::interpreter::{Kept, name, sys};
use crate::python::py::text::text_bytes;
use crate::python::value::capture::Capture;
use crate::python::value::shape::Part;
use crate::python::value::sharing::is_boundless;
use crate::python::value::source::{OF_MULTI_DICTS, Source};

static DUMPED: Kept<Py<PyAny>> = Kept::new();
static MULTI_ITEMS: Kept<Py<PyAny>> = Kept::new();

/// The text in place of a field that is still in the database.
const NOT_LOADED: &str = "<not loaded>";

/// The fields of an object. None if it has only its text.
pub fn of<'py>(capture: &mut Capture, value: &Bound<'py, PyAny>, source: Source) -> PyResult<Option<Vec<Part<'py>>>> {
    match source {
        Source::Dataclass => of_dataclass(capture, value).map(Some),
        Source::Attrs => of_attrs(capture, value).map(Some),
        Source::Msgspec => of_struct(capture, value).map(Some),
        // The model's own dump copies everything that it holds.
        Source::Model if is_boundless(value) => Ok(None),
        Source::Model => dumped(value),
        Source::MultiDict => of_multi_dict(value),
    }
}

/// The fields of a dataclass that are in its `repr`.
pub(super) fn of_dataclass<'py>(capture: &mut Capture, value: &Bound<'py, PyAny>) -> PyResult<Vec<Part<'py>>> {
    let py = value.py();
    let mapped = mapped(value);
    let mut parts = Vec::new();
    for field in py.import("dataclasses")?.call_method1("fields", (value.get_type(),))?.try_iter()? {
        let field = field?;
        if !field.getattr(name!(py, "repr"))?.is_truthy()? {
            continue;
        }
        let name = field.getattr(name!(py, "name"))?.cast_into::<PyString>()?;
        let read = attribute(capture, value, &name, mapped.as_ref());
        parts.push(Part::Field(text_bytes(name.as_any()).unwrap_or_default(), read));
    }
    Ok(parts)
}

/// The fields of an attrs class. A field with a `repr` function of its own has the text of that function.
pub(super) fn of_attrs<'py>(capture: &mut Capture, value: &Bound<'py, PyAny>) -> PyResult<Vec<Part<'py>>> {
    let py = value.py();
    let mapped = mapped(value);
    let mut parts = Vec::new();
    for field in value.get_type().getattr(name!(py, "__attrs_attrs__"))?.try_iter()? {
        let field = field?;
        let rule = field.getattr(name!(py, "repr"))?;
        if !rule.is_truthy()? {
            continue;
        }
        let name = field.getattr(name!(py, "name"))?.cast_into::<PyString>()?;
        let mut read = attribute(capture, value, &name, mapped.as_ref());
        if let (true, Ok(inner)) = (rule.is_callable(), &read) {
            // This is text as it is, without quotes.
            let shown =
                rule.call1((inner,)).map(|shown| String::from_utf8_lossy(&capture.display(&shown)).into_owned());
            read = Err(shown.unwrap_or_else(|error| capture.marker(value, error)));
        }
        parts.push(Part::Field(text_bytes(name.as_any()).unwrap_or_default(), read));
    }
    Ok(parts)
}

/// The fields of a msgspec `Struct`, under the names it is encoded with. Unset fields are left out, as msgspec does.
fn of_struct<'py>(capture: &mut Capture, value: &Bound<'py, PyAny>) -> PyResult<Vec<Part<'py>>> {
    let py = value.py();
    let class = value.get_type();
    let names = class.getattr(name!(py, "__struct_fields__"))?.cast_into::<PyTuple>()?;
    let shown = class.getattr(name!(py, "__struct_encode_fields__"))?.cast_into::<PyTuple>()?;
    let unset = sys(py).and_then(|sys| sys.getattr(name!(py, "modules")).ok()?.get_item("msgspec").ok());
    let unset = unset.and_then(|module| module.getattr(name!(py, "UNSET")).ok());
    let mut parts = Vec::new();
    for (name, shown) in names.iter().zip(shown.iter()) {
        let read = attribute(capture, value, name.cast::<PyString>()?, None);
        if !matches!((&read, &unset), (Ok(read), Some(unset)) if read.is(unset)) {
            parts.push(Part::Field(text_bytes(&shown).unwrap_or_default(), read));
        }
    }
    Ok(parts)
}

/// The fields of a named tuple.
pub(super) fn of_named_tuple<'py>(value: &Bound<'py, PyAny>) -> PyResult<Vec<Part<'py>>> {
    let names = value.get_type().getattr(name!(value.py(), "_fields"))?.cast_into::<PyTuple>()?;
    let fields = names.iter().zip(value.cast::<PyTuple>()?.iter());
    Ok(fields.map(|(name, item)| Part::Field(text_bytes(&name).unwrap_or_default(), Ok(item))).collect())
}

/// Whether a class is a named tuple with the usual text. `own` is the class's `__repr__`.
pub(super) fn is_named_tuple(class: &Bound<'_, PyType>, own: &Bound<'_, PyAny>) -> bool {
    let py = class.py();
    let home = own.getattr(name!(py, "__module__")).ok().and_then(|home| text_bytes(&home));
    home.as_deref() == Some(b"collections") && class.hasattr(name!(py, "_fields")).unwrap_or(false)
}

/// Whether a class is a dataclass with a generated `__repr__`. `own` is the class's `__repr__`.
pub(super) fn has_made_text(class: &Bound<'_, PyType>, own: &Bound<'_, PyAny>) -> bool {
    let py = class.py();
    if !class.hasattr(name!(py, "__dataclass_fields__")).unwrap_or(false) {
        return false;
    }
    // Generated source has no file. A method of the program's own has one.
    let code = own.getattr(name!(py, "__wrapped__")).and_then(|inner| inner.getattr(name!(py, "__code__")));
    let file = code.and_then(|code| code.getattr(name!(py, "co_filename"))).ok().and_then(|file| text_bytes(&file));
    file.as_deref() == Some(b"<string>")
}

/// Whether a class is an attrs class with a generated `__repr__`. `own` is the class's `__repr__`.
pub(super) fn has_attrs_text(class: &Bound<'_, PyType>, own: &Bound<'_, PyAny>) -> bool {
    let py = class.py();
    let file = own.getattr(name!(py, "__code__")).and_then(|code| code.getattr(name!(py, "co_filename")));
    let file = file.ok().and_then(|file| text_bytes(&file)).unwrap_or_default();
    file.starts_with(b"<attrs generated") && class.hasattr(name!(py, "__attrs_attrs__")).unwrap_or(false)
}

/// The fields that a model's own dump gives.
fn dumped<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Vec<Part<'py>>>> {
    let dumped = imported(value.py(), &DUMPED, "logly._calls.object_fields", "dumped")?;
    pairs(&dumped.call1((value,))?)
}

/// The keys of a mapping that may have several values for a key, each with its value or the list of its values. None
/// for any other mapping.
pub(super) fn of_multi_dict<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Vec<Part<'py>>>> {
    let class = value.get_type();
    if !OF_MULTI_DICTS.iter().any(|name| class.hasattr(*name).unwrap_or(false)) {
        return Ok(None);
    }
    let items = imported(value.py(), &MULTI_ITEMS, "logly._calls.object_fields", "multi_items")?;
    pairs(&items.call1((value,))?)
}

fn pairs<'py>(items: &Bound<'py, PyAny>) -> PyResult<Option<Vec<Part<'py>>>> {
    let Ok(items) = items.cast::<PyList>() else { return Ok(None) };
    let pair = |item: Bound<'py, PyAny>| item.extract().map(|(key, value)| Part::Pair(key, value));
    items.iter().map(pair).collect::<PyResult<_>>().map(Some)
}

/// The attributes that an object mapped by `SQLAlchemy` holds. None for any other object.
fn mapped<'py>(value: &Bound<'py, PyAny>) -> Option<Bound<'py, PyDict>> {
    let held = value.getattr(name!(value.py(), "__dict__")).ok()?.cast_into_exact::<PyDict>().ok()?;
    held.contains(name!(value.py(), "_sa_instance_state")).unwrap_or(false).then_some(held)
}

/// An attribute, or the marker in its place. A mapped object loads its attributes when they are read, so only those
/// that it already holds are taken.
fn attribute<'py>(
    capture: &mut Capture,
    value: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
    mapped: Option<&Bound<'py, PyDict>>,
) -> Result<Bound<'py, PyAny>, String> {
    if let Some(held) = mapped {
        return held.get_item(name).ok().flatten().ok_or_else(|| NOT_LOADED.to_owned());
    }
    value.getattr(name).map_err(|error| capture.marker(value, error))
}
