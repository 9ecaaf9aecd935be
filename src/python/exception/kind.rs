//! Facts about the classes of exceptions. They are kept while a class is as it was.

use std::sync::Arc;

use ahash::AHashMap;
use pyo3::PyTypeInfo;
use pyo3::exceptions::{PyAttributeError, PyBaseException, PyImportError, PyKeyError, PyNameError, PySyntaxError};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple, PyType};

use crate::python::py::abi;
use crate::python::py::interpreter::name;
use crate::python::py::peek;
use crate::python::py::text::text_bytes;
use crate::python::value::sharing::{is_atom, is_boundless};
use crate::sync::Mutex;

/// The number of classes whose facts are kept. One more clears them all.
const MOST: usize = 512;

/// By the address of a class, and its state. Locked only with the GIL held, for one lookup.
static KNOWN: Mutex<Option<Kinds>> = Mutex::new(None);

type Kinds = AHashMap<(usize, u32), Arc<Kind>>;

/// The facts about a class.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Kind {
    /// None if `__module__` is no text.
    pub module: Option<Box<[u8]>>,
    /// Whether `traceback` may print more for such an exception than its type and `str()`.
    pub has_own_lines: bool,
    pub is_group: bool,
    /// Whether the exceptions are true, and Python reads their fields as those of `BaseException`.
    pub is_plain: bool,
    /// Whether `str()` shows the arguments and nothing else.
    shows_arguments: bool,
}

impl Kind {
    /// The facts about the class of an exception.
    pub fn of(error: &Bound<'_, PyAny>) -> PyResult<Arc<Self>> {
        let class = error.get_type();
        let state = if abi::READS_STATES && is_of_type(&class) { abi::class_state(class.as_ptr().cast()) } else { 0 };
        let key = (class.as_ptr() as usize, state);
        if state != 0
            && let Some(known) = KNOWN.lock().as_ref().and_then(|known| known.get(&key))
        {
            return Ok(Arc::clone(known));
        }
        let kind = Arc::new(Self::read(error, &class)?);
        // The state that the class had before its facts were read.
        if state != 0 {
            let mut known = KNOWN.lock();
            let kinds = known.get_or_insert_default();
            if kinds.len() >= MOST {
                kinds.clear();
            }
            kinds.insert(key, Arc::clone(&kind));
        }
        Ok(kind)
    }

    fn read(error: &Bound<'_, PyAny>, class: &Bound<'_, PyType>) -> PyResult<Self> {
        let py = error.py();
        let module = text_bytes(&class.getattr(name!(py, "__module__"))?).map(Vec::into_boxed_slice);
        let fields = [
            name!(py, "__traceback__"),
            name!(py, "__cause__"),
            name!(py, "__context__"),
            name!(py, "__suppress_context__"),
            name!(py, "args"),
        ];
        let is_plain = abi::READS_STATES
            && abi::is_ordinary(class)
            && fields.iter().all(|field| inherits(class, &PyBaseException::type_object(py), field))
            && matches!(class.getattr_opt(name!(py, "__notes__")), Ok(None));
        let text = name!(py, "__str__");
        let shows_arguments = inherits(class, &PyBaseException::type_object(py), text)
            || inherits(class, &PyKeyError::type_object(py), text);
        Ok(Self {
            has_own_lines: has_own_lines(error),
            is_group: is_group(error, module.as_deref()),
            module,
            is_plain,
            shows_arguments,
        })
    }

    /// Whether the text of an exception would have no end. Nothing else is looked at if the exception has no attributes
    /// and its arguments are short values.
    pub fn is_boundless(&self, error: &Bound<'_, PyAny>) -> bool {
        let has_atoms = || {
            let arguments = error.getattr(name!(error.py(), "args"));
            arguments.is_ok_and(|arguments| {
                arguments.cast::<PyTuple>().is_ok_and(|tuple| tuple.iter_borrowed().all(|item| is_atom(&item)))
            })
        };
        let is_short = self.is_plain && self.shows_arguments && abi::has_no_attributes(error) && has_atoms();
        !is_short && is_boundless(error)
    }

    /// The related exception that a field has. `read` is the function by which Python reads it.
    pub fn field<'py>(
        &self,
        error: &Bound<'py, PyAny>,
        name: &Bound<'py, PyString>,
        read: peek::ReadField,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let value = if self.is_plain { read(error) } else { Some(error.getattr(name)?) };
        Ok(value.filter(|value| !value.is_none()))
    }
}

/// Whether a class is made by `type` itself. Another one may run code of the program for each attribute.
fn is_of_type(class: &Bound<'_, PyType>) -> bool {
    class.get_type().is(PyType::type_object(class.py()))
}

/// Whether a class has an attribute from a base.
fn inherits(class: &Bound<'_, PyType>, base: &Bound<'_, PyType>, name: &Bound<'_, PyString>) -> bool {
    matches!((class.getattr(name), base.getattr(name)), (Ok(own), Ok(of_base)) if own.is(&of_base))
}

/// Suggestions came with 3.12. Before 3.11 the package `exceptiongroup` adds them, and notes.
fn has_own_lines(error: &Bound<'_, PyAny>) -> bool {
    error.is_instance_of::<PySyntaxError>()
        || ((!abi::is_from(error.py(), 11) || abi::is_from(error.py(), 12))
            && (error.is_instance_of::<PyAttributeError>()
                || error.is_instance_of::<PyNameError>()
                || error.is_instance_of::<PyImportError>()))
}

/// Whether an exception is a group. The package `exceptiongroup` has groups for versions without any, and makes
/// `traceback` support them.
fn is_group(error: &Bound<'_, PyAny>, module: Option<&[u8]>) -> bool {
    abi::is_group(error).unwrap_or_else(|| {
        let is_base = || error.hasattr(name!(error.py(), "derive")).unwrap_or(false);
        module.is_some_and(|module| module.starts_with(b"exceptiongroup")) && is_base()
    })
}
