//! Values to bytes: what of a field is kept, taken at the time of the call.
//!
//! Strings, numbers, booleans and None keep their type. Everything else is kept as the text `str()` gives and as JSON, each
//! only if some sink wants it; the text also if the message shows it. Whatever a value's own code raises becomes a marker in its place; only KeyboardInterrupt and
//! SystemExit are passed on, by `Capture`, once the record was taken.

use pyo3::PyTypeInfo;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyBytes, PyCFunction, PyFloat, PyFrame, PyFunction, PyInt, PyModule, PyString, PyTraceback, PyType,
};

use crate::logger::wants;
use crate::python::exceptions::is_interrupt;
use crate::python::json_value::JsonWriter;
use crate::python::module::Lazy;
use crate::python::telling;
use crate::python::text_value;
use crate::record::encoded::{put_big, put_bool, put_float, put_int, put_json_alone, put_none, put_odd, put_str};
use crate::report;

/// Bytes of a record after which values are no longer taken: lengths in it are 32 bits wide, and memory is bounded.
pub const MOST_RECORD_BYTES: usize = 64 * 1024 * 1024;

/// An interrupt to be passed on after the record was taken. Boxed: every call hands this back, and eight bytes travel in a
/// register where a `PyErr` would be copied through memory.
pub type Interrupt = Option<Box<PyErr>>;

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

    /// Appends one value; a marker once the record is larger than any can be.
    pub fn put(&mut self, out: &mut Vec<u8>, value: Borrowed<'_, '_, PyAny>) {
        if !self.put_at_once(out, value) {
            self.put_rare(out, value);
        }
    }

    /// As `put`, unless it needs Python code or memory; then nothing, and false.
    #[inline]
    pub fn put_at_once(&self, out: &mut Vec<u8>, value: Borrowed<'_, '_, PyAny>) -> bool {
        if out.len() > MOST_RECORD_BYTES {
            put_str(out, b"<cut: the record is too large>");
            return true;
        }
        put_common(out, value, self.most)
    }

    #[cold]
    fn put_rare(&mut self, out: &mut Vec<u8>, value: Borrowed<'_, '_, PyAny>) {
        attached(value.py(), || {
            let evaluated = value.cast::<Lazy>().ok().map(|lazy| lazy.get().evaluate(value.py()));
            match evaluated {
                None => self.put_odd(out, &value),
                Some(Ok(result)) if put_common(out, result.as_borrowed(), self.most) => {}
                Some(Ok(result)) => self.put_odd(out, &result),
                Some(Err(error)) => {
                    let marker = self.marker(&value, error);
                    put_str(out, marker.as_bytes());
                }
            }
        });
    }

    fn put_odd(&mut self, out: &mut Vec<u8>, value: &Bound<'_, PyAny>) {
        if value.is_exact_instance_of::<PyString>() {
            return put_str(out, &self.text(value).unwrap_or_default());
        }
        if value.is_exact_instance_of::<PyInt>() {
            return self.put_long(out, value);
        }
        if self.wants & (wants::TEXT | wants::JSON) == wants::JSON {
            return put_json_alone(out, |out| JsonWriter::new(self, out, None).put(value));
        }
        let display = self.display(value);
        put_odd(out, &display, |out| {
            if self.wants & wants::JSON != 0 {
                JsonWriter::new(self, out, Some(&display)).put(value);
            }
        });
    }

    /// An integer beyond 64 bits; beyond the digits CPython converts, in hexadecimal and as text.
    fn put_long(&mut self, out: &mut Vec<u8>, value: &Bound<'_, PyAny>) {
        let decimal = value.str().ok().and_then(|text| text.to_str().ok().map(str::to_owned));
        match decimal {
            Some(digits) if digits.len() <= self.most => put_big(out, digits.as_bytes()),
            _ => {
                let hexadecimal = value.call_method1("__format__", ("#x",)).ok().and_then(|text| text_bytes(&text));
                let text = self.cut(hexadecimal.unwrap_or_default());
                put_str(out, &text);
            }
        }
    }

    /// What `str(value)` gives, or a marker; of an exception that says nothing, what `repr()` gives.
    pub fn display(&mut self, value: &Bound<'_, PyAny>) -> Vec<u8> {
        text_value::display(self, value)
    }

    /// The value as JSON, complete even where it had to be cut. `shown` is its `str()`, if that was taken.
    pub fn json(&mut self, value: &Bound<'_, PyAny>, shown: Option<&[u8]>) -> Vec<u8> {
        let mut out = Vec::new();
        JsonWriter::new(self, &mut out, shown).put(value);
        out
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

/// Appends the kinds of value that need no Python code; false when it is none of them.
#[inline]
pub fn put_common(out: &mut Vec<u8>, value: Borrowed<'_, '_, PyAny>, most: usize) -> bool {
    if let Ok(text) = value.cast_exact::<PyString>() {
        return match utf8(text) {
            Some(text) if text.len() <= most => {
                put_str(out, text.as_bytes());
                true
            }
            _ => false,
        };
    }
    if value.is_exact_instance_of::<PyInt>() {
        return small_int(value).inspect(|number| put_int(out, *number)).is_some();
    }
    if let Ok(number) = value.cast_exact::<PyFloat>() {
        put_float(out, number.value());
        return true;
    }
    if let Ok(value) = value.cast_exact::<PyBool>() {
        put_bool(out, value.is_true());
        return true;
    }
    if value.is_none() {
        put_none(out);
        return true;
    }
    false
}

/// A string's UTF-8, which the string keeps; None where it has lone surrogates. As PyO3 does it, but inlined, and without an error
/// that nobody reads.
#[inline]
#[expect(unsafe_code, reason = "a function of another crate is called, not inlined, where crates are built apart")]
pub fn utf8<'a>(text: Borrowed<'a, '_, PyString>) -> Option<&'a str> {
    let mut length: ffi::Py_ssize_t = 0;
    // SAFETY: attached, and a live string; the bytes live as long as it.
    unsafe {
        let start = ffi::PyUnicode_AsUTF8AndSize(text.as_ptr(), &raw mut length);
        if start.is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        Some(std::str::from_utf8_unchecked(std::slice::from_raw_parts(start.cast(), length as usize)))
    }
}

/// An integer of at most 64 bits; None for a longer one. The value is an exact `int`.
#[inline]
#[expect(unsafe_code, reason = "as `utf8`; and here an integer that is too long makes no error")]
fn small_int(value: Borrowed<'_, '_, PyAny>) -> Option<i64> {
    let mut overflow = 0;
    // SAFETY: attached, and a live `int`, for which there is no error but the overflow.
    let number = unsafe { ffi::PyLong_AsLongLongAndOverflow(value.as_ptr(), &raw mut overflow) };
    (overflow == 0).then_some(number)
}

/// Runs slow work of a logging call with PyO3's count of attachments, so that objects may be dropped in it.
#[expect(
    unsafe_code,
    reason = "attaching on a thread that is attached: the checked way refuses while the interpreter ends"
)]
pub fn attached<T>(_py: Python<'_>, work: impl FnOnce() -> T) -> T {
    // SAFETY: the token proves that this thread is attached already.
    unsafe { Python::attach_unchecked(|_| work()) }
}

