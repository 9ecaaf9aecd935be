//! Values that are computed only for records that are written.

use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::python::py::trampoline::watch_at_drop;
use crate::python::value::arguments::refuse_named;
use crate::sync::Mutex;

#[doc = include_str!(concat!(env!("OUT_DIR"), "/lazy.txt"))]
#[expect(clippy::doc_link_with_quotes, reason = "the docstring is for Python")]
#[pyclass(frozen, name = "lazy", module = "logly")]
pub struct Lazy {
    function: Py<PyAny>,
    state: Mutex<LazyState>,
}

watch_at_drop!(Lazy);

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl Lazy {
    #[new]
    #[pyo3(signature = (*given, **named), text_signature = "(function, /)")]
    fn new(given: &Bound<'_, PyTuple>, named: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        refuse_named("lazy", named, &[])?;
        if given.len() != 1 {
            let message = format!("lazy() takes 1 argument, a function, but {} were given", given.len());
            return Err(PyTypeError::new_err(message));
        }
        let function = given.get_item(0)?;
        if !function.is_callable() {
            return Err(PyTypeError::new_err(format!("function: expected a callable, got {}", function.repr()?)));
        }
        Ok(Self { function: function.unbind(), state: Mutex::new(LazyState::New) })
    }
}

impl Lazy {
    /// A lazy value for a callable.
    pub fn of<'py>(function: &Bound<'py, PyAny>) -> Bound<'py, PyAny> {
        let lazy = Self { function: function.clone().unbind(), state: Mutex::new(LazyState::New) };
        Bound::new(function.py(), lazy).map_or_else(|_| function.clone(), Bound::into_any)
    }

    /// The result of a lazy value, or any other value itself.
    pub fn value_of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        value.cast::<Self>().map_or_else(|_| Ok(value.clone()), |lazy| lazy.get().evaluate(value.py()))
    }

    /// The result, which one thread computes at the first call.
    pub fn evaluate<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        {
            let mut state = self.state.lock();
            match &*state {
                LazyState::Done(value) => return Ok(value.bind(py).clone()),
                LazyState::Failed(error) => return Err(error.clone_ref(py)),
                LazyState::Running => return Err(PyRuntimeError::new_err("the value is being computed")),
                LazyState::New => *state = LazyState::Running,
            }
        }
        let result = self.function.bind(py).call0();
        *self.state.lock() = match &result {
            Ok(value) => LazyState::Done(value.clone().unbind()),
            Err(error) => LazyState::Failed(error.clone_ref(py)),
        };
        result
    }
}

pub enum LazyState {
    New,
    Running,
    Done(Py<PyAny>),
    Failed(PyErr),
}
