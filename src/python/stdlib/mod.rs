//! Calls of `logging` whose records go to logly alone.
//!
//! Read `method` first (the methods in the place of those of `logging.Logger`), then `direct` (one call), `facts`
//! (the state of the process), `route` (loggers and handlers on the way), `given` (the arguments),
//! `origin` (thread, process and task) and `handover`. `record` takes the records
//! that Python's own way brings to a handler, and `switch` has the functions for Python code. A build for the stable ABI
//! has no such methods (`no_method`), so nothing uses the rest.
#![cfg_attr(Py_LIMITED_API, expect(dead_code, reason = "without the methods, nothing comes here"))]

mod direct;
mod facts;
mod given;
mod handover;
#[cfg(not(Py_LIMITED_API))]
mod method;
#[cfg(Py_LIMITED_API)]
mod no_method;
mod origin;
mod record;
mod route;
mod switch;

#[cfg(Py_LIMITED_API)]
use self::no_method as method;

use pyo3::prelude::*;
use pyo3::types::PyModule;
use pyo3::wrap_pyfunction;

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(switch::_direct_method, module)?)?;
    module.add_function(wrap_pyfunction!(switch::_direct_facts, module)?)?;
    module.add_function(wrap_pyfunction!(switch::_direct_way, module)?)?;
    module.add_function(wrap_pyfunction!(record::_log_record, module)?)?;
    module.add_function(wrap_pyfunction!(handover::_name_in_trails, module)?)?;
    module.add_function(wrap_pyfunction!(handover::_process_id, module)?)?;
    module.add_function(wrap_pyfunction!(handover::_direct_calls, module)?)
}
