//! The state of a logger that Python holds: the part it shares with loggers bound from it, and its own part.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::logger::core::Core;
use crate::logger::throttle::Throttle;
use crate::python::call::fields::Fields;
use crate::python::call::journal::Journal;
use crate::python::call::options::CallOptions;
use crate::python::call::variables::Variables;
use crate::python::py::trampoline::watch_at_drop;
use crate::sync::{Mutex, MutexGuard};

/// The function of `configure(color_callback=)`, which all sinks of a logger share.
pub type Coloring = Arc<Mutex<Option<Py<PyAny>>>>;

pub static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// The state that a logger shares with all loggers bound from it.
pub struct Shared {
    pub(crate) core: Core,
    /// Ends the remaining work of the sinks when the last reference to the logger is gone.
    pub(crate) abandon: fn(Python<'_>, &Core),
    /// Unique among the loggers of the process.
    pub(crate) number: u64,
    pub color_callback: Coloring,
    /// The objects of `configure(extra=)`, for records that Python code sees.
    pub extra: Mutex<Option<Py<PyDict>>>,
    /// The context variables whose values are fields.
    pub variables: Variables,
    /// The function of `configure(patcher=)`.
    pub patcher: Mutex<Option<Py<PyAny>>>,
    /// The counts of `once`, `every` and `limit`.
    pub(crate) throttle: Mutex<Throttle>,
    /// The options that the program gave, for processes that take over the logger.
    pub(crate) journal: Mutex<Journal>,
    /// Notes of a dialect's Python code about the logger. They go with the logger.
    pub(crate) notes: Mutex<Option<Py<PyAny>>>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        Python::try_attach(|py| (self.abandon)(py, &self.core));
    }
}

// Python code refers to it as `_logly.PyLogger`; errors and descriptions use the name that programs see.
#[doc = include_str!(concat!(env!("OUT_DIR"), "/PyLogger.txt"))]
#[pyclass(frozen, subclass, weakref, name = "Logger", module = "logly")]
pub struct PyLogger {
    pub(crate) shared: Arc<Shared>,
    pub(crate) bound: Option<Py<Fields>>,
    pub(crate) options: Option<Py<CallOptions>>,
}

watch_at_drop!(PyLogger);

impl PyLogger {
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    #[inline]
    pub fn core(&self) -> &Core {
        &self.shared.core
    }

    /// The number shared by all loggers with the same sinks.
    pub fn number(&self) -> u64 {
        self.shared.number
    }

    #[inline]
    pub fn gate(&self) -> i32 {
        self.shared.core.gate()
    }

    #[inline]
    pub fn bound(&self) -> Option<&Py<Fields>> {
        self.bound.as_ref()
    }

    /// The options that `opt` and similar methods set for its calls.
    #[inline]
    pub fn options(&self) -> Option<&Py<CallOptions>> {
        self.options.as_ref()
    }

    pub fn extra<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyDict>> {
        self.shared.extra.lock().as_ref().map(|extra| extra.bind(py).clone())
    }

    pub fn patcher<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.shared.patcher.lock().as_ref().map(|patcher| patcher.bind(py).clone())
    }

    /// Hold it only briefly and only with the GIL held, so that no child is forked while it is locked.
    pub fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.shared.throttle.lock()
    }

    pub fn coloring(&self) -> Coloring {
        Arc::clone(&self.shared.color_callback)
    }
}
