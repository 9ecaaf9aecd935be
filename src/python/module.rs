//! The extension module `logly._logly`: the native class, lazy values, and the few functions `python/logly` needs.

use crate::lane::live;
use crate::process::ending;
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyImportError, PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};

use crate::archive::worker;
use crate::clock;
use crate::environment;
use crate::process::{exit, fork};
use crate::python::archiving;
use crate::python::archiving::PyAttendant;
use crate::python::arguments::refuse_named;
use crate::python::asking;
use crate::python::bounded;
use crate::python::call_options::CallOptions;
use crate::python::callbacks;
use crate::python::configuration;
use crate::python::context;
use crate::python::context::Fields;
use crate::python::entry;
use crate::python::files;
use crate::python::foreign;
use crate::python::in_hand;
use crate::python::interpreter;
use crate::python::lane as lanes;
use crate::python::lane_entry;
use crate::python::layers;
use crate::python::logger::PyLogger;
use crate::python::py_sink;
use crate::python::resting;
use crate::python::retention;
use crate::python::saved;
use crate::python::settling;
use crate::python::stats;
use crate::python::telling;
use crate::python::times;
use crate::python::unpacking::ZstdReader;
use crate::python::verdict;
use crate::report;
use crate::sync::Mutex;

/// What files get at the end of the process though callbacks took all the time.
const LEAST_TIMEOUT: Duration = Duration::from_millis(250);

/// What callbacks get beyond their time: one that was called right before the end may take just as long.
const GRACE: Duration = Duration::from_millis(100);

/// A value that is computed only if its record is wanted, and at most once.
///
/// Pass it as an argument or field; the function is called on the thread that logs. A failure stands as a marker in the record.
///
/// Args:
///     function: Takes nothing and returns the value.
///
/// Raises:
///     TypeError: `function` is not callable.
///
/// Example:
///     >>> import logly
///     >>> logly.logger.debug("state {state}", state=logly.lazy(lambda: 1 / 0))  # DEBUG is off: never called
#[pyclass(frozen, name = "lazy", module = "logly")]
pub struct Lazy {
    function: Py<PyAny>,
    state: Mutex<LazyState>,
}

enum LazyState {
    New,
    Running,
    Done(Py<PyAny>),
    Failed(PyErr),
}

#[pymethods]
#[pyo3(crate = "crate::python::entry::watched")]
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
    /// One for something that can be called.
    pub fn of<'py>(function: &Bound<'py, PyAny>) -> Bound<'py, PyAny> {
        let lazy = Self { function: function.clone().unbind(), state: Mutex::new(LazyState::New) };
        Bound::new(function.py(), lazy).map_or_else(|_| function.clone(), Bound::into_any)
    }

    /// What a lazy value gives, or any other value itself.
    pub fn value_of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        value.cast::<Self>().map_or_else(|_| Ok(value.clone()), |lazy| lazy.get().evaluate(value.py()))
    }

    /// The value; computed at the first call, by one thread.
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

/// Stops the clock of all records and files at an instant, in nanoseconds since the epoch; None lets it run.
#[pyfunction(crate = "crate::python::entry::watched")]
#[pyo3(signature = (at, /))]
fn _freeze(at: Option<i64>) {
    clock::freeze(at);
}

/// The clock of records, in nanoseconds since the epoch.
#[pyfunction(crate = "crate::python::entry::watched")]
fn _now() -> i64 {
    clock::now_ns()
}

/// Where the clock is stopped; None when it runs.
#[pyfunction(crate = "crate::python::entry::watched")]
fn _frozen() -> Option<i64> {
    clock::frozen()
}

