//! A record during its call: its bytes, and the objects that the call still has.
//!
//! The dict of the record is made when a function first asks for it. Changes that a function makes to the dict change
//! the record for the sinks that follow. Sinks with a redactor see the record with masks, and so do their functions.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::format::finished::Finished;
use crate::python::call::arrived::Call;
use crate::python::call::callsite::CallSite;
use crate::python::py::interpreter::name;
use crate::python::py::interrupt::{Interrupt, is_for_caller};
use crate::python::py::telling;
use crate::python::record::changes::Before;
use crate::python::record::patching::Patched;
use crate::python::record::records::Objects;
use crate::python::record::versions::Versions;
use crate::python::record::{patching, records};
use crate::python::value::capture::Capture;
use crate::record::decoded::Record;
use crate::redaction::encoded::redact;
use crate::redaction::redactor::Redactor;
use crate::report;
use crate::volume::of_sink::{RATE, with_rate};
use crate::writer::snapshot::{ActiveSink, Snapshot};

/// One record with everything that its Python sinks need.
pub struct LiveRecord<'d, 'a, 'py> {
    pub call: &'d Call<'a, 'py>,
    call_site: &'d CallSite<'d>,
    pub snapshot: &'d Arc<Snapshot>,
    /// The changed versions of the record.
    versions: &'d Versions,
    /// The record before redaction.
    whole: &'d [u8],
    /// The record for the sink that is being served.
    pub bytes: &'d [u8],
    pub record: Record<'d>,
    redactor: Option<Arc<Redactor>>,
    /// The sample rate of the sink that is being served, if the record shows it.
    rate: Option<f64>,
    /// The redacted records, and those that show a rate.
    masked: &'d Versions,
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
        (bytes, versions, masked): (&'d [u8], &'d Versions, &'d Versions),
        objects: Option<&'d Objects<'py>>,
        capture: &'d mut Capture,
    ) -> Self {
        Self {
            call,
            call_site,
            snapshot,
            versions,
            whole: bytes,
            bytes,
            redactor: None,
            rate: None,
            masked,
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
    pub(super) fn serve(&mut self, active: &ActiveSink) {
        self.sink = active.sink.id;
        self.lets_errors_out = active.sink.options.lets_errors_out;
        let redactor = active.redactor(&self.snapshot.settings);
        if self.rate.take().is_some() {
            self.redact();
        }
        if redactor.map(Arc::as_ptr) != self.redactor.as_ref().map(Arc::as_ptr) {
            self.redactor = redactor.cloned();
            self.redact();
        }
    }

    /// Makes the record for the current redactor.
    #[cold]
    fn redact(&mut self) {
        self.dict = None;
        self.bytes = self.whole;
        self.record = self.decoded(self.whole);
        if let Some(redactor) = &self.redactor
            && let Some(masked) = redact(redactor, self.whole, &self.record)
        {
            self.bytes = self.masked.add(0, masked);
            self.record = self.decoded(self.bytes);
        }
    }

    /// Has the record show the rate that it was sampled at, for this sink alone.
    pub(super) fn show_rate(&mut self, rate: f64) {
        if self.record.field(RATE).is_none() {
            self.dict = None;
            self.rate = Some(rate);
            self.bytes = self.masked.add(0, with_rate(self.bytes, rate));
            self.record = self.decoded(self.bytes);
        }
    }

    fn decoded(&self, bytes: &'d [u8]) -> Record<'d> {
        Record::decode(bytes, self.call_site.decoding_site(), &self.snapshot.settings.extra)
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
        let changed = patching::changed(self.call, self.call_site, &record, (before, after), whose, self.capture)?;
        if self.rate.is_some() {
            // The changed record shows the rate, which is this sink's alone. The dict has the changes.
            self.bytes = self.masked.add(0, changed.bytes);
            self.record = self.decoded(self.bytes);
            return Ok(());
        }
        self.whole = self.versions.add(active.sink.id, changed.bytes);
        self.own_objects = Some(changed.objects);
        self.redact();
        Ok(())
    }

    pub fn dict(&mut self) -> PyResult<Bound<'py, PyDict>> {
        if self.dict.is_none() {
            if self.objects.is_none() && self.own_objects.is_none() {
                self.own_objects = Some(Objects::of(self.call, true, self.capture)?);
            }
            if let Some(objects) = self.own_objects.as_ref().or(self.objects) {
                let py = self.call.py;
                let masked = if std::ptr::eq(self.bytes, self.whole) {
                    None
                } else {
                    Some(objects.masked(&self.decoded(self.whole), &self.record)?)
                };
                let objects = masked.as_ref().unwrap_or(objects);
                if let Some(rate) = self.rate {
                    objects.fields.set_item(name!(py, "sample_rate"), rate)?;
                }
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
