//! Facts about places in the program. Each is worked out once, and kept while its code object lives.

use std::sync::Arc;

use ahash::AHashMap;
use pyo3::prelude::*;

use crate::python::call::code_watch::{Key, watch};
use crate::sync::Mutex;

/// The number of facts that are kept. One more clears them all, and they are worked out again.
const MOST: usize = 8_192;

/// The facts of one kind, by place.
///
/// The lock is held for one lookup, only with the GIL held, and never while Python code runs. So a fork from Python
/// finds it unlocked.
pub struct ByPlace<T: 'static> {
    known: Mutex<Option<AHashMap<Key, Watched<T>>>>,
}

/// A fact, and the weak reference that removes it when its code object dies.
struct Watched<T> {
    fact: Arc<T>,
    _reference: Py<PyAny>,
}

impl<T> ByPlace<T> {
    pub const fn new() -> Self {
        Self { known: Mutex::new(None) }
    }

    pub fn get(&self, key: Key) -> Option<Arc<T>> {
        self.known.lock().as_ref().and_then(|known| known.get(&key)).map(|known| Arc::clone(&known.fact))
    }

    /// Keeps a fact until its code object dies, when Python calls `forget`. Code that cannot be watched is not kept.
    pub fn keep(&self, code: &Bound<'_, PyAny>, key: Key, fact: &Arc<T>, forget: fn(Python<'_>, Key)) {
        let Ok(reference) = watch(code, key, forget) else { return };
        let mut known = self.known.lock();
        let facts = known.get_or_insert_default();
        let gone = if facts.len() >= MOST { std::mem::take(facts) } else { AHashMap::new() };
        let former = facts.insert(key, Watched { fact: Arc::clone(fact), _reference: reference });
        // This frees Python objects, which must not happen while the lock is held.
        drop(known);
        drop((gone, former));
    }

    pub fn forget(&self, key: Key) {
        let gone = self.known.lock().as_mut().and_then(|known| known.remove(&key));
        drop(gone);
    }
}
