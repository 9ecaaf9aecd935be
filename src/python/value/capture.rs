//! Values to bytes: what of a field is kept, taken at the time of the call.
//!
//! Strings, numbers, booleans and None keep their type. Everything else is kept as the text `str()` gives and as JSON, each
//! only if some sink wants it; the text also if the message shows it. Whatever a value's own code raises becomes a marker in its place; only KeyboardInterrupt and
//! SystemExit are passed on, by `Capture`, once the record was taken.

use crate::python::py::interrupt::Interrupt;
use crate::python::py::text::cut_at;
use crate::python::py::text::encode_lossless;
use crate::python::py::text::type_name;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::logger::wants;
use crate::python::py::interrupt::is_interrupt;
use crate::python::py::telling;
use crate::report;

/// Bytes of a record after which values are no longer taken: lengths in it are 32 bits wide, and memory is bounded.
pub const MOST_RECORD_BYTES: usize = 64 * 1024 * 1024;

/// What holds while one call's values are taken.
pub struct Capture {
    /// The bits of `logger::wants`: those of the logger, and what this call needs beyond them.
    pub wants: u32,
    /// The positional arguments that the message has no place for, a bit for each; the last bit is for all from there on.
    pub unused: u32,
    /// Bytes after which a value is cut.
    pub most: usize,
    /// An interrupt that a value's code raised, to be passed on.
    pub interrupt: Interrupt,
}

impl Capture {
    pub fn new(wants: u32, most: usize) -> Self {
        Self { wants, unused: 0, most, interrupt: None }
    }

    /// For values that are kept for later calls, when other sinks may be there.
    pub fn everything(most: usize) -> Self {
        Self::new(wants::TEXT | wants::JSON, most)
    }

    /// What stands in a value's place when its own code raised; told once per type and error.
    pub fn marker(&mut self, value: &Bound<'_, PyAny>, error: PyErr) -> String {
        let py = value.py();
        let name = type_name(value);
        let kind = error.get_type(py).name().map_or_else(|_| "Exception".to_owned(), |name| name.to_string());
        if is_interrupt(py, &error) {
            self.interrupt = Some(Box::new(error));
        } else {
            self.tell(py, &name, &kind, &error);
        }
        format!("<unprintable {name}: {kind}>")
    }

    #[cold]
    fn tell(&mut self, py: Python<'_>, name: &str, kind: &str, error: &PyErr) {
        if report::is_new(&format!("{name} {kind}")) {
            let line = format!("a value of type {name} cannot be rendered: {}", telling::describe(py, error));
            self.interrupt = telling::tell(py, &line).or(self.interrupt.take());
        }
    }

    /// What Python code said that was asked, and nothing where it failed; an interrupt meanwhile is passed on.
    pub fn told_by<T: Default>(&mut self, py: Python<'_>, answer: PyResult<T>) -> T {
        answer.unwrap_or_else(|error| {
            if is_interrupt(py, &error) {
                self.interrupt = Some(Box::new(error));
            }
            T::default()
        })
    }

    /// A string's bytes, cut if they are too many: what is left out is not copied, as there may be no memory for it. None for
    /// what is no string.
    pub fn text(&self, value: &Bound<'_, PyAny>) -> Option<Vec<u8>> {
        let text = value.cast::<PyString>().ok()?;
        Some(match text.to_str() {
            Ok(text) if text.len() > self.most => self.start_of(text.as_bytes()),
            Ok(text) => text.as_bytes().to_vec(),
            Err(_) => self.cut(encode_lossless(value)),
        })
    }

    /// The beginning of text that is too long, and how much is missing; that alone where there is no memory for more.
    fn start_of(&self, text: &[u8]) -> Vec<u8> {
        let kept = if has_room(self.most) { cut_at(text, self.most) } else { 0 };
        [&text[..kept], format!("...<cut {} bytes>", text.len() - kept).as_bytes()].concat()
    }

    /// Cuts text that is too long and says so in it.
    pub fn cut(&self, mut text: Vec<u8>) -> Vec<u8> {
        if text.len() > self.most {
            let missing = text.len() - cut_at(&text, self.most);
            text.truncate(text.len() - missing);
            text.extend_from_slice(format!("...<cut {missing} bytes>").as_bytes());
        }
        text
    }
}

/// Whether the allocator has what so many bytes take on their way to a line. Where it has not, the process would be aborted.
fn has_room(bytes: usize) -> bool {
    const COPIES: usize = 4;
    let mut tried = Vec::<u8>::new();
    let has_room = tried.try_reserve_exact(bytes.saturating_mul(COPIES)).is_ok();
    // An allocation that nobody looks at is left out by the compiler.
    std::hint::black_box(&mut tried);
    has_room
}
