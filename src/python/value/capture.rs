//! Capturing values as bytes, at the time of the call.
//!
//! Strings, numbers, booleans and None keep their type. Any other value is kept as the text that `str()` gives and as
//! JSON, each only if some sink wants it. The text is also kept if the message shows it. An exception from a value's
//! own code becomes a marker in its place. Only `KeyboardInterrupt` and `SystemExit` are passed on, by `Capture`, once
//! the record was taken.

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::logger::wants::Wants;
use crate::python::py::interrupt::{Interrupt, is_interrupt};
use crate::python::py::telling;
use crate::python::py::text::{cut_at, encode_lossless, type_name};
use crate::report;

/// The bytes of a record after which no more values are taken: its lengths have 32 bits, and memory is bounded.
pub const MOST_RECORD_BYTES: usize = 64 * 1024 * 1024;

/// The settings and the state of one call while its values are taken.
pub struct Capture {
    /// The bits those of the logger, and those that this call needs beyond them.
    pub wants: Wants,
    /// The positional arguments that the message has no place for, one bit each. The last bit stands for all arguments
    /// from there on.
    pub unused: u32,
    /// Bytes after which a value is cut.
    pub most: usize,
    /// An interrupt that a value's code raised, to be passed on.
    pub interrupt: Interrupt,
}

impl Capture {
    pub fn new(wants: Wants, most: usize) -> Self {
        Self { wants, unused: 0, most, interrupt: None }
    }

    /// A capture of values that are kept for later calls, which may find other sinks.
    pub fn everything(most: usize) -> Self {
        Self::new(Wants::TEXT.or(Wants::JSON), most)
    }

    /// Notes the positional arguments that the message has no place for, and that the call has to keep them.
    pub fn leave_unused(&mut self, bits: u32) {
        self.unused = bits;
        if bits != 0 {
            self.wants = self.wants.or(Wants::RARE);
        }
    }

    /// The marker for a value whose own code raised. It is reported once per type and error.
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

    /// The answer of Python code, or the default if the code failed. An interrupt is kept, to be passed on.
    pub fn told_by<T: Default>(&mut self, py: Python<'_>, answer: PyResult<T>) -> T {
        answer.unwrap_or_else(|error| {
            if is_interrupt(py, &error) {
                self.interrupt = Some(Box::new(error));
            }
            T::default()
        })
    }

    /// A string's bytes, cut if there are too many. The bytes that are cut are not copied, since there may be no memory
    /// for them. None for a value that is not a string.
    pub fn text(&self, value: &Bound<'_, PyAny>) -> Option<Vec<u8>> {
        let text = value.cast::<PyString>().ok()?;
        Some(match text.to_str() {
            Ok(text) if text.len() > self.most => self.start_of(text.as_bytes()),
            Ok(text) => text.as_bytes().to_vec(),
            Err(_) => self.cut(encode_lossless(value)),
        })
    }

    /// The beginning of a text that is too long, and the number of missing bytes. If there is no memory for the
    /// beginning, the number alone.
    fn start_of(&self, text: &[u8]) -> Vec<u8> {
        let kept = if has_room(self.most) { cut_at(text, self.most) } else { 0 };
        [&text[..kept], format!("...<cut {} bytes>", text.len() - kept).as_bytes()].concat()
    }

    /// Cuts a text that is too long, and says so in it.
    pub fn cut(&self, mut text: Vec<u8>) -> Vec<u8> {
        if text.len() > self.most {
            let missing = text.len() - cut_at(&text, self.most);
            text.truncate(text.len() - missing);
            text.extend_from_slice(format!("...<cut {missing} bytes>").as_bytes());
        }
        text
    }
}

/// Whether the allocator has the memory that so many bytes take on their way to a line. Without it, the process aborts.
fn has_room(bytes: usize) -> bool {
    const COPIES: usize = 4;
    let mut tried = Vec::<u8>::new();
    let has_room = tried.try_reserve_exact(bytes.saturating_mul(COPIES)).is_ok();
    // The compiler leaves out an allocation that is not used.
    std::hint::black_box(&mut tried);
    has_room
}
