//! Layers of context: the fields that one `contextualize` adds, on top of those outside of it.
//!
//! Blocks may end in any order, and in another context than they began in: generators that are consumed together, fixtures, an
//! async generator that the event loop closes. So a block does not put back the context of its beginning. It takes its own layer
//! out of the running context; where that is another context than the one it began in, it marks the layer as ended, and every
//! context leaves it out from then on. Tasks that were started within a block keep its fields after a regular end.

use crate::python::py::trampoline::watch_at_drop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::config::logger::DEFAULT_MESSAGE_BYTES;
use crate::python::call::fields::Fields;
use crate::python::py::context;
use crate::python::py::gil::attached;
use crate::python::py::interpreter::name;

/// More layers than this are no nesting of blocks: the program never leaves what it enters.
const MOST_LAYERS: u32 = 1_000;

/// How many layers were marked as ended so far.
static ENDED: AtomicU64 = AtomicU64::new(0);

/// The fields of a block and of those around it.
#[pyclass(frozen, name = "_Layer", module = "logly._logly")]
pub struct Layer {
    all: Fields,
    own: Py<PyDict>,
    outer: Option<Py<Layer>>,
    depth: u32,
    block: Arc<Block>,
    /// The value of `ENDED` at which no layer from here outwards was ended.
    checked: AtomicU64,
}

watch_at_drop!(Layer);

/// The block a layer stands for. Contexts share it with whatever will end the block.
#[derive(Default)]
struct Block {
    has_ended: AtomicBool,
}

/// A block that runs; its end hands this back.
#[pyclass(frozen, name = "_Entered", module = "logly._logly")]
pub struct Entered {
    token: Py<PyAny>,
    block: Arc<Block>,
}

watch_at_drop!(Entered);

impl Layer {
    fn on<'py>(
        outer: Option<Bound<'py, Self>>,
        own: &Bound<'py, PyDict>,
        block: Arc<Block>,
    ) -> PyResult<Bound<'py, Self>> {
        let py = own.py();
        let checked = ENDED.load(Ordering::Relaxed);
        let depth = outer.as_ref().map_or(1, |outer| outer.get().depth + 1);
        let values = match &outer {
            Some(outer) => outer.get().values().bind(py).copy()?,
            None => PyDict::new(py),
        };
        values.update(own.as_mapping())?;
        let all = Fields::new(&values, DEFAULT_MESSAGE_BYTES)?;
        let (own, outer, checked) = (own.clone().unbind(), outer.map(Bound::unbind), AtomicU64::new(checked));
        Bound::new(py, Self { all, own, outer, depth, block, checked })
    }

    /// The fields of all layers as records carry them.
    #[inline]
    pub fn encoded(&self) -> &[u8] {
        &self.all.encoded
    }

    /// The fields of all layers as they were given.
    pub fn values(&self) -> &Py<PyDict> {
        &self.all.values
    }

    #[inline]
    fn is_known_to_last(&self) -> bool {
        self.checked.load(Ordering::Relaxed) == ENDED.load(Ordering::Relaxed)
    }

    /// Whether nothing can end the layer any more, or there are too many to tell them apart.
    fn stays(&self) -> bool {
        Arc::strong_count(&self.block) == 1 || self.depth > MOST_LAYERS
    }
}

/// The innermost layer of the running context, if it has any.
#[inline]
pub fn current(py: Python<'_>) -> Option<Bound<'_, Layer>> {
    if context::is_used() { current_of_used(py) } else { None }
}

/// As `current`, in a program that uses contexts.
#[inline(never)]
fn current_of_used(py: Python<'_>) -> Option<Bound<'_, Layer>> {
    let layer = context::value(py)?.cast_into::<Layer>().ok()?;
    if layer.get().is_known_to_last() { Some(layer) } else { attached(py, || without_ended(&layer)) }
}

/// The fields of the running context as they were given, in a dict of the caller's own; empty where there are none.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(name = "_context")]
pub fn fields(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    current(py).map_or_else(|| Ok(PyDict::new(py)), |layer| layer.get().values().bind(py).copy())
}

/// Adds a layer to the running context.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(name = "_push_context")]
pub fn push(fields: &Bound<'_, PyDict>) -> PyResult<Entered> {
    let py = fields.py();
    let block = Arc::new(Block::default());
    let token = set(layer_on(current(py), fields, Arc::clone(&block))?)?;
    Ok(Entered { token, block })
}

/// A layer that is not yet in any context, on top of another.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(name = "_layer")]
pub fn layer<'py>(fields: &Bound<'py, PyDict>, outer: Option<Bound<'py, Layer>>) -> PyResult<Bound<'py, Layer>> {
    layer_on(outer, fields, Arc::default())
}

fn layer_on<'py>(
    outer: Option<Bound<'py, Layer>>,
    fields: &Bound<'py, PyDict>,
    block: Arc<Block>,
) -> PyResult<Bound<'py, Layer>> {
    context::begin_use();
    Layer::on(outer.map(merged).transpose()?, fields, block)
}

