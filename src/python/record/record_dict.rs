//! Makes the dict of a record: its keys are interned, and parts that records share are made once.
//!
//! Level, file, thread and process are objects that a program may keep and change. One is used again only if no other
//! record and no program has it, and if no such object was changed since it was made.

use std::collections::hash_map::Entry;

use ahash::AHashMap;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDelta, PyDict};

use crate::format::escape::Multiline;
use crate::format::text::put_value;
use crate::format::time::pattern::{TimeCache, TimePattern, TimeZone};
use crate::process::per_process::process_number;
use crate::python::py::interpreter::name;
use crate::python::py::text::to_python;
use crate::python::record::place::{Maker, Place, PlaceObjects, Shared};
use crate::python::value::copied::copied;
use crate::record::decoded::Record;
use crate::record::encoded::{SetPart, Value};
use crate::site::NO_SITE;
use crate::sync::Mutex;
use crate::sys::zone::CZone;
use crate::writer::snapshot::Snapshot;

/// The most call sites, levels and threads that are kept. Beyond that, they are made again.
const MOST_SITES: usize = 1024;
const MOST_PARTS: usize = 16;

/// A text buffer larger than this, in bytes, is freed after use.
const LARGEST_TEXT: usize = 64 * 1024;

const SECOND: i64 = 1_000_000_000;

/// The functions that make the parts of records.
struct Makers {
    level: Maker,
    file: Maker,
    thread: Maker,
    process: Maker,
    exception: Maker,
}

static LOGLY: Makers = Makers {
    level: Maker::new("logly._records.record_parts", "level_of"),
    file: Maker::new("logly._records.record_parts", "file_of"),
    thread: Maker::new("logly._records.record_parts", "thread_of"),
    process: Maker::new("logly._records.record_parts", "process_of"),
    exception: Maker::new("logly._records.records", "exception_of"),
};
static LOGURU: Makers = Makers {
    level: Maker::new("logly.loguru._records", "RecordLevel"),
    file: Maker::new("logly.loguru._records", "RecordFile"),
    thread: Maker::new("logly.loguru._records", "RecordThread"),
    process: Maker::new("logly.loguru._records", "process_of"),
    exception: Maker::new("logly.loguru._records", "exception_of"),
};
static TIME: Maker = Maker::new("logly._records.records", "RecordTime");
static LOCAL: Maker = Maker::new("logly._records.records", "local");
static THREAD_NAME: Maker = Maker::new("logly._records.records", "name_of_thread");
static FOREIGN: Maker = Maker::new("logly._records.records", "ForeignDict");

impl Makers {
    fn load(&'static self, py: Python<'_>) -> PyResult<()> {
        let all = [&self.level, &self.file, &self.thread, &self.process, &self.exception];
        all.into_iter().try_for_each(|maker| maker.load(py).map(drop))
    }
}

