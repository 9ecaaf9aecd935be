//! Finds the changes that a function of the program made to the dict of a record.
//!
//! Most functions set or add fields, which is found natively. If another part changed, Python looks at every key
//! (`python/logly/_records/patching.py`).

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::python::py::imports::imported;
use crate::python::py::interpreter::{Kept, name};
use crate::python::py::text::utf8;
use crate::python::record::changes::Before;

static CHANGES: Kept<Py<PyAny>> = Kept::new();
static CHANGES_IN_LOGURU: Kept<Py<PyAny>> = Kept::new();

/// The keys of a record's dict that are not fields.
const KEYS: [&str; 16] = [
    "message",
    "timestamp",
    "time",
    "level",
    "module",
    "name",
    "function",
    "file",
    "filename",
    "lineno",
    "line",
    "thread",
    "process",
    "elapsed",
    "exception",
    "extra",
];

/// The changes to a record's dict. None means "as before".
#[derive(FromPyObject)]
pub struct Changes<'py> {
    pub fields: Bound<'py, PyDict>,
    /// Names of fields that are the same objects as before.
    pub same: Vec<Bound<'py, PyAny>>,
    pub message: Option<Bound<'py, PyAny>>,
    pub level: Option<Bound<'py, PyAny>>,
    pub level_no: Option<i32>,
    pub time_ns: Option<i64>,
    pub has_place: bool,
    /// Module, function and path.
    pub place: Vec<Bound<'py, PyAny>>,
    pub line: u32,
    pub thread: Option<u64>,
    /// Whether the exception was replaced or removed.
    pub has_exception: bool,
    pub exception: Option<Bound<'py, PyAny>>,
    pub has_stack: bool,
    pub stack: Option<Bound<'py, PyAny>>,
    /// The parts, by the numbers of `SetPart`.
    pub parts: BTreeMap<u8, Bound<'py, PyAny>>,
    /// Keys with unusable values: the key, the expected type, and the given type.
    pub refused: Vec<(String, String, String)>,
}

/// Imports the function for other changes.
pub fn preload(py: Python<'_>) -> PyResult<()> {
    imported(py, &CHANGES, "logly._records.patching", "changes").map(drop)
}

/// The changes from `before` to `after`. `has_stack` says whether the record has a stack, which is then no field.
pub fn found<'py>(before: &Before<'py>, after: &Bound<'py, PyDict>, has_stack: bool) -> PyResult<Changes<'py>> {
    let py = after.py();
    let is_loguru = before.is_in_loguru();
    if !has_stack
        && !before.is_touched()
        && let Some(extra) = extra_of(after)
    {
        if before.is_same_record(after) {
            return in_extra(before, &extra);
        }
        if let Some(new) = new_fields(before, after).filter(|new| !is_loguru || new.is_empty()) {
            if is_loguru {
                return in_extra(before, &extra);
            }
            return fields_alone(before, (after, &extra), new);
        }
    }
    let changes = if is_loguru {
        imported(py, &CHANGES_IN_LOGURU, "logly.loguru._changes", "changes")?
    } else {
        imported(py, &CHANGES, "logly._records.patching", "changes")?
    };
    changes.call1((&before.record, &before.extra, after))?.extract()
}

fn extra_of<'py>(record: &Bound<'py, PyDict>) -> Option<Bound<'py, PyDict>> {
    record.get_item(name!(record.py(), "extra")).ok().flatten()?.cast_into_exact::<PyDict>().ok()
}

fn is_key(name: &Bound<'_, PyAny>) -> bool {
    name.cast::<PyString>().is_ok_and(|name| utf8(name.as_borrowed()).is_some_and(|name| KEYS.contains(&name)))
}

/// A field's name and its value.
type Field<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);

/// The new items of the dict, which are fields. None if anything but fields changed, or keys were removed.
fn new_fields<'py>(before: &Before<'py>, after: &Bound<'py, PyDict>) -> Option<Vec<Field<'py>>> {
    let mut new = Vec::new();
    let mut known = before.record.iter();
    for (name, value) in after.iter() {
        let Some((known_name, known_value)) = known.next() else {
            if is_key(&name) {
                return None;
            }
            new.push((name, value));
            continue;
        };
        let is_extra = || name.is(name!(name.py(), "extra"));
        if !name.is(&known_name) || (!value.is(&known_value) && !is_extra() && is_key(&name)) {
            return None;
        }
    }
    known.next().is_none().then_some(new)
}

/// The changes if only the dict of fields may have changed.
fn in_extra<'py>(before: &Before<'py>, extra: &Bound<'py, PyDict>) -> PyResult<Changes<'py>> {
    let fields = extra.copy()?;
    let mut same = Vec::with_capacity(fields.len());
    for (name, value) in fields.iter() {
        if before.extra.get_item(&name)?.is_some_and(|known| known.is(&value)) {
            same.push(name);
        }
    }
    Ok(Changes::of_fields(fields, same))
}

/// The changes if only fields changed: in `extra`, or at the top level if the change was made there.
fn fields_alone<'py>(
    before: &Before<'py>,
    (after, extra): (&Bound<'py, PyDict>, &Bound<'py, PyDict>),
    new: Vec<Field<'py>>,
) -> PyResult<Changes<'py>> {
    let fields = PyDict::new(after.py());
    let mut same = Vec::new();
    // Names may be objects of the program, whose code runs when they are looked up.
    let items: Vec<Field<'py>> = extra.iter().collect();
    for (name, value) in items {
        if before.extra.get_item(&name)?.is_none_or(|known| !known.is(&value)) {
            fields.set_item(name, value)?;
            continue;
        }
        let outer = if is_key(&name) { Some(value.clone()) } else { after.get_item(&name)? };
        let Some(outer) = outer else { continue };
        fields.set_item(&name, &outer)?;
        if outer.is(&value) {
            same.push(name);
        }
    }
    for (name, value) in new {
        if !fields.contains(&name)? {
            fields.set_item(name, value)?;
        }
    }
    Ok(Changes::of_fields(fields, same))
}

impl<'py> Changes<'py> {
    /// The changes if only fields changed.
    fn of_fields(fields: Bound<'py, PyDict>, same: Vec<Bound<'py, PyAny>>) -> Self {
        Self {
            fields,
            same,
            message: None,
            level: None,
            level_no: None,
            time_ns: None,
            has_place: false,
            place: Vec::new(),
            line: 0,
            thread: None,
            has_exception: false,
            exception: None,
            has_stack: false,
            stack: None,
            parts: BTreeMap::new(),
            refused: Vec::new(),
        }
    }
}