/// Makes one of a layer and those around it that stay: a program that enters and never leaves takes no memory for each.
fn merged(layer: Bound<'_, Layer>) -> PyResult<Bound<'_, Layer>> {
    let py = layer.py();
    let inner = layer.get();
    let Some(outer) = inner.outer.as_ref().map(Py::get).filter(|outer| inner.stays() && outer.stays()) else {
        return Ok(layer);
    };
    let own = outer.own.bind(py).copy()?;
    own.update(inner.own.bind(py).as_mapping())?;
    Layer::on(outer.outer.as_ref().map(|outer| outer.bind(py).clone()), &own, Arc::clone(&inner.block))
}

/// Ends a block: takes its layer out of the running context, with `inner` also those within it. False where that is not the context
/// the block began in; then nothing was done unless `anywhere`, which ends the layer in all contexts.
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

/// The layers from the innermost outwards to `base`, on top of `outside` instead.
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

/// The running context's layer, less those that were ended elsewhere. It is kept that way.
#[cold]
fn without_ended<'py>(layer: &Bound<'py, Layer>) -> Option<Bound<'py, Layer>> {
    let py = layer.py();
    let ended = ENDED.load(Ordering::Relaxed);
    let rest = without(layer.clone(), |layer| layer.block.has_ended.load(Ordering::Relaxed)).ok()?;
    match &rest {
        Some(rest) if rest.is(layer) => rest.get().checked.store(ended, Ordering::Relaxed),
        // Where the context cannot be set, the next call does all of this once more.
        _ => drop(put(py, rest.clone())),
    }
    rest
}

/// The layers less some. Those that have only others outside of them stay as they are.
fn without(layer: Bound<'_, Layer>, is_out: impl Fn(&Layer) -> bool) -> PyResult<Option<Bound<'_, Layer>>> {
    let mut inner: Vec<_> = outwards(&layer).collect();
    let Some(outermost) = inner.iter().rposition(|layer| is_out(layer.get())) else { return Ok(Some(layer)) };
    let rest = inner.get(outermost + 1).cloned();
    inner.truncate(outermost);
    inner.retain(|layer| !is_out(layer.get()));
    rebuilt(inner, rest)
}

/// A layer and those around it, the innermost first.
fn outwards<'py>(layer: &Bound<'py, Layer>) -> impl Iterator<Item = Bound<'py, Layer>> + use<'py> {
    std::iter::successors(Some(layer.clone()), outer_of)
}

/// Layers, the innermost first, on top of another.
fn rebuilt<'py>(
    layers: Vec<Bound<'py, Layer>>,
    outer: Option<Bound<'py, Layer>>,
) -> PyResult<Option<Bound<'py, Layer>>> {
    layers.into_iter().rev().try_fold(outer, |outer, layer| {
        let inner = layer.get();
        Layer::on(outer, inner.own.bind(layer.py()), Arc::clone(&inner.block)).map(Some)
    })
}

fn outer_of<'py>(layer: &Bound<'py, Layer>) -> Option<Bound<'py, Layer>> {
    layer.get().outer.as_ref().map(|outer| outer.bind(layer.py()).clone())
}

fn set(layer: Bound<'_, Layer>) -> PyResult<Py<PyAny>> {
    let py = layer.py();
    Ok(context::variable(py)?.bind(py).call_method1(name!(py, "set"), (layer,))?.unbind())
}

/// Sets the running context's layer, unless it is that already.
fn put(py: Python<'_>, layer: Option<Bound<'_, Layer>>) -> PyResult<()> {
    let now = context::value(py).filter(|now| !now.is_none());
    let is_there = match (&layer, &now) {
        (Some(layer), Some(now)) => layer.is(now),
        (None, None) => true,
        _ => false,
    };
    if is_there { Ok(()) } else { context::variable(py)?.bind(py).call_method1(name!(py, "set"), (layer,)).map(drop) }
}

/// Gives a token back; false where it is of another context, or was given back already by a thread that shares the object.
fn is_reset(token: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = token.py();
    match context::variable(py)?.bind(py).call_method1(name!(py, "reset"), (token,)) {
        Ok(_) => Ok(true),
        Err(error) if error.is_instance_of::<PyValueError>(py) || error.is_instance_of::<PyRuntimeError>(py) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}
