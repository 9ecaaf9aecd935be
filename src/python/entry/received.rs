//! Records that other processes logged for one sink or callback of this process.
//!
//! A thread of `python/logly/_process/intake.py` hands them over. The sink filters, formats and writes as for records
//! of this process. The other process had its patchers and its levels decide.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::wrap_pyfunction;

use crate::level::{LevelRef, Levels};
use crate::python::call::arrived::{Call, Raised};
use crate::python::call::state::PyLogger;
use crate::python::entry::python_sinks;
use crate::python::lane::offer;
use crate::python::py::interrupt::Interrupt;
use crate::python::py::text::to_python;
use crate::python::record::records::{Objects, decoded};
use crate::python::value::capture::Capture;
use crate::record::decoded::Record;
use crate::record::encoded::{Encoder, HEADER, Header, Kind, Reader, Section, SetPart, header_of, put_bytes, sections};
use crate::report;
use crate::site::Site;
use crate::stats::Loss;

/// Gives a sink the record in a frame, which the parent's thread has read without its length. Records for a sink that
/// was removed are dropped.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, frame, /))]
fn _receive(logger: &Bound<'_, PyLogger>, frame: &[u8]) -> PyResult<()> {
    let (py, logger) = (logger.py(), logger.get());
    match catch_unwind(AssertUnwindSafe(|| receive(py, logger, frame))) {
        Ok(Ok(None)) => Ok(()),
        Ok(Ok(Some(interrupt))) => Err(*interrupt),
        Ok(Err(error)) => Err(error),
        Err(_) => {
            report::tell_once("frame", "a record of another process could not be read and was dropped");
            Ok(())
        }
    }
}

fn receive(py: Python<'_>, logger: &PyLogger, frame: &[u8]) -> PyResult<Interrupt> {
    let mut reader = Reader::new(frame);
    let (id, level_name) = (reader.u32(), reader.bytes());
    let given = &frame[2 * size_of::<u32>() + level_name.len()..];
    if given.len() < HEADER {
        return Ok(None);
    }
    let core = logger.core();
    let snapshot = core.snapshot();
    let header = header_of(given);
    let levels = &snapshot.settings.levels;
    let level = level_of(levels, level_name, header.level.no);
    let mut record = Vec::with_capacity(given.len());
    let mut encoder = Encoder::start(&mut record, Kind::Record, &Header { level, ..header });
    sections(given).for_each(|(tag, content)| encoder.copy(tag, content));
    let has_name = levels.get(level.id).is_some_and(|known| known.name.as_bytes() == level_name);
    if !has_name && !level_name.is_empty() && sections(given).all(|(tag, _)| tag != Section::Set as u8) {
        let mark = encoder.begin(Section::Set);
        encoder.buffer().push(SetPart::LevelName as u8);
        put_bytes(encoder.buffer(), level_name);
        encoder.end(mark);
    }
    encoder.finish();
    let mut known = snapshot.sinks.iter().chain(&snapshot.lanes);
    let Some(active) = known.find(|active| active.sink.id == id).filter(|_| core.is_switched_on()) else {
        return Ok(None);
    };
    if !active.sink.is_met_by_callers() {
        let Some(slot) = &active.sink.lane else {
            active.sink.lose(Loss::SinkError);
            return Ok(None);
        };
        return Ok(offer::offer_one(py, active, slot.get(), &record, &snapshot));
    }
    let objects = objects_of(py, &record)?;
    let mut capture = Capture::new(core.wants(), core.most_message_bytes());
    let call = Call { py, logger, level, positional: &[], names: None, named: &[], raised: Raised::No };
    python_sinks::deliver_to(&call, active, &snapshot, &record, (&objects, &mut capture));
    Ok(capture.interrupt)
}

/// The level of this process with the same name and number, or else with the same number.
fn level_of(levels: &Levels, name: &[u8], no: i32) -> LevelRef {
    let named = std::str::from_utf8(name).ok().and_then(|name| levels.id_of(name));
    let same = named.filter(|id| levels.get(*id).is_some_and(|level| level.no == no));
    same.map_or_else(|| levels.by_number(no), |id| LevelRef { id, no })
}

/// The fields of a record as objects. Values of types that JSON does not know have their JSON form.
fn objects_of<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Objects<'py>> {
    let unknown = Site::unknown();
    let record = Record::decode(bytes, &unknown, b"");
    let fields = PyDict::new(py);
    for field in &record.fields {
        fields.set_item(to_python(py, field.key), decoded(py, field.value))?;
    }
    Ok(Objects { fields, exception: None })
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_receive, module)?)
}