/// The parts of a record's dict that the record's bytes do not contain.
pub struct Parts<'p, 'py> {
    /// Without a name, the thread's name is looked up.
    pub thread_name: &'p [u8],
    pub fields: &'p Bound<'py, PyDict>,
    pub exception: Option<Bound<'py, PyAny>>,
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
    makers: &'static Makers,
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

impl DictMaker {
    fn new(makers: &'static Makers) -> Self {
        Self {
            makers,
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

/// The one for records in the form of Loguru's.
static KEPT_IN_LOGURU: Mutex<Option<Box<DictMaker>>> = Mutex::new(None);

/// Imports the functions that make parts of records, when a sink that needs them is added.
pub fn preload(py: Python<'_>) -> PyResult<()> {
    LOGLY.load(py)?;
    [&TIME, &LOCAL, &THREAD_NAME, &FOREIGN].into_iter().try_for_each(|maker| maker.load(py).map(drop))
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
    let is_loguru = snapshot.settings.dialect.is_loguru();
    let (all_kept, makers) = if is_loguru { (&KEPT_IN_LOGURU, &LOGURU) } else { (&KEPT, &LOGLY) };
    let mut maker =
        all_kept.try_lock().and_then(|mut kept| kept.take()).unwrap_or_else(|| DictMaker::new(makers).into());
    let made = if is_loguru {
        maker.make_in_loguru(py, record, snapshot, parts)
    } else {
        maker.make(py, record, snapshot, parts)
    };
    if let Some(mut kept) = all_kept.try_lock() {
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
        let exception =
            parts.exception.map(|exception| self.makers.exception.load(py)?.call1((exception,))).transpose()?;
        dict.set_item(name!(py, "exception"), exception)?;
        let Some(origin) = &record.origin else { return Ok(dict) };
        Ok(FOREIGN.load(py)?.call1((dict, to_python(py, origin.trail)))?.cast_into()?)
    }

    /// The dict with the keys of Loguru's record, in their order.
    fn make_in_loguru<'py>(
        &mut self,
        py: Python<'py>,
        record: &Record<'_>,
        snapshot: &Snapshot,
        parts: Parts<'_, 'py>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let header = &record.header;
        let extra = copied(parts.fields)?;
        let place = self.place(py, record, &PyDict::new(py))?;
        let dict = PyDict::new(py);
        dict.set_item(name!(py, "elapsed"), elapsed(py, header.time_ns.saturating_sub(snapshot.start_ns))?)?;
        let exception =
            parts.exception.map(|exception| self.makers.exception.load(py)?.call1((exception,))).transpose()?;
        dict.set_item(name!(py, "exception"), exception)?;
        dict.set_item(name!(py, "extra"), extra)?;
        dict.set_item(name!(py, "file"), place.file)?;
        dict.set_item(name!(py, "function"), place.function)?;
        dict.set_item(name!(py, "level"), self.level(py, record, snapshot)?)?;
        dict.set_item(name!(py, "line"), place.line)?;
        dict.set_item(name!(py, "message"), self.message(py, record))?;
        dict.set_item(name!(py, "module"), to_python(py, record.stem()))?;
        let name = Some(place.module).filter(|_| !record.location.module.is_empty());
        dict.set_item(name!(py, "name"), name)?;
        dict.set_item(name!(py, "process"), self.process(py, record)?)?;
        dict.set_item(name!(py, "thread"), self.thread(py, header.thread, parts.thread_name)?)?;
        dict.set_item(name!(py, "time"), self.time(py, header.time_ns)?)?;
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
        let usual = || levels.icon(record.header.level.id).as_bytes();
        let icon = record.set(SetPart::LevelIcon).unwrap_or_else(usual);
        let at = self.levels.iter().position(|known| known.no == no && *known.name == *name && *known.icon == *icon);
        if let Some(level) = at.and_then(|at| self.levels[at].shared.free(py)) {
            return Ok(level);
        }
        let level = self.makers.level.load(py)?.call1((&*name, no, to_python(py, icon)))?;
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
            return place.objects(py, &record.location, extra.copy()?, &self.makers.file);
        }
        if self.places.len() >= MOST_SITES && !self.places.contains_key(&site) {
            self.places.clear();
        }
        let place = match self.places.entry(site) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(Place::new(py, &record.location)?),
        };
        let dict = place.dict(extra)?;
        place.objects(py, &record.location, dict, &self.makers.file)
    }

    fn process<'py>(&mut self, py: Python<'py>, record: &Record<'_>) -> PyResult<Bound<'py, PyAny>> {
        if let Some(origin) = &record.origin {
            return self.makers.process.load(py)?.call1((origin.process, to_python(py, origin.process_name)));
        }
        let process = process_number();
        let known = self.process.as_ref().filter(|(known, _)| *known == process);
        if let Some(known) = known.and_then(|(_, shared)| shared.free(py)) {
            return Ok(known);
        }
        let made = self.makers.process.load(py)?.call1((process,))?;
        self.process = Some((process, Shared::new(&made)));
        Ok(made)
    }

    fn thread<'py>(&mut self, py: Python<'py>, ident: u64, name: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        if name.is_empty() {
            return self.makers.thread.load(py)?.call1((ident, THREAD_NAME.load(py)?.call1((ident,))?));
        }
        let at = self.threads.iter().position(|(known, known_name, _)| *known == ident && **known_name == *name);
        if let Some(thread) = at.and_then(|at| self.threads[at].2.free(py)) {
            return Ok(thread);
        }
        let thread = self.makers.thread.load(py)?.call1((ident, to_python(py, name)))?;
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
