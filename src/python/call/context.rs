//! Layers of context: a layer holds the fields that one `contextualize` adds to those around it.
//!
//! Blocks may end in any order, and in another context than the one they began in. Examples are generators that are
//! consumed together, fixtures, and an async generator that the event loop closes. So a block does not restore the
//! context of its beginning. It takes its own layer out of the running context. If the block began in another context,
//! it marks the layer as ended, and every context leaves that layer out from then on. Tasks that were started within a
//! block keep its fields after a regular end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::config::logger::DEFAULT_MESSAGE_BYTES;
use crate::dialect::Dialect;
use crate::python::call::fields::Fields;
use crate::python::call::own_fields::Own;
use crate::python::py::context_variable;
use crate::python::py::gil::attached;
use crate::python::py::interpreter::name;
use crate::python::py::trampoline::watch_at_drop;

/// More layers than any nesting of blocks has: such a program never leaves the blocks that it enters.
const MOST_LAYERS: u32 = 1_000;

/// The number of layers that were marked as ended so far.
static ENDED: AtomicU64 = AtomicU64::new(0);

/// The fields of a block and of the blocks around it.
#[pyclass(frozen, name = "_Layer", module = "logly._logly")]
pub struct Layer {
    all: Fields,
    /// The fields for records that have the ids of a span, if they differ.
    beside_span: Option<Fields>,
    pub(super) own: Own,
    outer: Option<Py<Layer>>,
    depth: u32,
    block: Arc<Block>,
    /// The value of `ENDED` at the last check that found no ended layer from here outwards.
    checked: AtomicU64,
}

watch_at_drop!(Layer);

/// The block of a layer. Contexts share it with the `Entered` that will end the block.
#[derive(Default)]
pub(super) struct Block {
    has_ended: AtomicBool,
}

/// A running block. Its end gives this object back.
#[pyclass(frozen, name = "_Entered", module = "logly._logly")]
pub struct Entered {
    token: Py<PyAny>,
    block: Arc<Block>,
}

watch_at_drop!(Entered);

impl Layer {
    fn on<'py>(
        py: Python<'py>,
        outer: Option<Bound<'py, Self>>,
        own: Own,
        block: Arc<Block>,
    ) -> PyResult<Bound<'py, Self>> {
        let checked = AtomicU64::new(ENDED.load(Ordering::Relaxed));
        let depth = outer.as_ref().map_or(1, |outer| outer.get().depth + 1);
        let fields = |has_span: bool| {
            let values = match &outer {
                Some(outer) => outer.get().values(has_span).bind(py).copy()?,
                None => PyDict::new(py),
            };
            let trace = own.trace.as_ref().filter(|_| !has_span);
            trace.map_or(Ok(()), |trace| values.update(trace.bind(py).as_mapping()))?;
            values.update(own.fields.bind(py).as_mapping())?;
            Fields::new(&values, DEFAULT_MESSAGE_BYTES, Dialect::default())
        };
        let all = fields(false)?;
        let differs = own.trace.is_some() || outer.as_ref().is_some_and(|outer| outer.get().beside_span.is_some());
        let beside_span = differs.then(|| fields(true)).transpose()?;
        let outer = outer.map(Bound::unbind);
        Bound::new(py, Self { all, beside_span, own, outer, depth, block, checked })
    }

    #[inline]
    fn fields(&self, has_span: bool) -> &Fields {
        self.beside_span.as_ref().filter(|_| has_span).unwrap_or(&self.all)
    }

    /// The fields of all layers, as records with or without the ids of a span carry them.
    #[inline]
    pub fn encoded(&self, has_span: bool) -> &[u8] {
        &self.fields(has_span).encoded
    }

    /// The same, as they were given.
    pub fn values(&self, has_span: bool) -> &Py<PyDict> {
        &self.fields(has_span).values
    }

    /// The layer with other fields of its own, on top of another.
    pub(super) fn changed<'py>(
        &self,
        py: Python<'py>,
        outer: Option<Bound<'py, Self>>,
        own: Own,
    ) -> PyResult<Bound<'py, Self>> {
        Self::on(py, outer, own, Arc::clone(&self.block))
    }

    #[inline]
    fn is_known_to_last(&self) -> bool {
        self.checked.load(Ordering::Relaxed) == ENDED.load(Ordering::Relaxed)
    }

    /// Whether nothing can end the layer any more, or there are too many layers to tell them apart.
    pub(super) fn stays(&self) -> bool {
        Arc::strong_count(&self.block) == 1 || self.depth > MOST_LAYERS
    }
}

