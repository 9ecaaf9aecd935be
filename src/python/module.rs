//! The extension module `logly._logly`: the native class, lazy values, and the few functions that `python/logly` needs.

use std::time::{Duration, Instant};

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::archive::worker;
use crate::lane::live;
use crate::process::{ending, exit, fork};
use crate::python::call::fields::Fields;
use crate::python::call::from_var::FromVar;
use crate::python::call::options::CallOptions;
use crate::python::call::state::PyLogger;
use crate::python::call::{context, lasting_context, span};
use crate::python::entry::{fastcall, foreign, received};
use crate::python::exception::secrets;
use crate::python::exception::values::for_python::PyBudget;
use crate::python::files::archiving::PyArchiveWorker;
use crate::python::files::summing::PySummary;
use crate::python::files::unpacking::ZstdReader;
use crate::python::files::viewing::PyViewer;
use crate::python::files::{archiving, methods, retention};
use crate::python::lane::py_lane as lanes;
use crate::python::lane::{callbacks, notices};
use crate::python::logger::{configuration, crash, doctor, flush, in_hand, inheritance, parent_sink, saved, stats};
use crate::python::options::parameters;
use crate::python::py::imports::_load;
use crate::python::py::{abi, context_variable, fork_barrier, gil, inside, interpreter, telling, times};
use crate::python::record::{changes, interpolated};
use crate::python::sink::{datagrams, lane_entry, log_record};
use crate::python::stdlib;
use crate::python::value::lazy::Lazy;
use crate::python::value::{bounded, percent};
use crate::sys::process::is_privileged;
use crate::{clock, environment, report};

/// The least time for writing files at the end of the process, even if callbacks took all the time.
const LEAST_TIMEOUT: Duration = Duration::from_millis(250);

/// Extra time for callbacks: a callback that was called right before the end may take as long as the time allowed.
const GRACE: Duration = Duration::from_millis(100);

/// Stops the clock of all records and files at an instant, in nanoseconds since the epoch; None lets it run.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (at, /))]
fn _freeze(at: Option<i64>) {
    clock::freeze(at);
}

/// The clock of records, in nanoseconds since the epoch.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _now() -> i64 {
    clock::now_ns()
}

/// The instant at which the clock is stopped; None if it runs.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _frozen() -> Option<i64> {
    clock::frozen()
}

/// Ends background work: calls callbacks, writes queued records and maintains archives within `timeout` seconds. Later
/// records are written by their callers and go to no callback. Archives are left to the next start. Returns how many
/// records were lost.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (timeout, /))]
fn _finish(py: Python<'_>, timeout: f64) -> u64 {
    let deadline = Instant::now() + Duration::try_from_secs_f64(timeout).unwrap_or_default();
    // Callbacks come first, since they log too. Files are written at the same time.
    let (mut lost, lanes) = py.detach(|| live::finish_all(deadline + GRACE));
    lost += inside::begin_exit(py);
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

/// Whether `LOGLY_*` variables are used. They are ignored under `python -E` and `-I`, and in a program with more rights
/// than its caller.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _heeds_environment() -> bool {
    environment::is_heeded()
}

/// Forgets which problems were already reported.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _forget_reports() {
    report::forget();
}

// Free-threaded builds turn the GIL on for a module that needs it. This one does not.
#[pymodule(gil_used = false)]
fn _logly(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    if !gil::is_main_interpreter(py) {
        return Err(PyImportError::new_err("logly cannot be imported in a sub-interpreter"));
    }
    if is_privileged() || py.import("sys")?.getattr("flags")?.getattr("ignore_environment")?.is_truthy()? {
        environment::ignore();
    }
    report::prepare();
    abi::prepare(py)?;
    interpreter::prepare(py)?;
    interpolated::prepare(py)?;
    fork::watch();
    exit::watch();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("PyLogger", PyType::new::<PyLogger>(py))?;
    module.add_class::<Lazy>()?;
    module.add_class::<FromVar>()?;
    module.add_class::<Fields>()?;
    module.add_class::<context::Layer>()?;
    module.add_class::<context::Entered>()?;
    module.add_class::<CallOptions>()?;
    module.add_class::<PyArchiveWorker>()?;
    module.add_class::<PySummary>()?;
    module.add_class::<PyViewer>()?;
    module.add_class::<ZstdReader>()?;
    module.add_class::<PyBudget>()?;
    fastcall::install(&PyType::new::<PyLogger>(py))?;
    module.add_function(wrap_pyfunction!(fastcall::_original, module)?)?;
    module.add_function(wrap_pyfunction!(gil::_share, module)?)?;
    module.add("_empty_call", fastcall::empty_function(py)?)?;
    module.add_function(wrap_pyfunction!(context::push, module)?)?;
    module.add_function(wrap_pyfunction!(context::pop, module)?)?;
    module.add_function(wrap_pyfunction!(context::fields, module)?)?;
    module.add_function(wrap_pyfunction!(context_variable::context_variable, module)?)?;
    module.add_function(wrap_pyfunction!(context::layer, module)?)?;
    module.add_function(wrap_pyfunction!(context::rebased, module)?)?;
    module.add_function(wrap_pyfunction!(lasting_context::bind, module)?)?;
    module.add_function(wrap_pyfunction!(lasting_context::unbind, module)?)?;
    module.add_function(wrap_pyfunction!(lasting_context::clear, module)?)?;
    module.add_function(wrap_pyfunction!(span::_set_span, module)?)?;
    module.add_function(wrap_pyfunction!(span::_has_span, module)?)?;
    module.add_function(wrap_pyfunction!(flush::_stop_sinks, module)?)?;
    module.add_function(wrap_pyfunction!(bounded::bounded, module)?)?;
    module.add_function(wrap_pyfunction!(percent::percent, module)?)?;
    module.add_function(wrap_pyfunction!(secrets::_has_no_secret, module)?)?;
    module.add_function(wrap_pyfunction!(flush::_expect_signal, module)?)?;
    module.add_function(wrap_pyfunction!(_freeze, module)?)?;
    module.add_function(wrap_pyfunction!(_frozen, module)?)?;
    module.add_function(wrap_pyfunction!(_now, module)?)?;
    module.add_function(wrap_pyfunction!(_finish, module)?)?;
    module.add_function(wrap_pyfunction!(_forget_reports, module)?)?;
    module.add_function(wrap_pyfunction!(_heeds_environment, module)?)?;
    module.add_function(wrap_pyfunction!(archiving::_archive_worker, module)?)?;
    changes::install(module)?;
    fork_barrier::install(module)?;
    module.add_function(wrap_pyfunction!(_load, module)?)?;
    retention::install(module)?;
    saved::install(module)?;
    stats::install(module)?;
    crash::install(module)?;
    methods::install(module)?;
    lanes::install(module)?;
    lane_entry::install(module)?;
    module.add_function(wrap_pyfunction!(log_record::_log_attributes, module)?)?;
    foreign::install(module)?;
    received::install(module)?;
    stdlib::install(module)?;
    in_hand::install(module)?;
    notices::install(module)?;
    datagrams::install(module)?;
    inheritance::install(module)?;
    parent_sink::install(module)?;
    configuration::install(module)?;
    parameters::install(module)?;
    telling::install(module)?;
    times::install(module)?;
    doctor::install(module)?;
    callbacks::install(module)
}
