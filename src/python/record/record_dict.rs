//! Makes the dict of a record: its keys are interned, and parts that records share are made once.
//!
//! Level, file, thread and process are objects that a program may keep and change. One is used again only if no other
//! record and no program has it, and if no such object was changed since it was made.

use std::collections::hash_map::Entry;

use ahash::AHashMap;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDelta, PyDict, PyString};

use crate::format::escape::Multiline;
use crate::format::text::put_value;
use crate::format::time::pattern::{TimeCache, TimePattern, TimeZone};
use crate::process::per_process::process_number;
use crate::python::py::imports::imported;
use crate::python::py::interpreter::{Kept, name};
use crate::python::py::text::to_python;
use crate::python::record::changes::touched;
use crate::python::value::copied::copied;
use crate::record::decoded::Record;
use crate::record::encoded::{SetPart, Value};
use crate::site::{Location, NO_SITE};
use crate::sync::Mutex;
use crate::sys::zone::CZone;
use crate::writer::snapshot::Snapshot;

/// The most call sites, levels and threads that are kept. Beyond that, they are made again.
const MOST_SITES: usize = 1024;
const MOST_PARTS: usize = 16;

/// A text buffer larger than this, in bytes, is freed after use.
const LARGEST_TEXT: usize = 64 * 1024;

const SECOND: i64 = 1_000_000_000;

/// A function or class of Python that makes a part of a record.
struct Maker {
    kept: Kept<Py<PyAny>>,
    module: &'static str,
    name: &'static str,
}

impl Maker {
    const fn new(module: &'static str, name: &'static str) -> Self {
        Self { kept: Kept::new(), module, name }
    }

    fn load<'py>(&'static self, py: Python<'py>) -> PyResult<&'py Bound<'py, PyAny>> {
        imported(py, &self.kept, self.module, self.name)
    }
}

static LEVEL: Maker = Maker::new("logly._records.record_parts", "level_of");
static FILE: Maker = Maker::new("logly._records.record_parts", "file_of");
static THREAD: Maker = Maker::new("logly._records.record_parts", "thread_of");
static PROCESS: Maker = Maker::new("logly._records.record_parts", "process_of");
static TIME: Maker = Maker::new("logly._records.records", "RecordTime");
static LOCAL: Maker = Maker::new("logly._records.records", "local");
static THREAD_NAME: Maker = Maker::new("logly._records.records", "name_of_thread");
static EXCEPTION: Maker = Maker::new("logly._records.records", "exception_of");
static FOREIGN: Maker = Maker::new("logly._records.records", "ForeignDict");

/// The parts of a record's dict that the record's bytes do not contain.
pub struct Parts<'p, 'py> {
    /// Without a name, the thread's name is looked up.
    pub thread_name: &'p [u8],
    pub fields: &'p Bound<'py, PyDict>,
    pub exception: Option<Bound<'py, PyAny>>,
}

/// An object that records share, and the number of changes to such objects when it was made.
struct Shared(Py<PyAny>, u64);

impl Shared {
    fn new(object: &Bound<'_, PyAny>) -> Self {
        Self(object.clone().unbind(), touched())
    }

    /// The object, unless another record or the program has it, or may have changed it.
    #[expect(deprecated, reason = "CPython is asked directly otherwise, which would need a file for it")]
    fn free<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        (self.1 == touched() && self.0.bind(py).get_refcnt() == 1).then(|| self.0.bind(py).clone())
    }
}

/// The objects of a place in the program.
struct Place {
    module: Py<PyAny>,
    function: Py<PyAny>,
    path: Py<PyAny>,
    line: Py<PyAny>,
    line_text: Py<PyAny>,
    file: Option<Shared>,
    outline: Option<Outline>,
    /// The number of records without an outline.
    misfits: u32,
}

/// A dict with the keys of a record's dict, and nothing in it. To copy it takes less time than to let a dict grow.
struct Outline {
    dict: Py<PyDict>,
    /// The number of fields, which come first.
    fields: usize,
}

/// After this many records that did not fit, a place has a new outline. It has the first one after two records.
const MOST_MISFITS: u32 = 32;

impl Outline {
    fn of(extra: &Bound<'_, PyDict>) -> PyResult<Self> {
        let py = extra.py();
        let dict = PyDict::new(py);
        for name in extra.keys() {
            dict.set_item(name, py.None())?;
        }
        for name in keys(py) {
            dict.set_item(name, py.None())?;
        }
        Ok(Self { dict: dict.unbind(), fields: extra.len() })
    }

