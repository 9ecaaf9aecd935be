//! Places of frames: the text of the frame, its line of source and the names in it, worked out once per code object and
//! instruction.

use std::ffi::c_int;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::python::call::code_watch::Key;
use crate::python::exception::by_place::ByPlace;
use crate::python::exception::frames::importable;
use crate::python::exception::secrets::is_secret;
use crate::python::py::interpreter::{Kept, name};
use crate::python::py::text::text_bytes;
use crate::python::py::{abi, fork_barrier};

/// Longer sources are read again each time.
const LONGEST_KEPT: usize = 8 * 1024;

static MAKE: Kept<Py<PyAny>> = Kept::new();
/// By instruction, or by line where the line does not follow from it.
static KNOWN: ByPlace<Place> = ByPlace::new();

/// The parts of a frame that depend on its code and line.
pub struct Place {
    /// `File "app.py", line 3, in main`
    pub head: Box<[u8]>,
    /// The line of source without its indent. It is empty if there is none.
    pub source: Box<[u8]>,
    /// The names whose values are shown, in the order of the line.
    pub names: Box<[Name]>,
}

/// A name in a line of source.
pub struct Name {
    /// Counted in characters.
    pub column: usize,
    pub text: Py<PyString>,
    /// Whether its value is masked.
    pub is_secret: bool,
}

impl Place {
    /// The place of a traceback's outermost entry.
    pub fn of_entry(traceback: &Bound<'_, PyAny>, parts: &abi::Entry<'_>) -> PyResult<Arc<Self>> {
        let position = parts.line.map_or(parts.instruction, position_of_line);
        Self::find(&parts.frame, position, || traceback.getattr(name!(traceback.py(), "tb_lineno")))
    }

    /// The place where a frame is now.
    pub fn of_running(frame: &Bound<'_, PyAny>) -> PyResult<Arc<Self>> {
        Self::find(frame, abi::last_instruction(frame.as_borrowed()), || frame.getattr(name!(frame.py(), "f_lineno")))
    }

    fn find<'py>(
        frame: &Bound<'py, PyAny>,
        position: c_int,
        line: impl FnOnce() -> PyResult<Bound<'py, PyAny>>,
    ) -> PyResult<Arc<Self>> {
        let py = frame.py();
        let code = abi::code_of_frame(frame)?;
        let key = Key { code: code.as_ptr() as usize, position };
        if let Some(known) = KNOWN.get(key) {
            return Ok(known);
        }
        let line = line()?;
        let Some(maker) = importable(py, &MAKE, "logly.loguru._places", "place")? else {
            return stopgap(&code, &line).map(Arc::new);
        };
        let place = Arc::new(make(maker, frame, &code, &line)?);
        if place.source.len() <= LONGEST_KEPT {
            KNOWN.keep(&code, key, &place, |_, key| KNOWN.forget(key));
        }
        Ok(place)
    }

    /// Whether both have the same file, line and function.
    pub fn is_same(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self.head == other.head
    }
}

/// The position of a line that does not follow from an instruction. No instruction has it.
fn position_of_line(line: c_int) -> c_int {
    -2 - line.max(0)
}

#[cold]
fn make(
    maker: &Bound<'_, PyAny>,
    frame: &Bound<'_, PyAny>,
    code: &Bound<'_, PyAny>,
    line: &Bound<'_, PyAny>,
) -> PyResult<Place> {
    type Parts<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, Vec<(usize, Bound<'py, PyString>)>);
    let py = frame.py();
    let importing = fork_barrier::enter(py);
    let made = maker.call1((code, line, frame.getattr(name!(py, "f_globals"))?))?;
    drop(importing);
    let (head, source, names): Parts<'_> = made.extract()?;
    let bytes = |text: &Bound<'_, PyAny>| text_bytes(text).unwrap_or_default().into_boxed_slice();
    let names =
        names.into_iter().map(|(column, text)| Name { column, is_secret: is_secret(&text), text: text.unbind() });
    Ok(Place { head: bytes(&head), source: bytes(&source), names: names.collect() })
}

/// Makes a place without its source, since the module that reads it is not available. It is not kept.
#[cold]
fn stopgap(code: &Bound<'_, PyAny>, line: &Bound<'_, PyAny>) -> PyResult<Place> {
    let py = code.py();
    let text = |name| PyResult::Ok(text_bytes(&code.getattr(name)?).unwrap_or_default());
    let (file, function) = (text(name!(py, "co_filename"))?, text(name!(py, "co_name"))?);
    let line = text_bytes(line.str()?.as_any()).unwrap_or_default();
    let head = [b"File \"".as_slice(), &file, b"\", line ", &line, b", in ", &function].concat();
    Ok(Place { head: head.into(), source: Box::default(), names: Box::default() })
}