/// Ends background work: has callbacks called, writes what is queued and looks after archives within `timeout` seconds; later
/// records are written by their callers, are for no callback, and archives are left to the next start.
/// Returns how many records were lost.
#[pyfunction(crate = "crate::python::entry::watched")]
#[pyo3(signature = (timeout, /))]
fn _finish(py: Python<'_>, timeout: f64) -> u64 {
    let deadline = Instant::now() + Duration::try_from_secs_f64(timeout).unwrap_or_default();
    // Callbacks first, since they log too; files are written meanwhile.
    let (mut lost, lanes) = py.detach(|| live::finish_all(deadline + GRACE));
    lost += py_sink::begin_exit(py);
    for lane in &lanes {
        lane.outlive_thread();
    }
    let left = deadline.saturating_duration_since(Instant::now()).max(LEAST_TIMEOUT);
    let (unwritten, untended) = py.detach(|| (ending::finish_all(left), worker::finish(deadline)));
    lost += unwritten;
    if lost > 0 {
        report::tell(&format!("{lost} records could not be written before the process ended"));
    }
    if untended > 0 {
        report::tell(&format!("compression was not called with {untended} archives before the process ended"));
    }
    lost
}

/// Whether `LOGLY_*` variables count, which they do not under `python -E` and `-I`, nor in a program with more rights than its caller.
#[pyfunction(crate = "crate::python::entry::watched")]
fn _heeds_environment() -> bool {
    environment::is_heeded()
}

/// Forgets which troubles were told already.
#[pyfunction(crate = "crate::python::entry::watched")]
fn _forget_reports() {
    report::forget();
}

#[pymodule(gil_used = true)]
fn _logly(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    if !entry::is_main_interpreter(py) {
        return Err(PyImportError::new_err("logly cannot be imported in a sub-interpreter"));
    }
    if entry::is_privileged() || py.import("sys")?.getattr("flags")?.getattr("ignore_environment")?.is_truthy()? {
        environment::ignore();
    }
    report::prepare();
    interpreter::prepare(py)?;
    fork::watch();
    exit::watch();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("PyLogger", PyType::new::<PyLogger>(py))?;
    module.add_class::<Lazy>()?;
    module.add_class::<Fields>()?;
    module.add_class::<layers::Layer>()?;
    module.add_class::<layers::Entered>()?;
    module.add_class::<CallOptions>()?;
    module.add_class::<PyAttendant>()?;
    module.add_class::<ZstdReader>()?;
    entry::install(&PyType::new::<PyLogger>(py))?;
    module.add_function(wrap_pyfunction!(entry::_original, module)?)?;
    module.add("_empty_call", entry::empty_function(py)?)?;
    module.add_function(wrap_pyfunction!(layers::push, module)?)?;
    module.add_function(wrap_pyfunction!(layers::pop, module)?)?;
    module.add_function(wrap_pyfunction!(layers::fields, module)?)?;
    module.add_function(wrap_pyfunction!(context::context_variable, module)?)?;
    module.add_function(wrap_pyfunction!(layers::layer, module)?)?;
    module.add_function(wrap_pyfunction!(layers::rebased, module)?)?;
    module.add_function(wrap_pyfunction!(settling::_stop_sinks, module)?)?;
    module.add_function(wrap_pyfunction!(bounded::bounded, module)?)?;
    module.add_function(wrap_pyfunction!(settling::_expect_signal, module)?)?;
    module.add_function(wrap_pyfunction!(_freeze, module)?)?;
    module.add_function(wrap_pyfunction!(_frozen, module)?)?;
    module.add_function(wrap_pyfunction!(_now, module)?)?;
    module.add_function(wrap_pyfunction!(_finish, module)?)?;
    module.add_function(wrap_pyfunction!(_forget_reports, module)?)?;
    module.add_function(wrap_pyfunction!(_heeds_environment, module)?)?;
    module.add_function(wrap_pyfunction!(archiving::_attend_archives, module)?)?;
    asking::install(module)?;
    resting::install(module)?;
    retention::install(module)?;
    saved::install(module)?;
    stats::install(module)?;
    files::install(module)?;
    lanes::install(module)?;
    lane_entry::install(module)?;
    foreign::install(module)?;
    in_hand::install(module)?;
    configuration::install(module)?;
    telling::install(module)?;
    times::install(module)?;
    verdict::install(module)?;
    callbacks::install(module)
}
