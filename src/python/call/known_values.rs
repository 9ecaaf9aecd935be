//! The values of context variables that are known by their identity, and the fields that functions made from them.
//!
//! A known value is held, or watched by a weak reference where its class allows that. So its address never stands for
//! another object. The number of known values is bounded: when there are too many, those that were not used for some
//! time are forgotten.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ahash::AHashMap;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyWeakrefMethods, PyWeakrefReference};

use crate::python::py::interpreter::{Kept, kept};
use crate::python::py::trampoline::watch_at_drop;
use crate::sync::Mutex;

/// After this many new values, those are forgotten that were not used since the last time.
const MOST_NEW: usize = 512;

/// The number of times that known values were forgotten so far. Check it before you trust an address that was kept.
static FORGOTTEN: AtomicU64 = AtomicU64::new(0);

/// The number of times that known values were forgotten so far.
#[inline]
pub fn forgotten() -> u64 {
    FORGOTTEN.load(Ordering::Relaxed)
}

/// The fields that a function made from a value.
#[derive(Default)]
pub struct Made {
    /// Names and values, as records carry them.
    pub encoded: Vec<u8>,
    /// The same for records that have the ids of a span, if some of the names are those of ids.
    pub beside_span: Option<Vec<u8>>,
    /// The same as objects; None if there are none.
    pub objects: Option<Py<PyDict>>,
}

/// A value of the variable with this number in its set.
type Key = (usize, usize);

/// The known values of one set of variables.
#[derive(Default)]
pub struct KnownValues(Mutex<Values>);

#[derive(Default)]
struct Values {
    recent: AHashMap<Key, Known>,
    older: AHashMap<Key, Known>,
}

struct Known {
    held: Held,
    made: Arc<Made>,
}

enum Held {
    Strongly(Py<PyAny>),
    Weakly(Py<PyWeakrefReference>),
}

impl Known {
    fn is(&self, value: &Bound<'_, PyAny>) -> bool {
        match &self.held {
            Held::Strongly(held) => held.is(value),
            Held::Weakly(held) => held.bind(value.py()).upgrade().is_some_and(|held| held.is(value)),
        }
    }
}

impl KnownValues {
    /// The fields that were made from a value, if the value is known.
    pub fn find(&self, variable: usize, value: &Bound<'_, PyAny>) -> Option<Arc<Made>> {
        let key = (variable, value.as_ptr().addr());
        let mut values = self.0.lock();
        if let Some(known) = values.recent.get(&key) {
            return known.is(value).then(|| Arc::clone(&known.made));
        }
        let known = values.older.get(&key).filter(|known| known.is(value))?;
        let made = Arc::clone(&known.made);
        // It is in use, so it stays.
        let known = values.older.remove(&key)?;
        values.recent.insert(key, known);
        Some(made)
    }

    /// Remembers a value that nothing can change, such as a text. It is held.
    pub fn hold(&self, variable: usize, value: &Bound<'_, PyAny>) {
        self.insert(variable, value, Held::Strongly(value.clone().unbind()), Arc::default());
    }

    /// Remembers the fields that were made from a value.
    pub fn remember(&self, variable: usize, value: &Bound<'_, PyAny>, made: Arc<Made>) {
        let held = match watched(value) {
            Ok(reference) => Held::Weakly(reference),
            Err(_) => Held::Strongly(value.clone().unbind()),
        };
        self.insert(variable, value, held, made);
    }

    fn insert(&self, variable: usize, value: &Bound<'_, PyAny>, held: Held, made: Arc<Made>) {
        let mut values = self.0.lock();
        let is_full = values.recent.len() >= MOST_NEW;
        let forgotten = is_full.then(|| {
            let recent = std::mem::take(&mut values.recent);
            std::mem::replace(&mut values.older, recent)
        });
        let before = values.recent.insert((variable, value.as_ptr().addr()), Known { held, made });
        drop(values);
        if is_full {
            FORGOTTEN.fetch_add(1, Ordering::Relaxed);
        }
        // The end of a value may run the program's code, which may log.
        drop((forgotten, before));
    }
}

/// Called by the weak reference to a known value when the value ends.
#[pyclass(frozen, name = "_Forget", module = "logly._logly")]
struct Forget;

watch_at_drop!(Forget);

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl Forget {
    #[expect(clippy::unused_self, reason = "Python calls it as a method")]
    fn __call__(&self, _reference: &Bound<'_, PyAny>) {
        FORGOTTEN.fetch_add(1, Ordering::Relaxed);
    }
}

static FORGET: Kept<Py<Forget>> = Kept::new();

fn watched(value: &Bound<'_, PyAny>) -> PyResult<Py<PyWeakrefReference>> {
    let py = value.py();
    let forget = kept(py, &FORGET, || Py::new(py, Forget))?;
    Ok(PyWeakrefReference::new_with(value, forget.bind(py))?.unbind())
}
