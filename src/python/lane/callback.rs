//! A callback, and the dict that its lane makes from a record.

use pyo3::prelude::*;

use crate::lane::queue::Last;
use crate::python::py::callable::function_name;
use crate::python::py::role::Role;
use crate::python::sink::callback_record::RecordMaker;
use crate::python::sink::receiver::{Entry, ItemResult, Receiver, Taken};
use crate::record::decoded::Record;
use crate::record::encoded::header_of;
use crate::record::notice;
use crate::writer::python_sink::PythonSink;
use crate::writer::snapshot::{Sink, Target};
use crate::{clock, site};

/// The function that a callback's lane calls, and its name.
pub struct Callback {
    pub(crate) function: Py<PyAny>,
    /// The name given to `add_callback`.
    pub(crate) name: Option<String>,
    pub(crate) is_coroutine: bool,
}

impl Callback {
    /// The name that was given, or that of the function.
    pub fn name(&self, py: Python<'_>) -> String {
        self.name.clone().unwrap_or_else(|| function_name(self.function.bind(py)))
    }

    pub fn of(sink: &Sink) -> Option<&Self> {
        match &sink.target {
            Target::Python(target) => target.of_type(),
            Target::File(_) => None,
        }
    }
}

impl PythonSink for Callback {
    fn last(&self) -> Last {
        Last::Dropped
    }

    fn is_ordered(&self) -> bool {
        true
    }
}

impl Receiver for Callback {
    fn item<'py>(&self, py: Python<'py>, entry: Entry<'_>, maker: &mut RecordMaker) -> ItemResult<'py> {
        let Entry { active, snapshot, taken } = entry;
        let is_record = matches!(taken, Taken::Record(_));
        let told;
        let bytes = match taken {
            Taken::Record(bytes) => bytes,
            Taken::Prepared(_) => return Ok(None),
            Taken::Notice(count) => {
                told = notice::encode(count, clock::now_ns());
                &told
            }
        };
        let site = site::find(header_of(bytes).site);
        let masked = active.redacted(&snapshot.settings, bytes);
        let record = Record::decode(masked.as_deref().unwrap_or(bytes), site, &snapshot.settings.extra);
        if is_record && !active.accepts(snapshot, &record) {
            return Ok(None);
        }
        maker.make(py, &record, snapshot).map(|dict| Some(dict.into_any()))
    }

    fn name(&self, py: Python<'_>) -> String {
        format!("callback {}", Callback::name(self, py))
    }

    fn role(&self) -> Role {
        Role::Callbacks
    }

    fn runner<'py>(&self, py: Python<'py>) -> PyResult<(&'static str, Bound<'py, PyAny>)> {
        Ok((if self.is_coroutine { "coroutine" } else { "function" }, self.function.bind(py).clone()))
    }
}