    /// Whether it is the outline for these fields: it has the same names in the same order.
    fn fits(&self, extra: &Bound<'_, PyDict>) -> bool {
        let known = self.dict.bind(extra.py()).iter();
        self.fields == extra.len() && extra.iter().zip(known).all(|((name, _), (known, _))| name.is(&known))
    }

    /// A copy with the fields.
    fn filled<'py>(&self, extra: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
        let dict = self.dict.bind(extra.py()).copy()?;
        for (name, value) in extra.iter() {
            dict.set_item(name, value)?;
        }
        Ok(dict)
    }
}

/// The keys that are no fields, in the order in which `DictMaker::make` sets them.
fn keys(py: Python<'_>) -> [&Bound<'_, PyString>; 16] {
    [
        name!(py, "timestamp"),
        name!(py, "level"),
        name!(py, "message"),
        name!(py, "filename"),
        name!(py, "lineno"),
        name!(py, "function"),
        name!(py, "module"),
        name!(py, "extra"),
        name!(py, "time"),
        name!(py, "name"),
        name!(py, "line"),
        name!(py, "file"),
        name!(py, "process"),
        name!(py, "thread"),
        name!(py, "elapsed"),
        name!(py, "exception"),
    ]
}

/// The bytes that a pickle of a `datetime` has for its time, up to the microsecond in the last three. Its class makes one
/// from them in a third of the time that it takes to read eight arguments.
const TIME_STATE: usize = 10;

/// A second of local time.
struct Second {
    at: i64,
    zone: CZone,
    state: [u8; TIME_STATE],
    /// Python's zone.
    local: Py<PyAny>,
}

struct Level {
    name: Box<str>,
    no: i32,
    icon: Box<[u8]>,
    shared: Shared,
}

/// The parts that one record leaves for the next.
struct DictMaker {
    places: AHashMap<u32, Place>,
    levels: Vec<Level>,
    /// By identifier and name.
    threads: Vec<(u64, Box<[u8]>, Shared)>,
    process: Option<(u32, Shared)>,
    second: Option<Second>,
    times: TimeCache,
    pattern: TimePattern,
    text: Vec<u8>,
}

impl Default for DictMaker {
    fn default() -> Self {
        Self {
            places: AHashMap::new(),
            levels: Vec::new(),
            threads: Vec::new(),
            process: None,
            second: None,
            times: TimeCache::new(),
            pattern: TimePattern::json_utc(),
            text: Vec::new(),
        }
    }
}

/// The maker between two records. It is taken for the time of one, in which Python code may run and log.
static KEPT: Mutex<Option<Box<DictMaker>>> = Mutex::new(None);

/// Imports the functions that make parts of records, when a sink that needs them is added.
pub fn preload(py: Python<'_>) -> PyResult<()> {
    let makers = [&LEVEL, &FILE, &THREAD, &PROCESS, &TIME, &LOCAL, &THREAD_NAME, &EXCEPTION, &FOREIGN];
    makers.into_iter().try_for_each(|maker| maker.load(py).map(drop))
}

/// Makes the dict of one record.
///
/// This never waits for the lock, because a child that C code forked could wait forever. Without the lock, all parts
/// are made.
pub fn make<'py>(
    py: Python<'py>,
    record: &Record<'_>,
    snapshot: &Snapshot,
    parts: Parts<'_, 'py>,
) -> PyResult<Bound<'py, PyDict>> {
    let mut maker = KEPT.try_lock().and_then(|mut kept| kept.take()).unwrap_or_default();
    let made = maker.make(py, record, snapshot, parts);
    if let Some(mut kept) = KEPT.try_lock() {
        let other = kept.replace(maker);
        drop(kept);
        drop(other);
    }
    made
}

