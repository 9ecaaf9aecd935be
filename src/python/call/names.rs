//! The names of the thread, the process and the task that log.

use pyo3::prelude::*;
use pyo3::types::PyModule;

use crate::python::py::imports::load;
use crate::python::py::interpreter::{Kept, kept, name};

pub fn thread_name(py: Python<'_>) -> PyResult<String> {
    // Keep the module, not the function: other packages replace the function.
    static THREADING: Kept<Py<PyModule>> = Kept::new();
    let threading = kept(py, &THREADING, || py.import("threading").map(Bound::unbind))?.bind(py);
    threading.call_method0(name!(py, "current_thread"))?.getattr(name!(py, "name"))?.extract()
}

pub fn process_name(py: Python<'_>) -> PyResult<String> {
    load(py, "logly._records.record_parts", "process_name")?.call0()?.extract()
}

/// The name of the running asyncio task. This does not import asyncio.
pub fn task_name(py: Python<'_>) -> PyResult<String> {
    let asyncio = py.import("sys")?.getattr("modules")?.get_item("asyncio")?;
    asyncio.call_method0("current_task")?.call_method0("get_name")?.extract()
}
