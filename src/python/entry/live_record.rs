//! A record during its call: its bytes, and the objects that the call still has.
//!
//! The dict of the record is made when a function first asks for it. Changes that a function makes to the dict change
//! the record for the sinks that follow.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::format::finished::Finished;
use crate::python::call::arrived::Call;
use crate::python::call::callsite::CallSite;
use crate::python::py::interrupt::{Interrupt, is_for_caller};
use crate::python::py::telling;
use crate::python::record::changes::Before;
use crate::python::record::patching::Patched;
use crate::python::record::records::Objects;
use crate::python::record::versions::Versions;
use crate::python::record::{patching, records};
use crate::python::value::capture::Capture;
use crate::record::decoded::Record;
use crate::report;
use crate::writer::snapshot::{ActiveSink, Snapshot};

/// One record with everything that its Python sinks need.
pub struct LiveRecord<'d, 'a, 'py> {
    pub call: &'d Call<'a, 'py>,
    call_site: &'d CallSite<'d>,
    pub snapshot: &'d Arc<Snapshot>,
    /// The changed versions of the record.
    versions: &'d Versions,
    pub bytes: &'d [u8],
    pub record: Record<'d>,
    capture: &'d mut Capture,
    objects: Option<&'d Objects<'py>>,
    /// Objects made during delivery: those of the call, or those of a changed record.
    own_objects: Option<Objects<'py>>,
    dict: Option<Bound<'py, PyDict>>,
    /// The id of the sink that is being served.
    sink: u32,
    /// Whether errors from this sink are passed on to the caller.
    lets_errors_out: bool,
}

impl<'d, 'a, 'py> LiveRecord<'d, 'a, 'py> {
    pub fn new(
        call: &'d Call<'a, 'py>,
        call_site: &'d CallSite<'d>,
        snapshot: &'d Arc<Snapshot>,
        (bytes, versions): (&'d [u8], &'d Versions),
        objects: Option<&'d Objects<'py>>,
        capture: &'d mut Capture,
    ) -> Self {
        Self {
            call,
            call_site,
            snapshot,
            versions,
            bytes,
            record: Record::decode(bytes, call_site.decoding_site(), &snapshot.settings.extra),
            capture,
            objects,
            own_objects: None,
            dict: None,
            sink: 0,
            lets_errors_out: false,
        }
    }

    /// Notes the sink that is served from here on.
    pub fn serve(&mut self, active: &ActiveSink) {
        self.sink = active.sink.id;
        self.lets_errors_out = active.sink.options.lets_errors_out;
    }

    /// Calls a function with the record's dict. Its changes to the dict apply to the record from then on, even if the
    /// function raises or refuses the record.
    pub fn ask(&mut self, active: &ActiveSink, whose: &str, function: &Py<PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let dict = self.dict()?;
        let before = Before::of(&dict)?;
        let answer = function.bind(self.call.py).call1((&dict,));
        if before.is_changed(&dict, &self.record, self.capture)
            && let Err(error) = self.change(active, whose, &before, &dict)
        {
            self.tell(whose, error);
        }
        answer
    }

    #[cold]
    fn change(
        &mut self,
        active: &ActiveSink,
        whose: &str,
        before: &Before<'py>,
        after: &Bound<'py, PyDict>,
    ) -> PyResult<()> {
        let objects = self.own_objects.as_ref().or(self.objects);
        let objects =
            objects.map_or_else(|| Objects { fields: PyDict::new(after.py()), exception: None }, Objects::share);
        let bytes = Finished::of(&self.record, false).replace_in(self.bytes, &[]);
        let record = Patched { bytes, objects, level: self.record.header.level };
        let dicts = (&before.record, &before.extra, after);
        let changed = patching::changed(self.call, self.call_site, &record, dicts, whose, self.capture)?;
        self.bytes = self.versions.add(active.sink.id, changed.bytes);
        self.record = Record::decode(self.bytes, self.call_site.decoding_site(), &self.snapshot.settings.extra);
        self.own_objects = Some(changed.objects);
        self.dict = None;
        Ok(())
    }

    pub fn dict(&mut self) -> PyResult<Bound<'py, PyDict>> {
        if self.dict.is_none() {
            if self.objects.is_none() && self.own_objects.is_none() {
                self.own_objects = Some(Objects::of(self.call, true, self.capture)?);
            }
            if let Some(objects) = self.own_objects.as_ref().or(self.objects) {
                let py = self.call.py;
                self.dict = Some(records::build(py, &self.record, self.snapshot, objects, self.capture)?);
            }
        }
        Ok(self.dict.clone().unwrap_or_else(|| PyDict::new(self.call.py)))
    }

    /// Contains an error of a filter or format. Interrupts, and all errors with `catch=False`, are passed on after the
    /// record was taken.
    pub fn tell(&mut self, whose: &str, error: PyErr) {
        let py = self.call.py;
        if self.lets_errors_out || is_for_caller(py, &error) {
            return self.interrupt(Some(Box::new(error)));
        }
        self.interrupt(telling::of_delivery(py, whose, self.sink, &error));
    }

    /// Reports a line once in the life of the process.
    pub fn tell_once(&mut self, line: &str) {
        self.interrupt(if report::is_new(line) { telling::tell(self.call.py, line) } else { None });
    }

    /// Notes an interrupt, which the call passes on at its end.
    pub fn interrupt(&mut self, interrupt: Interrupt) {
        self.capture.interrupt = interrupt.or(self.capture.interrupt.take());
    }
}