/// The innermost layer of the running context, if there is one.
#[inline]
pub fn current(py: Python<'_>) -> Option<Bound<'_, Layer>> {
    if context_variable::has_layers() { current_of_used(py) } else { None }
}

/// The same as `current`, for a program that has layers.
#[inline(never)]
fn current_of_used(py: Python<'_>) -> Option<Bound<'_, Layer>> {
    let layer = context_variable::value(py)?.cast_into::<Layer>().ok()?;
    if layer.get().is_known_to_last() { Some(layer) } else { attached(py, || without_ended(&layer)) }
}

/// The fields of the running context as they were given, in a new dict for the caller. The dict is empty if there are
/// none.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(name = "_context")]
pub fn fields(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    current(py).map_or_else(|| Ok(PyDict::new(py)), |layer| layer.get().values(false).bind(py).copy())
}

/// Adds a layer to the running context. `trace` has ids of a trace that give way to the ids of a span.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(name = "_push_context", signature = (fields, trace = None))]
pub fn push(fields: &Bound<'_, PyDict>, trace: Option<Bound<'_, PyDict>>) -> PyResult<Entered> {
    let py = fields.py();
    let block = Arc::new(Block::default());
    let token = set(layer_on(current(py), Own::of(fields, trace), Arc::clone(&block), py)?)?;
    Ok(Entered { token, block })
}

/// Makes a layer on top of another. It is not yet part of any context.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(name = "_layer", signature = (fields, outer, trace = None))]
pub fn layer<'py>(
    fields: &Bound<'py, PyDict>,
    outer: Option<Bound<'py, Layer>>,
    trace: Option<Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, Layer>> {
    layer_on(outer, Own::of(fields, trace), Arc::default(), fields.py())
}

pub(super) fn layer_on<'py>(
    outer: Option<Bound<'py, Layer>>,
    own: Own,
    block: Arc<Block>,
    py: Python<'py>,
) -> PyResult<Bound<'py, Layer>> {
    context_variable::begin_layers();
    Layer::on(py, outer.map(merged).transpose()?, own, block)
}

/// Merges a layer with the one around it if both stay. So a program that enters blocks and never leaves them takes no
/// memory for each.
fn merged(layer: Bound<'_, Layer>) -> PyResult<Bound<'_, Layer>> {
    let py = layer.py();
    let inner = layer.get();
    let Some(outer) = inner.outer.as_ref().map(Py::get).filter(|outer| inner.stays() && outer.stays()) else {
        return Ok(layer);
    };
    if inner.own.trace.is_some() {
        return Ok(layer);
    }
    let own = outer.own.with(&inner.own, py)?;
    inner.changed(py, outer.outer.as_ref().map(|outer| outer.bind(py).clone()), own)
}

/// Ends a block: takes its layer out of the running context; with `inner`, also the layers within it. Returns false if
/// the block began in another context. Then nothing was done, unless `anywhere` is set, which ends the layer in all
/// contexts.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(name = "_pop_context", signature = (entered, /, *, anywhere = true, inner = false))]
pub fn pop(entered: &Bound<'_, Entered>, anywhere: bool, inner: bool) -> PyResult<bool> {
    let py = entered.py();
    let Entered { token, block } = entered.get();
    let now = current(py);
    let is_here = is_reset(token.bind(py))?;
    if is_here {
        let is_own = |layer: &Layer| Arc::ptr_eq(&layer.block, block);
        let rest = match now {
            Some(now) if inner => match outwards(&now).find(|layer| is_own(layer.get())) {
                Some(own) => outer_of(&own),
                None => Some(now),
            },
            Some(now) => without(now, is_own)?,
            None => None,
        };
        put(py, rest)?;
    } else if anywhere {
        block.has_ended.store(true, Ordering::Relaxed);
        ENDED.fetch_add(1, Ordering::Relaxed);
    }
    Ok(is_here)
}

/// Puts the layers from the innermost outwards to `base` on top of `outside` instead.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(name = "_rebased")]
pub fn rebased<'py>(
    layer: &Bound<'py, Layer>,
    base: Option<&Bound<'py, Layer>>,
    outside: Option<Bound<'py, Layer>>,
) -> PyResult<Bound<'py, Layer>> {
    let inner = outwards(layer).take_while(|layer| base.is_none_or(|base| !layer.is(base))).collect();
    let rebuilt = rebuilt(inner, outside)?;
    rebuilt.ok_or_else(|| PyRuntimeError::new_err("no layers; this is a bug in logly"))
}