impl DictMaker {
    fn make<'py>(
        &mut self,
        py: Python<'py>,
        record: &Record<'_>,
        snapshot: &Snapshot,
        parts: Parts<'_, 'py>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let header = &record.header;
        let extra = copied(parts.fields)?;
        let place = self.place(py, record, &extra)?;
        let dict = place.dict;
        dict.set_item(name!(py, "timestamp"), self.timestamp(py, header.time_ns))?;
        dict.set_item(name!(py, "level"), self.level(py, record, snapshot)?)?;
        dict.set_item(name!(py, "message"), self.message(py, record))?;
        dict.set_item(name!(py, "filename"), place.path)?;
        dict.set_item(name!(py, "lineno"), place.line_text)?;
        dict.set_item(name!(py, "function"), place.function)?;
        dict.set_item(name!(py, "module"), &place.module)?;
        dict.set_item(name!(py, "extra"), extra)?;
        dict.set_item(name!(py, "time"), self.time(py, header.time_ns)?)?;
        dict.set_item(name!(py, "name"), place.module)?;
        dict.set_item(name!(py, "line"), place.line)?;
        dict.set_item(name!(py, "file"), place.file)?;
        dict.set_item(name!(py, "process"), self.process(py, record)?)?;
        dict.set_item(name!(py, "thread"), self.thread(py, header.thread, parts.thread_name)?)?;
        dict.set_item(name!(py, "elapsed"), elapsed(py, header.time_ns.saturating_sub(snapshot.start_ns))?)?;
        let exception = parts.exception.map(|exception| EXCEPTION.load(py)?.call1((exception,))).transpose()?;
        dict.set_item(name!(py, "exception"), exception)?;
        let Some(origin) = &record.origin else { return Ok(dict) };
        Ok(FOREIGN.load(py)?.call1((dict, to_python(py, origin.trail)))?.cast_into()?)
    }

    fn timestamp<'py>(&mut self, py: Python<'py>, time_ns: i64) -> Bound<'py, PyAny> {
        self.text.clear();
        self.times.render(&self.pattern, time_ns, &TimeZone::UTC, &mut self.text);
        to_python(py, &self.text)
    }

    /// The rendered message, with nothing escaped.
    fn message<'py>(&mut self, py: Python<'py>, record: &Record<'_>) -> Bound<'py, PyAny> {
        self.text.clear();
        put_message(&mut self.text, record);
        let message = to_python(py, &self.text);
        self.text.shrink_to(LARGEST_TEXT);
        message
    }

    fn level<'py>(&mut self, py: Python<'py>, record: &Record<'_>, snapshot: &Snapshot) -> PyResult<Bound<'py, PyAny>> {
        let (levels, no) = (&snapshot.settings.levels, record.header.level.no);
        let name = record.level_name(levels);
        let usual = || levels.get(record.header.level.id).map_or("", |level| &level.icon).as_bytes();
        let icon = record.set(SetPart::LevelIcon).unwrap_or_else(usual);
        let at = self.levels.iter().position(|known| known.no == no && *known.name == *name && *known.icon == *icon);
        if let Some(level) = at.and_then(|at| self.levels[at].shared.free(py)) {
            return Ok(level);
        }
        let level = LEVEL.load(py)?.call1((&*name, no, to_python(py, icon)))?;
        let made = Level { name: name.into(), no, icon: icon.into(), shared: Shared::new(&level) };
        keep(&mut self.levels, at, made);
        Ok(level)
    }

    /// The objects of the record's place. Only places with a number are kept.
    fn place<'py>(
        &mut self,
        py: Python<'py>,
        record: &Record<'_>,
        extra: &Bound<'py, PyDict>,
    ) -> PyResult<PlaceObjects<'py>> {
        let site = record.header.site;
        if site == NO_SITE {
            let mut place = Place::new(py, &record.location)?;
            return place.objects(py, &record.location, extra.copy()?);
        }
        if self.places.len() >= MOST_SITES && !self.places.contains_key(&site) {
            self.places.clear();
        }
        let place = match self.places.entry(site) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(Place::new(py, &record.location)?),
        };
        let dict = place.dict(extra)?;
        place.objects(py, &record.location, dict)
    }

    fn process<'py>(&mut self, py: Python<'py>, record: &Record<'_>) -> PyResult<Bound<'py, PyAny>> {
        if let Some(origin) = &record.origin {
            return PROCESS.load(py)?.call1((origin.process, to_python(py, origin.process_name)));
        }
        let process = process_number();
        let known = self.process.as_ref().filter(|(known, _)| *known == process);
        if let Some(known) = known.and_then(|(_, shared)| shared.free(py)) {
            return Ok(known);
        }
        let made = PROCESS.load(py)?.call1((process,))?;
        self.process = Some((process, Shared::new(&made)));
        Ok(made)
    }

    fn thread<'py>(&mut self, py: Python<'py>, ident: u64, name: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        if name.is_empty() {
            return THREAD.load(py)?.call1((ident, THREAD_NAME.load(py)?.call1((ident,))?));
        }
        let at = self.threads.iter().position(|(known, known_name, _)| *known == ident && **known_name == *name);
        if let Some(thread) = at.and_then(|at| self.threads[at].2.free(py)) {
            return Ok(thread);
        }
        let thread = THREAD.load(py)?.call1((ident, to_python(py, name)))?;
        keep(&mut self.threads, at, (ident, name.into(), Shared::new(&thread)));
        Ok(thread)
    }

    /// The local time. Python's own conversion is asked once a second.
    fn time<'py>(&mut self, py: Python<'py>, time_ns: i64) -> PyResult<Bound<'py, PyAny>> {
        let (at, zone) = (time_ns.div_euclid(SECOND), CZone::now());
        let known = self.second.as_ref().filter(|known| known.at == at && known.zone == zone);
        let (mut state, zone) = if let Some(known) = known {
            (known.state, known.local.bind(py).clone())
        } else {
            let (state, local) = LOCAL.load(py)?.call1((at,))?.extract::<([u8; TIME_STATE], Bound<'_, PyAny>)>()?;
            self.second = Some(Second { at, zone, state, local: local.clone().unbind() });
            (state, local)
        };
        let microsecond = (time_ns.rem_euclid(SECOND) / 1000) as u32;
        state[TIME_STATE - 3..].copy_from_slice(&microsecond.to_be_bytes()[1..]);
        TIME.load(py)?.call1((PyBytes::new(py, &state), zone))
    }
}

