//! The call-site cache: (code object, instruction) to what never changes at that place.
//!
//! A hit costs the frame, a hash and a few comparisons, and finds file, module, function, line, parsed message and names. The
//! line number alone would cost more than the whole call, and more the longer the function. Entries are never removed and hold
//! their code objects, so an address cannot come to mean another one; the table is bounded, and past its bound calls carry their
//! location themselves.
#![expect(unsafe_code, reason = "frame access: the current frame and its code are raw pointers")]

use std::ffi::c_int;
use std::sync::OnceLock;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::message::{Style, Template};
use crate::python::entry::Call;
use crate::python::exceptions::is_exc_info;
use crate::python::values::text_bytes;
use crate::site::{self, NO_SITE, Site};

/// Slots of the table; a power of two, well above the most sites there can be.
const SLOTS: usize = 32_768;

/// Slots tried before a place counts as not remembered.
const PROBES: usize = 16;

/// Longer messages are not kept for comparison.
const LONGEST_MESSAGE: usize = 4096;

static TABLE: [OnceLock<&'static Entry>; SLOTS] = [const { OnceLock::new() }; SLOTS];

/// What is known of one place.
pub struct Entry {
    code: usize,
    instruction: c_int,
    pub id: u32,
    pub site: &'static Site,
    /// The addresses of the message and of the tuple of names, which `_held` keeps alive; 0 when they vary.
    message: usize,
    names: usize,
    _held: Vec<Py<PyAny>>,
}

impl Entry {
    /// Whether the message is the one the site's template was made from.
    #[inline]
    pub fn has_message(&self, message: Borrowed<'_, '_, PyAny>) -> bool {
        self.message == message.as_ptr() as usize
    }

    #[inline]
    pub fn has_names(&self, names: Borrowed<'_, '_, PyTuple>) -> bool {
        self.names == names.as_ptr() as usize
    }
}

/// Where a call stands.
pub enum Place {
    Known(&'static Entry),
    /// Not remembered: the table is full.
    New(Box<Site>),
    /// Called without a Python frame, by C code.
    Nowhere,
}

impl Place {
    #[inline]
    pub fn id(&self) -> u32 {
        match self {
            Self::Known(entry) => entry.id,
            Self::New(_) | Self::Nowhere => NO_SITE,
        }
    }

    pub fn site(&self) -> &Site {
        match self {
            Self::Known(entry) => entry.site,
            Self::New(site) => site,
            Self::Nowhere => site::find(NO_SITE),
        }
    }
}

/// The module of the Python code that calls, as far as it can be told.
pub fn module(py: Python<'_>) -> Vec<u8> {
    Frame::current(py).map(|frame| frame.module()).unwrap_or_default()
}

/// Finds where the call stands; the first time, remembers it.
#[expect(
    clippy::inline_always,
    reason = "every call comes here; the few that come another way must not make it a function"
)]
#[inline(always)]
pub fn find(call: &Call<'_, '_>) -> Place {
    match Frame::current(call.py) {
        Some(frame) => find_frame(call, &frame),
        None => Place::Nowhere,
    }
}

/// As `find`, for a caller of the caller: so many frames further out, or the outermost.
#[cold]
pub fn find_behind(call: &Call<'_, '_>, depth: usize) -> Place {
    let Some(frame) = frame_behind(call.py, depth) else { return Place::Nowhere };
    find_frame(call, &Frame::of(call.py, frame.as_ptr().cast()))
}

/// The frame so many calls further out than the caller's, or the outermost.
pub fn frame_behind(py: Python<'_>, depth: usize) -> Option<Bound<'_, PyAny>> {
    let mut frame = Frame::current(py)?.object();
    for _ in 0..depth {
        match frame.getattr("f_back") {
            Ok(outer) if !outer.is_none() => frame = outer,
            _ => break,
        }
    }
    Some(frame)
}

#[expect(clippy::inline_always, reason = "as `find`")]
#[inline(always)]
fn find_frame(call: &Call<'_, '_>, frame: &Frame<'_>) -> Place {
    let start = slot_of(frame.code, frame.instruction);
    for probe in 0..PROBES {
        let Some(entry) = TABLE[(start + probe) & (SLOTS - 1)].get() else { break };
        if entry.code == frame.code && entry.instruction == frame.instruction {
            return Place::Known(entry);
        }
    }
    // SAFETY: attached already, as this is a method call; the count lets objects be dropped.
    unsafe { Python::attach_unchecked(|_| remember(call, frame, start)) }
}

#[inline]
fn slot_of(code: usize, instruction: c_int) -> usize {
    let mixed = (code >> 4) as u64 ^ (instruction as u64) << 20;
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 49) as usize & (SLOTS - 1)
}

/// The caller's frame.
struct Frame<'py> {
    py: Python<'py>,
    pointer: *mut ffi::PyFrameObject,
    code: usize,
    instruction: c_int,
}

impl<'py> Frame<'py> {
    #[inline]
    fn current(py: Python<'py>) -> Option<Self> {
        // SAFETY: attached; the frame is borrowed and lives while its function waits for this call.
        let frame = unsafe { ffi::PyEval_GetFrame() };
        (!frame.is_null()).then(|| Self::of(py, frame))
    }

