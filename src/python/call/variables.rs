//! Context variables of the program whose values are fields, as `configure(context=)` and integrations name them.
//!
//! A call reads the variables. If their values are the same objects as in one of the thread's last calls, it copies the
//! bytes of that call. Only values that nothing can change are known by their identity. Others are encoded at each
//! call, except where a function makes fields from them: it is called once for a value.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use smallvec::SmallVec;

use crate::python::call::field_source::{FieldSource, FieldSources};
use crate::python::call::known_values::forgotten;
use crate::python::py::context_variable;
use crate::python::py::gil::attached;
use crate::python::value::capture::Capture;
use crate::record::encoded::Encoder;
use crate::sync::Mutex;

/// The number of combinations of values that a thread remembers, a power of two.
const RECENT: usize = 16;

/// The values of most programs' variables.
type Values<'py> = SmallVec<[Option<Bound<'py, PyAny>>; 4]>;

/// The sources of all loggers. A set is dropped here alone, so with the interpreter lock: threads that end do not drop
/// the last owner of Python objects.
static ALL: Mutex<Vec<Arc<FieldSources>>> = Mutex::new(Vec::new());

static NUMBERS: AtomicU64 = AtomicU64::new(1);

thread_local! {
    static RECENTLY: Cell<Option<Box<Recently>>> = const { Cell::new(None) };
}

/// The last calls of a thread.
struct Recently {
    number: u64,
    sources: Arc<FieldSources>,
    calls: [Option<Recent>; RECENT],
    /// The place of the last call.
    last: usize,
}

/// The sections that a call wrote, and the values they came from.
struct Recent {
    /// The addresses of the values; 0 for a variable without one.
    addresses: Box<[usize]>,
    forgotten: u64,
    sections: Box<[u8]>,
    has_span: bool,
}

/// The context variables of a logger.
#[derive(Default)]
pub struct Variables {
    /// The number of the sources. 0 if there are none.
    number: AtomicU64,
    parts: Mutex<Parts>,
}

#[derive(Default)]
struct Parts {
    given: Vec<FieldSource>,
    span: Option<FieldSource>,
    sources: Option<Arc<FieldSources>>,
}

/// The sources as they were saved.
pub struct SavedVariables(Vec<FieldSource>, Option<FieldSource>);

impl Variables {
    /// Replaces the sources of `configure(context=)`.
    pub fn give(&self, py: Python<'_>, given: Vec<FieldSource>) {
        self.change(py, |parts| parts.given = given);
    }

    /// Sets or removes the source of the ids of the active span.
    pub fn set_span(&self, py: Python<'_>, span: Option<FieldSource>) {
        self.change(py, |parts| parts.span = span);
    }

    pub fn has_span(&self) -> bool {
        self.parts.lock().span.is_some()
    }

    pub fn save(&self, py: Python<'_>) -> SavedVariables {
        let parts = self.parts.lock();
        let given = parts.given.iter().map(|source| source.clone_ref(py)).collect();
        SavedVariables(given, parts.span.as_ref().map(|span| span.clone_ref(py)))
    }

    pub fn restore(&self, py: Python<'_>, saved: SavedVariables) {
        self.change(py, |parts| (parts.given, parts.span) = (saved.0, saved.1));
    }

    /// Forgets the fields that were made from values: texts may have been cut.
    pub fn renew(&self, py: Python<'_>) {
        self.change(py, |_| ());
    }

    fn change(&self, py: Python<'_>, change: impl FnOnce(&mut Parts)) {
        let mut parts = self.parts.lock();
        let before = Parts { given: cloned(py, &parts.given), span: parts.span.take(), sources: parts.sources.take() };
        parts.span = before.span.as_ref().map(|span| span.clone_ref(py));
        change(&mut parts);
        let all: Vec<_> = parts.span.iter().chain(&parts.given).map(|source| source.clone_ref(py)).collect();
        let is_used = !all.is_empty();
        parts.sources = is_used.then(|| Arc::new(FieldSources::new(all)));
        if let Some(sources) = &parts.sources {
            ALL.lock().push(Arc::clone(sources));
            context_variable::begin_use();
        }
        let number = if is_used { NUMBERS.fetch_add(1, Ordering::Relaxed) } else { 0 };
        self.number.store(number, Ordering::Relaxed);
        drop(parts);
        // The end of an object may run the program's code.
        drop(before);
        drop(unused());
    }