/// Has `repr()` know that a container is being shown, as long as this lives: it then writes the mark of a cycle in its place.
pub struct Entered<'py>(Option<Bound<'py, PyAny>>);

impl<'py> Entered<'py> {
    #[expect(unsafe_code, reason = "what `repr()` keeps has no other way in")]
    pub fn of(value: &Bound<'py, PyAny>) -> Self {
        // SAFETY: attached, and a live object.
        let answer = unsafe { ffi::Py_ReprEnter(value.as_ptr()) };
        if answer < 0 {
            // Only memory can be missing.
            drop(PyErr::take(value.py()));
        }
        Self((answer == 0).then(|| value.clone()))
    }
}

impl Drop for Entered<'_> {
    #[expect(unsafe_code, reason = "as `of`")]
    fn drop(&mut self) {
        if let Some(value) = &self.0 {
            // SAFETY: attached, since a `Bound` lives; it was entered.
            unsafe { ffi::Py_ReprLeave(value.as_ptr()) }
        }
    }
}

/// Whether the garbage collector looks at such objects, as they may hold others.
#[expect(unsafe_code, reason = "a flag of the type")]
pub fn is_holder(value: &Bound<'_, PyAny>) -> bool {
    // SAFETY: a live object has a type.
    unsafe { ffi::PyType_HasFeature(ffi::Py_TYPE(value.as_ptr()), ffi::Py_TPFLAGS_HAVE_GC) != 0 }
}