    /// A frame that somebody holds.
    #[inline]
    fn of(py: Python<'py>, frame: *mut ffi::PyFrameObject) -> Self {
        // SAFETY: the frame holds its code, so the address stays good after this reference is given back.
        let code = unsafe {
            let code = ffi::PyFrame_GetCode(frame);
            ffi::Py_DECREF(code.cast());
            code as usize
        };
        Self { py, pointer: frame, code, instruction: last_instruction(py, frame) }
    }

    fn object(&self) -> Bound<'py, PyAny> {
        // SAFETY: a live frame.
        unsafe { Bound::from_borrowed_ptr(self.py, self.pointer.cast()) }
    }

    /// The `__name__` of its globals.
    fn module(&self) -> Vec<u8> {
        let module = self.object().getattr("f_globals").and_then(|globals| globals.get_item("__name__"));
        module.ok().and_then(|name| text_bytes(&name)).unwrap_or_default()
    }

    fn line(&self) -> u32 {
        // SAFETY: a live frame.
        let line = unsafe { ffi::PyFrame_GetLineNumber(self.pointer) };
        u32::try_from(line).unwrap_or(0)
    }
}

#[cfg(Py_3_11)]
#[inline]
fn last_instruction(_py: Python<'_>, frame: *mut ffi::PyFrameObject) -> c_int {
    // SAFETY: a live frame.
    unsafe { ffi::PyFrame_GetLasti(frame) }
}

/// Before 3.11 there is no function for it, and the frame's layout differs by version; the attribute is everywhere.
#[cfg(not(Py_3_11))]
#[inline]
fn last_instruction(py: Python<'_>, frame: *mut ffi::PyFrameObject) -> c_int {
    // SAFETY: a live frame.
    let frame = unsafe { Borrowed::from_ptr(py, frame.cast()) };
    frame.getattr(crate::python::interpreter::name!(py, "f_lasti")).and_then(|value| value.extract()).unwrap_or(-1)
}

#[cold]
fn remember(call: &Call<'_, '_>, frame: &Frame<'_>, start: usize) -> Place {
    let free = (0..PROBES).map(|probe| &TABLE[(start + probe) & (SLOTS - 1)]).find(|slot| slot.get().is_none());
    let mut site = site_of(frame);
    let Some(slot) = free else { return Place::New(Box::new(site)) };
    let code = frame.object().getattr("f_code").map(Bound::unbind);
    let mut held: Vec<Py<PyAny>> = code.into_iter().collect();
    let message = keep_message(call, &mut site, &mut held);
    let names = keep_names(call, &mut site, &mut held);
    if held.is_empty() {
        return Place::New(Box::new(site));
    }
    match site::remember(site) {
        Some((id, site)) => {
            let entry =
                Entry { code: frame.code, instruction: frame.instruction, id, site, message, names, _held: held };
            let entry: &'static Entry = Box::leak(Box::new(entry));
            // Lost only if this very call came here first by way of a finalizer; then the place is remembered twice.
            let _ = slot.set(entry);
            Place::Known(entry)
        }
        None => Place::New(Box::new(site_of(frame))),
    }
}

/// Reads the location. What cannot be read is empty; a logging call never fails for it.
fn site_of(frame: &Frame<'_>) -> Site {
    let object = frame.object();
    let text = |name: &str| -> Box<[u8]> {
        let value = object.getattr("f_code").and_then(|code| code.getattr(name)).ok();
        value.and_then(|value| text_bytes(&value)).unwrap_or_default().into()
    };
    Site {
        module: frame.module().into(),
        function: text("co_name"),
        path: text("co_filename"),
        line: frame.line(),
        ..Site::default()
    }
}

/// Keeps a message that has placeholders for keywords, with its parse.
fn keep_message(call: &Call<'_, '_>, site: &mut Site, held: &mut Vec<Py<PyAny>>) -> usize {
    let (Some(message), true, Some(_)) = (call.positional.first(), call.arguments().is_empty(), call.names) else {
        return 0;
    };
    let Ok(text) = message.cast_exact::<PyString>() else { return 0 };
    let Ok(text) = text.to_str() else { return 0 };
    let template = Template::parse(text.as_bytes(), Style::Braces);
    let has_braces = memchr::memchr2(b'{', b'}', text.as_bytes()).is_some();
    if text.len() > LONGEST_MESSAGE || !has_braces {
        return 0;
    }
    site.needs_objects = template.needs_objects();
    site.template = Some(template);
    held.push(Bound::clone(message).unbind());
    message.as_ptr() as usize
}

fn keep_names(call: &Call<'_, '_>, site: &mut Site, held: &mut Vec<Py<PyAny>>) -> usize {
    let Some(names) = call.names else { return 0 };
    for name in names.iter_borrowed() {
        // With an `exc_info` all names are looked at, each time.
        if let Some(name) = text_bytes(&name).filter(|_| !is_exc_info(&name)) {
            site.keys.push(name.into());
        } else {
            site.keys.clear();
            return 0;
        }
    }
    held.push(names.to_owned().into_any().unbind());
    names.as_ptr() as usize
}
