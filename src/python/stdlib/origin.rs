//! The names of the thread, the process and the task that log, as records of `logging` have them.
//!
//! `logging` asks for the names at each call. Here each is kept with the stamps of the dicts that it was read from.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::python::call::names::known_name;
use crate::python::py::abi;
use crate::python::py::gil::attached;
use crate::python::py::interpreter::name;
use crate::python::py::peek::{Held, Stamp, Text, dict_of, value_of};
use crate::python::py::text::utf8;
use crate::python::stdlib::facts::{Facts, Unsure};

/// The name of this thread. None if Python has to tell.
#[inline]
pub(super) fn thread_name<'py>(py: Python<'py>, facts: &Facts) -> Option<Text<'py>> {
    known_name(facts.threads.get(py)?)
}

/// The name of this process, and how it was found. Read and written with the interpreter lock held.
struct KnownProcess {
    package: Stamp,
    module: Stamp,
    own: Stamp,
    object: Held,
    name: Held<PyString>,
}

static PROCESS_NAME: KnownProcess = KnownProcess {
    package: Stamp::new(),
    module: Stamp::new(),
    own: Stamp::new(),
    object: Held::new(),
    name: Held::new(),
};

/// The name that `multiprocessing` gives to this process, or `MainProcess` if it is not loaded.
#[inline]
pub(super) fn process_name<'a>(py: Python<'a>, facts: &Facts) -> Option<&'a str> {
    let Some(package) = facts.multiprocessing.get(py) else { return Some("MainProcess") };
    let modules = facts.modules.bind_borrowed(py);
    let module = value_of(modules, name!(py, "multiprocessing.process"))?;
    let known = &PROCESS_NAME;
    let (package, module) = (dict_of(package)?, dict_of(module)?);
    let is_known = known.package.holds(package) && known.module.holds(module);
    if !is_known || !known.own.holds(dict_of(known.object.get(py)?)?) {
        attached(py, || known.look(package, module))?;
    }
    utf8(known.name.get(py)?)
}

impl KnownProcess {
    #[cold]
    fn look(&self, package: Borrowed<'_, '_, PyDict>, module: Borrowed<'_, '_, PyDict>) -> Option<()> {
        let py = package.py();
        self.package.clear();
        self.module.take(module);
        let current = name!(py, "current_process");
        let process = value_of(module, name!(py, "_current_process"))?;
        let base = value_of(module, name!(py, "BaseProcess"))?;
        let own = dict_of(process)?;
        self.own.take(own);
        let name = value_of(own, name!(py, "_name"))?.cast_exact::<PyString>().ok()?;
        let is_usual = value_of(package, current)?.is(value_of(module, current)?)
            && process.get_type().getattr(name!(py, "name")).ok()?.is(&base.getattr(name!(py, "name")).ok()?)
            && process.getattr(name!(py, "name")).ok()?.is(name);
        if !is_usual {
            return None;
        }
        self.object.set(Some(process));
        self.name.set(Some(name));
        self.package.take(package);
        Some(())
    }
}

/// The name of the running task, which records have from Python 3.12 on. None if there is no task.
#[inline]
pub(super) fn task_name<'py>(py: Python<'py>, facts: &Facts) -> Result<Option<Bound<'py, PyString>>, Unsure> {
    match facts.asyncio.get(py) {
        Some(asyncio) if abi::is_from(py, 12) => attached(py, || running_task(&asyncio)).map_err(|_| Unsure),
        _ => Ok(None),
    }
}

#[cold]
fn running_task<'py>(asyncio: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyString>>> {
    let py = asyncio.py();
    // This function tells without an exception whether there can be a task.
    if asyncio.call_method0(name!(py, "_get_running_loop"))?.is_none() {
        return Ok(None);
    }
    let task = asyncio.call_method0(name!(py, "current_task"))?;
    if task.is_none() {
        return Ok(None);
    }
    Ok(Some(task.call_method0(name!(py, "get_name"))?.cast_into_exact::<PyString>()?))
}