/// Returns the running context's layer without the layers that were ended elsewhere, and sets it in the context.
#[cold]
fn without_ended<'py>(layer: &Bound<'py, Layer>) -> Option<Bound<'py, Layer>> {
    let py = layer.py();
    let ended = ENDED.load(Ordering::Relaxed);
    let rest = without(layer.clone(), |layer| layer.block.has_ended.load(Ordering::Relaxed)).ok()?;
    match &rest {
        Some(rest) if rest.is(layer) => rest.get().checked.store(ended, Ordering::Relaxed),
        // If the context cannot be set, the next call does all of this again.
        _ => drop(put(py, rest.clone())),
    }
    rest
}

/// Returns the layers without those that `is_out` selects. Layers outside of the outermost removed one stay as they
/// are.
fn without(layer: Bound<'_, Layer>, is_out: impl Fn(&Layer) -> bool) -> PyResult<Option<Bound<'_, Layer>>> {
    let mut inner: Vec<_> = outwards(&layer).collect();
    let Some(outermost) = inner.iter().rposition(|layer| is_out(layer.get())) else { return Ok(Some(layer)) };
    let rest = inner.get(outermost + 1).cloned();
    inner.truncate(outermost);
    inner.retain(|layer| !is_out(layer.get()));
    rebuilt(inner, rest)
}

/// Iterates over a layer and those around it, the innermost first.
pub(super) fn outwards<'py>(layer: &Bound<'py, Layer>) -> impl Iterator<Item = Bound<'py, Layer>> + use<'py> {
    std::iter::successors(Some(layer.clone()), outer_of)
}

/// Rebuilds layers, given with the innermost first, on top of another.
fn rebuilt<'py>(
    layers: Vec<Bound<'py, Layer>>,
    outer: Option<Bound<'py, Layer>>,
) -> PyResult<Option<Bound<'py, Layer>>> {
    layers.into_iter().rev().try_fold(outer, |outer, layer| {
        let (py, inner) = (layer.py(), layer.get());
        inner.changed(py, outer, inner.own.clone_ref(py)).map(Some)
    })
}

fn outer_of<'py>(layer: &Bound<'py, Layer>) -> Option<Bound<'py, Layer>> {
    layer.get().outer.as_ref().map(|outer| outer.bind(layer.py()).clone())
}

pub(super) fn set(layer: Bound<'_, Layer>) -> PyResult<Py<PyAny>> {
    let py = layer.py();
    Ok(context_variable::variable(py)?.bind(py).call_method1(name!(py, "set"), (layer,))?.unbind())
}

/// Sets the running context's layer, unless it is set already.
fn put(py: Python<'_>, layer: Option<Bound<'_, Layer>>) -> PyResult<()> {
    let now = context_variable::value(py).filter(|now| !now.is_none());
    let is_there = match (&layer, &now) {
        (Some(layer), Some(now)) => layer.is(now),
        (None, None) => true,
        _ => false,
    };
    if is_there {
        Ok(())
    } else {
        context_variable::variable(py)?.bind(py).call_method1(name!(py, "set"), (layer,)).map(drop)
    }
}

/// Resets a context token. Returns false if the token belongs to another context, or if a thread that shares the object
/// has already reset it.
fn is_reset(token: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = token.py();
    match context_variable::variable(py)?.bind(py).call_method1(name!(py, "reset"), (token,)) {
        Ok(_) => Ok(true),
        Err(error) if error.is_instance_of::<PyValueError>(py) || error.is_instance_of::<PyRuntimeError>(py) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}