    pub fn are_used(&self) -> bool {
        self.number.load(Ordering::Relaxed) != 0
    }

    /// Whether there is a source with this name.
    pub fn has(&self, name: &str) -> bool {
        self.parts.lock().given.iter().any(|source| *source.key == *name.as_bytes())
    }

    /// Writes the fields of the running context. Returns whether the ids of a span are among them.
    #[inline]
    pub fn put(&self, py: Python<'_>, encoder: &mut Encoder<'_>, capture: &mut Capture) -> bool {
        let number = self.number.load(Ordering::Relaxed);
        number != 0 && self.put_all(py, number, encoder, capture)
    }

    fn put_all(&self, py: Python<'_>, number: u64, encoder: &mut Encoder<'_>, capture: &mut Capture) -> bool {
        let written = RECENTLY.try_with(|place| {
            // Take it, do not borrow it: functions of the program may log, and then find none here.
            let known = place.take().filter(|known| known.number == number);
            let mut recently = known.or_else(|| self.recently(number))?;
            let has_span = recently.put(py, encoder, capture);
            place.set(Some(recently));
            Some(has_span)
        });
        match written {
            Ok(has_span) => has_span.unwrap_or(false),
            // While a thread ends, there is no place for it.
            Err(_) => self.recently(number).is_some_and(|mut recently| recently.put(py, encoder, capture)),
        }
    }

    #[cold]
    fn recently(&self, number: u64) -> Option<Box<Recently>> {
        let sources = Arc::clone(self.parts.lock().sources.as_ref()?);
        Some(Box::new(Recently { number, sources, calls: [const { None }; RECENT], last: 0 }))
    }

    /// Adds the objects of the fields to a dict. Returns whether the ids of a span are among them.
    pub fn update(&self, fields: &Bound<'_, PyDict>, capture: &mut Capture) -> PyResult<bool> {
        let sources = self.parts.lock().sources.clone();
        let Some(sources) = sources else { return Ok(false) };
        sources.update(fields, capture)
    }
}

impl Recently {
    #[inline]
    fn put(&mut self, py: Python<'_>, encoder: &mut Encoder<'_>, capture: &mut Capture) -> bool {
        if let Some(recent) = &self.calls[self.last]
            && recent.forgotten == forgotten()
            && self.sources.all.iter().zip(&recent.addresses).all(|(source, known)| source.address(py) == *known)
        {
            encoder.buffer().extend_from_slice(&recent.sections);
            return recent.has_span;
        }
        self.put_others(py, encoder, capture)
    }

    /// Writes values that differ from those of the last call.
    #[inline(never)]
    fn put_others(&mut self, py: Python<'_>, encoder: &mut Encoder<'_>, capture: &mut Capture) -> bool {
        let forgotten = forgotten();
        let values: Values<'_> = self.sources.all.iter().map(|source| source.value(py)).collect();
        let addresses = values.iter().map(|value| value.as_ref().map_or(0, |value| value.as_ptr().addr()));
        self.last = place_of(addresses.clone());
        if let Some(recent) = &self.calls[self.last]
            && recent.forgotten == forgotten
            && recent.addresses.iter().copied().eq(addresses.clone())
        {
            encoder.buffer().extend_from_slice(&recent.sections);
            return recent.has_span;
        }
        attached(py, || {
            let start = encoder.buffer().len();
            let written = self.sources.put(py, &values, encoder, capture);
            if written.is_lasting {
                let (addresses, sections) = (addresses.collect(), encoder.buffer()[start..].into());
                let has_span = written.has_span;
                self.calls[self.last] = Some(Recent { addresses, forgotten, sections, has_span });
            }
            written.has_span
        })
    }
}

/// The place for a combination of values.
fn place_of(addresses: impl Iterator<Item = usize>) -> usize {
    let mixed = addresses
        .fold(0_u64, |mixed, address| (mixed ^ address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23));
    mixed as usize % RECENT
}

fn cloned(py: Python<'_>, sources: &[FieldSource]) -> Vec<FieldSource> {
    sources.iter().map(|source| source.clone_ref(py)).collect()
}

/// Takes out the sets that no logger and no thread has any more.
fn unused() -> Vec<Arc<FieldSources>> {
    let mut all = ALL.lock();
    let (used, unused) = std::mem::take(&mut *all).into_iter().partition(|sources| Arc::strong_count(sources) > 1);
    *all = used;
    unused
}