/// The objects of a place, for one record, and its dict, which has the fields already.
struct PlaceObjects<'py> {
    dict: Bound<'py, PyDict>,
    module: Bound<'py, PyAny>,
    function: Bound<'py, PyAny>,
    path: Bound<'py, PyAny>,
    line: Bound<'py, PyAny>,
    line_text: Bound<'py, PyAny>,
    file: Bound<'py, PyAny>,
}

impl Place {
    fn new(py: Python<'_>, location: &Location<'_>) -> PyResult<Self> {
        Ok(Self {
            module: to_python(py, location.module).unbind(),
            function: to_python(py, location.function).unbind(),
            path: to_python(py, location.path).unbind(),
            line: location.line.into_pyobject(py)?.into_any().unbind(),
            line_text: PyString::new(py, itoa::Buffer::new().format(location.line)).into_any().unbind(),
            file: None,
            outline: None,
            misfits: 0,
        })
    }

    /// The dict of a record with these fields, before its other parts are set.
    fn dict<'py>(&mut self, extra: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
        if let Some(outline) = self.outline.as_ref().filter(|outline| outline.fits(extra)) {
            return outline.filled(extra);
        }
        self.misfits = self.misfits.wrapping_add(1);
        if self.misfits % MOST_MISFITS == 2 {
            self.outline = Some(Outline::of(extra)?);
        }
        extra.copy()
    }

    fn objects<'py>(
        &mut self,
        py: Python<'py>,
        location: &Location<'_>,
        dict: Bound<'py, PyDict>,
    ) -> PyResult<PlaceObjects<'py>> {
        let path = self.path.bind(py).clone();
        let known = self.file.as_ref().and_then(|file| file.free(py));
        let file = if let Some(file) = known {
            file
        } else {
            let file = FILE.load(py)?.call1((to_python(py, location.filename()), &path))?;
            self.file = Some(Shared::new(&file));
            file
        };
        Ok(PlaceObjects {
            dict,
            module: self.module.bind(py).clone(),
            function: self.function.bind(py).clone(),
            path,
            line: self.line.bind(py).clone(),
            line_text: self.line_text.bind(py).clone(),
            file,
        })
    }
}

/// Keeps a part in its place, or in that of the oldest one if there are too many.
fn keep<T>(parts: &mut Vec<T>, at: Option<usize>, part: T) {
    if let Some(at) = at {
        parts[at] = part;
        return;
    }
    if parts.len() >= MOST_PARTS {
        parts.remove(0);
    }
    parts.push(part);
}

/// `timedelta(seconds=nanoseconds / 1e9)`, with Python's rounding: by way of a float, and exact ties to even.
#[expect(clippy::cast_precision_loss, reason = "as Python's own division does beyond 104 days")]
fn elapsed(py: Python<'_>, nanoseconds: i64) -> PyResult<Bound<'_, PyDelta>> {
    const SECONDS_A_DAY: i64 = 24 * 3600;
    const MICROSECONDS: f64 = 1e6;
    let seconds = nanoseconds.max(0) as f64 / SECOND as f64;
    let microseconds = (seconds.fract() * MICROSECONDS).round_ties_even() as i32;
    let whole = seconds.trunc() as i64;
    PyDelta::new(py, (whole / SECONDS_A_DAY) as i32, (whole % SECONDS_A_DAY) as i32, microseconds, true)
}

/// Writes the rendered message, with nothing escaped.
pub fn put_message(text: &mut Vec<u8>, record: &Record<'_>) {
    record.message(|value| match value {
        Value::Str(part) | Value::Odd { display: part, .. } => text.extend_from_slice(part),
        other => put_value(text, other, Multiline::Raw),
    });
}