/// The objects that a value holds and that hold others in turn, as the garbage collector sees them. Not what code is made of: classes,
/// functions, modules and frames lead to everything there is.
#[expect(unsafe_code, reason = "the function by which the garbage collector looks at an object")]
pub fn referents<'py>(value: &Bound<'py, PyAny>) -> Vec<Bound<'py, PyAny>> {
    const MOST: usize = 512;
    unsafe extern "C" fn visit(held: *mut ffi::PyObject, found: *mut std::ffi::c_void) -> std::ffi::c_int {
        // SAFETY: `found` is the vector below, which nothing else uses meanwhile; `held` is a live object.
        unsafe {
            let found = &mut *found.cast::<Vec<*mut ffi::PyObject>>();
            if ffi::PyType_HasFeature(ffi::Py_TYPE(held), ffi::Py_TPFLAGS_HAVE_GC) != 0 && ffi::PyType_Check(held) == 0
            {
                found.push(held);
            }
            std::ffi::c_int::from(found.len() >= MOST)
        }
    }
    let mut found: Vec<*mut ffi::PyObject> = Vec::new();
    if !is_holder(value) || is_code(value) {
        return Vec::new();
    }
    // SAFETY: an object whose type has the flag has the function too, which only visits; no code of the program runs in it.
    unsafe {
        if let Some(traverse) = (*ffi::Py_TYPE(value.as_ptr())).tp_traverse {
            traverse(value.as_ptr(), visit, (&raw mut found).cast());
        }
    }
    // SAFETY: the value holds them, and nothing ran since.
    let held = found.into_iter().map(|held| unsafe { Bound::from_borrowed_ptr(value.py(), held) });
    held.filter(|held| !is_code(held)).collect()
}

#[expect(unsafe_code, reason = "classes that PyO3 has no name for")]
fn is_code(value: &Bound<'_, PyAny>) -> bool {
    // SAFETY: a live object.
    let is_running = unsafe { ffi::PyGen_Check(value.as_ptr()) != 0 || ffi::PyCoro_CheckExact(value.as_ptr()) != 0 };
    is_running
        || value.is_instance_of::<PyType>()
        || value.is_instance_of::<PyModule>()
        || value.is_instance_of::<PyFunction>()
        || value.is_instance_of::<PyCFunction>()
        || value.is_instance_of::<PyTraceback>()
        || value.is_instance_of::<PyFrame>()
}

/// A string's UTF-8; lone surrogates are kept as WTF-8. None for what is no string.
pub fn text_bytes(value: &Bound<'_, PyAny>) -> Option<Vec<u8>> {
    let text = value.cast::<PyString>().ok()?;
    Some(match text.to_str() {
        Ok(text) => text.as_bytes().to_vec(),
        Err(_) => encode_lossless(value),
    })
}

/// The UTF-8 of a string that may hold lone surrogates.
fn encode_lossless(text: &Bound<'_, PyAny>) -> Vec<u8> {
    let encoded = PyString::type_object(text.py()).call_method1("encode", (text, "utf-8", "surrogatepass"));
    encoded
        .ok()
        .and_then(|bytes| bytes.cast_into::<PyBytes>().ok())
        .map_or_else(Vec::new, |bytes| bytes.as_bytes().to_vec())
}

/// The Python string of bytes that may hold lone surrogates.
pub fn to_python<'py>(py: Python<'py>, text: &[u8]) -> Bound<'py, PyAny> {
    match std::str::from_utf8(text) {
        Ok(text) => PyString::new(py, text).into_any(),
        Err(_) => PyBytes::new(py, text)
            .call_method1("decode", ("utf-8", "surrogatepass"))
            .unwrap_or_else(|_| PyString::new(py, &String::from_utf8_lossy(text)).into_any()),
    }
}

pub fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string())
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

/// The last place at or before `most` that does not split a character.
pub fn cut_at(text: &[u8], most: usize) -> usize {
    (0..=most).rev().find(|at| text.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80)).unwrap_or(0).min(text.len())
}
