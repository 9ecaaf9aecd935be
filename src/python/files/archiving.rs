//! Archive tasks that run in Python: compression formats of Python's, and functions of the program.
//!
//! A Python thread (`python/logly/_files/archiver.py`) asks here for tasks and reports on them. It waits without the
//! interpreter lock, and does not come back once Python is about to be torn down.

use std::any::Any;
use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::archive::job::{Task, needs_python};
use crate::archive::series::{Functions, Series};
use crate::archive::worker;
use crate::archive::worker::PythonWorker;
use crate::config::archive::Compression;
use crate::process::exit_barrier;
use crate::python::py::inside;
use crate::python::py::trampoline::watch_at_drop;
use crate::python::py::wait::{Pause, wait_in_steps};
use crate::sync::Mutex;
use crate::sys::descriptors::number;

thread_local! {
    /// Whether this thread runs the tasks. If it waited for them, it would wait for itself.
    static IS_PYTHON_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// The functions of a sink, as stored in `Series::functions`.
#[derive(Default)]
pub struct ArchiveFunctions {
    pub compression: Option<Py<PyAny>>,
    pub retention: Option<Py<PyAny>>,
}

impl Functions for ArchiveFunctions {}

/// Requests maintenance of a new sink's archives: the existing ones, and those to come.
pub fn begin(py: Python<'_>, series: &Arc<Series>) -> PyResult<()> {
    if needs_python(series.options()) {
        start_thread(py)?;
    }
    py.detach(|| worker::maintain(series));
    Ok(())
}

/// Starts the thread, unless it runs already.
fn start_thread(py: Python<'_>) -> PyResult<()> {
    py.import("logly._files.archiver")?.call_method0("start")?;
    Ok(())
}

/// Whether this thread runs the functions of archives. It must not wait for archives, since it would wait for itself.
pub fn is_python_worker() -> bool {
    IS_PYTHON_WORKER.get()
}

/// Waits for everything that was requested of the archiver. False if it is not done in time.
pub fn wait(py: Python<'_>, deadline: Option<Instant>) -> PyResult<bool> {
    if inside::is_within_sink(py) {
        return Ok(false);
    }
    let ticket = worker::requested();
    // A child forked by other means than Python's has no thread yet.
    if py.detach(|| ticket.lacks_python_worker()) {
        start_thread(py)?;
    }
    let is_done = wait_in_steps(py, deadline, Pause::SignalsAndGreenlets, |wait| {
        let until = wait.until();
        py.detach(|| if ticket.wait(until) { Some(true) } else { ticket.is_hopeless().then_some(false) })
    })?;
    Ok(is_done == Some(true))
}

/// The object through which the thread gets its tasks.
#[pyclass(frozen, name = "_ArchiveWorker", module = "logly._logly")]
pub struct PyArchiveWorker {
    /// Only that thread locks it.
    worker: Mutex<PythonWorker>,
}

watch_at_drop!(PyArchiveWorker);

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl PyArchiveWorker {
    /// Reports on the last task, and waits for the next: `("fill", suffix, level, name, source, output)` and
    /// `("compare", suffix, level, name, source, compressed)` with file descriptors, or `("call", option, function,
    /// argument)`. None if the thread is to end.
    #[pyo3(name = "next", signature = (is_same=false, error=None))]
    fn next_task<'py>(
        &self,
        py: Python<'py>,
        is_same: bool,
        error: Option<String>,
    ) -> PyResult<Option<Bound<'py, PyTuple>>> {
        IS_PYTHON_WORKER.set(true);
        let report = error.map_or(Ok(is_same), Err);
        let leaving = py.detach(|| {
            self.worker.lock().find_next(report);
            exit_barrier::leave()
        });
        drop(leaving);
        let worker = self.worker.lock();
        worker.task().map(|(series, task)| describe(py, series, task)).transpose()
    }
}

fn describe<'py>(py: Python<'py>, series: &Series, task: &Task) -> PyResult<Bound<'py, PyTuple>> {
    match task {
        Task::Fill(replacement) => {
            let claim = replacement.claim();
            let files = (number(claim.file()), number(replacement.output()));
            describe_files(py, "fill", series, claim.path(), files)
        }
        Task::Compare(pair) => {
            let claim = pair.claim();
            let files = (number(claim.file()), number(pair.compressed()));
            describe_files(py, "compare", series, claim.path(), files)
        }
        Task::Call(claim) => {
            let function = functions(series).and_then(|functions| functions.compression.as_ref());
            ("call", "compression", function, claim.path().as_os_str()).into_pyobject(py)
        }
        Task::Retain(paths) => {
            let function = functions(series).and_then(|functions| functions.retention.as_ref());
            let paths: Vec<_> = paths.iter().map(|path| path.as_os_str()).collect();
            ("call", "retention", function, paths).into_pyobject(py)
        }
    }
}

fn describe_files<'py>(
    py: Python<'py>,
    kind: &str,
    series: &Series,
    path: &Path,
    (source, output): (i32, i32),
) -> PyResult<Bound<'py, PyTuple>> {
    let (suffix, level) = match series.options().compression {
        Some(Compression::Python { suffix, level }) => (suffix, level),
        _ => (None, None),
    };
    let name = path.file_name().unwrap_or_default().into_py_any(py)?;
    (kind, suffix, level, name, source, output).into_pyobject(py)
}

fn functions(series: &Series) -> Option<&ArchiveFunctions> {
    let functions: &dyn Any = &**series.functions.as_ref()?;
    functions.downcast_ref()
}

/// The object that the archive thread is started with. None if such a thread exists already.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub fn _archive_worker() -> Option<PyArchiveWorker> {
    PythonWorker::enter().map(|worker| PyArchiveWorker { worker: Mutex::new(worker) })
}
