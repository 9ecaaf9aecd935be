//! The parts of a record's dict that come from its place in the program, and objects that records share.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::python::py::imports::imported;
use crate::python::py::interpreter::{Kept, name};
use crate::python::py::text::to_python;
use crate::python::record::changes::touched;
use crate::site::Location;

/// A function or class of Python that makes a part of a record.
pub(super) struct Maker {
    kept: Kept<Py<PyAny>>,
    module: &'static str,
    name: &'static str,
}

impl Maker {
    pub(super) const fn new(module: &'static str, name: &'static str) -> Self {
        Self { kept: Kept::new(), module, name }
    }

    pub(super) fn load<'py>(&'static self, py: Python<'py>) -> PyResult<&'py Bound<'py, PyAny>> {
        imported(py, &self.kept, self.module, self.name)
    }
}

/// An object that records share, and the number of changes to such objects when it was made.
pub(super) struct Shared(Py<PyAny>, u64);

impl Shared {
    pub(super) fn new(object: &Bound<'_, PyAny>) -> Self {
        Self(object.clone().unbind(), touched())
    }

    /// The object, unless another record or the program has it, or may have changed it.
    #[expect(deprecated, reason = "CPython is asked directly otherwise, which would need a file for it")]
    pub(super) fn free<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        (self.1 == touched() && self.0.bind(py).get_refcnt() == 1).then(|| self.0.bind(py).clone())
    }
}

/// The objects of a place in the program.
pub(super) struct Place {
    module: Py<PyAny>,
    function: Py<PyAny>,
    path: Py<PyAny>,
    line: Py<PyAny>,
    line_text: Py<PyAny>,
    file: Option<Shared>,
    outline: Option<Outline>,
    /// The number of records without an outline.
    misfits: u32,
}

/// A dict with the keys of a record's dict, and nothing in it. To copy it takes less time than to let a dict grow.
struct Outline {
    dict: Py<PyDict>,
    /// The number of fields, which come first.
    fields: usize,
}

/// After this many records that did not fit, a place has a new outline. It has the first one after two records.
const MOST_MISFITS: u32 = 32;

impl Outline {
    fn of(extra: &Bound<'_, PyDict>) -> PyResult<Self> {
        let py = extra.py();
        let dict = PyDict::new(py);
        for name in extra.keys() {
            dict.set_item(name, py.None())?;
        }
        for name in keys(py) {
            dict.set_item(name, py.None())?;
        }
        Ok(Self { dict: dict.unbind(), fields: extra.len() })
    }

    /// Whether it is the outline for these fields: it has the same names in the same order.
    fn fits(&self, extra: &Bound<'_, PyDict>) -> bool {
        let known = self.dict.bind(extra.py()).iter();
        self.fields == extra.len() && extra.iter().zip(known).all(|((name, _), (known, _))| name.is(&known))
    }

    /// A copy with the fields.
    fn filled<'py>(&self, extra: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
        let dict = self.dict.bind(extra.py()).copy()?;
        for (name, value) in extra.iter() {
            dict.set_item(name, value)?;
        }
        Ok(dict)
    }
}

/// The keys that are no fields, in the order in which `DictMaker::make` sets them.
fn keys(py: Python<'_>) -> [&Bound<'_, PyString>; 16] {
    [
        name!(py, "timestamp"),
        name!(py, "level"),
        name!(py, "message"),
        name!(py, "filename"),
        name!(py, "lineno"),
        name!(py, "function"),
        name!(py, "module"),
        name!(py, "extra"),
        name!(py, "time"),
        name!(py, "name"),
        name!(py, "line"),
        name!(py, "file"),
        name!(py, "process"),
        name!(py, "thread"),
        name!(py, "elapsed"),
        name!(py, "exception"),
    ]
}

/// The objects of a place, for one record, and its dict, which has the fields already.
pub(super) struct PlaceObjects<'py> {
    pub(super) dict: Bound<'py, PyDict>,
    pub(super) module: Bound<'py, PyAny>,
    pub(super) function: Bound<'py, PyAny>,
    pub(super) path: Bound<'py, PyAny>,
    pub(super) line: Bound<'py, PyAny>,
    pub(super) line_text: Bound<'py, PyAny>,
    pub(super) file: Bound<'py, PyAny>,
}

impl Place {
    pub(super) fn new(py: Python<'_>, location: &Location<'_>) -> PyResult<Self> {
        Ok(Self {
            module: to_python(py, location.module).unbind(),
            function: to_python(py, location.function).unbind(),
            path: to_python(py, location.path).unbind(),
            line: location.line.into_pyobject(py)?.into_any().unbind(),
            line_text: PyString::new(py, itoa::Buffer::new().format(location.line)).into_any().unbind(),
            file: None,
            outline: None,
            misfits: 0,
        })
    }

    /// The dict of a record with these fields, before its other parts are set.
    pub(super) fn dict<'py>(&mut self, extra: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
        if let Some(outline) = self.outline.as_ref().filter(|outline| outline.fits(extra)) {
            return outline.filled(extra);
        }
        self.misfits = self.misfits.wrapping_add(1);
        if self.misfits % MOST_MISFITS == 2 {
            self.outline = Some(Outline::of(extra)?);
        }
        extra.copy()
    }

    pub(super) fn objects<'py>(
        &mut self,
        py: Python<'py>,
        location: &Location<'_>,
        dict: Bound<'py, PyDict>,
        file_maker: &'static Maker,
    ) -> PyResult<PlaceObjects<'py>> {
        let path = self.path.bind(py).clone();
        let known = self.file.as_ref().and_then(|file| file.free(py));
        let file = if let Some(file) = known {
            file
        } else {
            let file = file_maker.load(py)?.call1((to_python(py, location.filename()), &path))?;
            self.file = Some(Shared::new(&file));
            file
        };
        Ok(PlaceObjects {
            dict,
            module: self.module.bind(py).clone(),
            function: self.function.bind(py).clone(),
            path,
            line: self.line.bind(py).clone(),
            line_text: self.line_text.bind(py).clone(),
            file,
        })
    }
}
