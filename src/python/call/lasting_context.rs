//! Fields of the context without a block: they last until they are removed, or until their context ends.
//!
//! They are layers that no block ends (`python/call/context.rs`). Fields of blocks are removed as well, from the running
//! context alone. A block whose fields were removed keeps its layer, so that it ends as any other.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::python::call::context::{Layer, current, layer_on, outwards, set};
use crate::python::call::own_fields::Own;
use crate::python::value::arguments::wrong_type;
use crate::python::value::copied::copied;

/// Adds fields to the running context.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(name = "_bind_context")]
pub fn bind(fields: &Bound<'_, PyDict>) -> PyResult<()> {
    let py = fields.py();
    if fields.is_empty() {
        return Ok(());
    }
    // Later changes to the values have no effect, whenever the layers are built again.
    let fields = &copied(fields)?;
    let outer = current(py);
    let layer = match outer.as_ref().filter(|outer| outer.get().stays() && outer.get().own.trace.is_none()) {
        // No block ends that layer, so its fields and these become one layer.
        Some(layer) => {
            let own = layer.get().own.with(&Own::of(fields, None), py)?;
            layer.get().changed(py, outwards(layer).nth(1), own)?
        }
        None => layer_on(outer, Own::of(fields, None), Arc::default(), py)?,
    };
    set(layer).map(drop)
}

/// Removes fields from the running context. Names without a field are no mistake.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(name = "_unbind_context")]
pub fn unbind(names: &Bound<'_, PyTuple>) -> PyResult<()> {
    for name in names.iter() {
        if !name.is_instance_of::<PyString>() {
            return Err(wrong_type("names", "names of fields (str), as in unbind_context(\"user\")", &name));
        }
    }
    remove(names.py(), &|name| names.contains(name))
}

/// Removes all fields from the running context.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(name = "_clear_context")]
pub fn clear(py: Python<'_>) -> PyResult<()> {
    remove(py, &|_| Ok(true))
}

/// Removes the fields for whose names `is_out` holds from the layers of the running context.
fn remove(py: Python<'_>, is_out: &dyn Fn(&Bound<'_, PyAny>) -> PyResult<bool>) -> PyResult<()> {
    let Some(innermost) = current(py) else { return Ok(()) };
    let layers: Vec<_> = outwards(&innermost).collect();
    let mut rest: Option<Bound<'_, Layer>> = None;
    for layer in layers.into_iter().rev() {
        let own = layer.get().own.without(is_out, py)?;
        // The innermost layer stays without fields: a generator may have begun its step with none.
        if !own.is_empty(py) || !layer.get().stays() || layer.is(&innermost) {
            rest = Some(layer.get().changed(py, rest, own)?);
        }
    }
    rest.map_or(Ok(()), |rest| set(rest).map(drop))
}
