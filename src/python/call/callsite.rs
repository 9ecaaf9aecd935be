//! The call-site cache: it maps a code object and an instruction to the values that never change at that place.
//!
//! A hit costs the frame, a hash and a few comparisons. It finds file, module, function, line, parsed message and
//! names. Finding the line number alone would cost more than the whole call, and more so in a longer function. An entry
//! ends with its code object. There may be more sites than records can name by a number; records of the other sites
//! carry their location.
#![expect(unsafe_code, reason = "frame access: the current frame and its code are raw pointers")]

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::message::{Style, Template};
use crate::python::call::arrived::{Call, is_exc_info};
use crate::python::call::code_watch::{Key, watch};
use crate::python::call::site_table;
use crate::python::call::site_table::entry::{Entry, Positional};
use crate::python::py::abi;
use crate::python::py::interpreter::name;
use crate::python::py::text::text_bytes;
use crate::site;
use crate::site::{MOST_SITES, NO_SITE, Site};

/// Longer messages are not kept for comparison.
const LONGEST_MESSAGE: usize = 4096;

/// The call site of a call, if it is known.
pub enum CallSite<'py> {
    Known(&'py Entry),
    /// Not remembered, because the code object cannot be watched or the record comes from elsewhere.
    New(Box<Site>),
    /// Called without a Python frame, by C code.
    Nowhere,
}

impl CallSite<'_> {
    #[inline]
    pub fn id(&self) -> u32 {
        match self {
            Self::Known(entry) => entry.id,
            Self::New(_) | Self::Nowhere => NO_SITE,
        }
    }

    /// The site that the record's number stands for. The record is decoded with it.
    pub fn decoding_site(&self) -> &Site {
        match self {
            Self::Known(entry) if entry.id != NO_SITE => &entry.site,
            Self::Known(_) | Self::New(_) | Self::Nowhere => site::find(NO_SITE),
        }
    }

    /// The site, if the record itself has to carry its location. Such a record names no site by a number.
    pub fn inline_site(&self) -> Option<&Site> {
        match self {
            Self::Known(entry) if entry.id != NO_SITE => None,
            Self::Known(entry) => Some(&entry.site),
            Self::New(site) => Some(site),
            Self::Nowhere => None,
        }
    }

    pub fn site(&self) -> &Site {
        match self {
            Self::Known(entry) => &entry.site,
            Self::New(site) => site,
            Self::Nowhere => site::find(NO_SITE),
        }
    }
}

/// The module of the calling Python code; empty if it cannot be determined.
pub fn module(py: Python<'_>) -> Vec<u8> {
    Frame::current(py).map(|frame| frame.module()).unwrap_or_default()
}

/// Finds the call site, and remembers it the first time.
#[expect(
    clippy::inline_always,
    reason = "every call comes here; the few on another path must not turn it into a function call"
)]
#[inline(always)]
pub fn find<'py>(call: &Call<'_, 'py>) -> CallSite<'py> {
    match Frame::current(call.py) {
        Some(frame) => find_frame(call, &frame),
        None => CallSite::Nowhere,
    }
}

/// The same as `find`, for the frame `depth` calls further out, or for the outermost frame.
#[cold]
pub fn find_behind<'py>(call: &Call<'_, 'py>, depth: usize) -> CallSite<'py> {
    let Some(frame) = frame_behind(call.py, depth) else { return CallSite::Nowhere };
    find_frame(call, &Frame::of(call.py, frame.as_ptr().cast()))
}

/// The place of a call of `logging`: the first frame, from the caller outwards, that `is_passed` does not reject. None
/// if there is none. Its entry has no number for logly's own calls, but one for this `logger`, if numbers are left.
#[inline]
pub fn place<'py>(py: Python<'py>, logger: &[u8], is_passed: impl Fn(&Site) -> bool) -> Option<&'py Entry> {
    let frame = Frame::current(py)?;
    let entry = place_of(&frame, logger, &is_passed)?;
    if is_passed(&entry.site) { place_behind(&frame, logger, is_passed) } else { Some(entry) }
}

#[cold]
fn place_behind<'py>(frame: &Frame<'py>, logger: &[u8], is_passed: impl Fn(&Site) -> bool) -> Option<&'py Entry> {
    let outer = frame.object().getattr(name!(frame.py, "f_back")).ok().filter(|outer| !outer.is_none())?;
    let frame = Frame::of(frame.py, outer.as_ptr().cast());
    let entry = place_of(&frame, logger, &is_passed)?;
    if is_passed(&entry.site) { place_behind(&frame, logger, is_passed) } else { Some(entry) }
}

#[inline]
fn place_of<'py>(frame: &Frame<'py>, logger: &[u8], is_passed: &impl Fn(&Site) -> bool) -> Option<&'py Entry> {
    site_table::find(frame.py, frame.key).or_else(|| remember_place(frame, logger, is_passed))
}

#[cold]
fn remember_place<'py>(frame: &Frame<'py>, logger: &[u8], is_passed: &impl Fn(&Site) -> bool) -> Option<&'py Entry> {
    let code = frame.object().getattr(name!(frame.py, "f_code")).ok()?;
    let held = vec![watch(&code, frame.key, site_table::remove).ok()?];
    let site = Arc::new(site_of(frame));
    let of_logging = if is_passed(&site) { NO_SITE } else { number_for(logger, &site) };
    let entry =
        Entry { id: NO_SITE, of_logging, site, message: 0, names: 0, positional: None, needs_caller: true, held };
    Some(site_table::insert(frame.py, frame.key, entry))
}

/// The number of a place for the records of a logger of `logging`. Such places have a quarter of the numbers at most,
/// since the others are for logly's own calls.
fn number_for(logger: &[u8], place: &Site) -> u32 {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    if COUNT.fetch_add(1, Ordering::Relaxed) >= MOST_SITES / 4 {
        return NO_SITE;
    }
    let Site { function, path, line, instruction, .. } = place;
    let site = Site {
        module: logger.into(),
        function: function.clone(),
        path: path.clone(),
        line: *line,
        instruction: *instruction,
        ..Site::default()
    };
    site::remember(Arc::new(site)).map_or(NO_SITE, |(number, _)| number)
}

/// The frame `depth` calls further out than the caller's, or the outermost frame.
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
fn find_frame<'py>(call: &Call<'_, 'py>, frame: &Frame<'py>) -> CallSite<'py> {
    if let Some(entry) = site_table::find(call.py, frame.key) {
        return CallSite::Known(entry);
    }
    // SAFETY: already attached, as this is a method call. The attach count lets objects be dropped.
    unsafe { Python::attach_unchecked(|_| remember(call, frame)) }
}

/// The caller's frame.
struct Frame<'py> {
    py: Python<'py>,
    pointer: *mut ffi::PyFrameObject,
    key: Key,
}

impl<'py> Frame<'py> {
    #[inline]
    fn current(py: Python<'py>) -> Option<Self> {
        // SAFETY: attached; the frame is borrowed, and it lives while its function waits for this call.
        let frame = unsafe { ffi::PyEval_GetFrame() };
        (!frame.is_null()).then(|| Self::of(py, frame))
    }

    /// A frame that the caller of this function keeps alive.
    #[inline]
    fn of(py: Python<'py>, frame: *mut ffi::PyFrameObject) -> Self {
        // SAFETY: the frame holds its code, so the address stays valid after this reference is given back.
        let (code, position) = unsafe {
            let code = ffi::PyFrame_GetCode(frame);
            ffi::Py_DECREF(code.cast());
            (code as usize, abi::last_instruction(Borrowed::from_ptr(py, frame.cast())))
        };
        Self { py, pointer: frame, key: Key { code, position } }
    }

    fn object(&self) -> Bound<'py, PyAny> {
        // SAFETY: a live frame.
        unsafe { Bound::from_borrowed_ptr(self.py, self.pointer.cast()) }
    }

    /// The `__name__` of the frame's globals.
    fn module(&self) -> Vec<u8> {
        let module = self.object().getattr("f_globals").and_then(|globals| globals.get_item("__name__"));
        module.ok().and_then(|name| text_bytes(&name)).unwrap_or_default()
    }

    /// The position of the call, which is the same at each call of a place.
    ///
    /// Python 3.11 makes a call by two instructions, `PRECALL` and `CALL`. Once a place is hot, the first of them makes
    /// the whole call.
    fn call(&self) -> c_int {
        const PRECALL: u8 = 166;
        const PRECALL_BYTES: c_int = 4;
        let position = self.key.position;
        if !abi::is_from(self.py, 11) || abi::is_from(self.py, 12) {
            return position;
        }
        let code = self.object().getattr("f_code").and_then(|code| code.getattr("co_code"));
        let instruction = code.ok().and_then(|code| code.get_item(position).ok()?.extract::<u8>().ok());
        if instruction == Some(PRECALL) { position + PRECALL_BYTES } else { position }
    }

    fn line(&self) -> u32 {
        // SAFETY: a live frame.
        let line = unsafe { ffi::PyFrame_GetLineNumber(self.pointer) };
        u32::try_from(line).unwrap_or(0)
    }
}

#[cold]
fn remember<'py>(call: &Call<'_, 'py>, frame: &Frame<'py>) -> CallSite<'py> {
    let mut site = site_of(frame);
    let watched = frame.object().getattr("f_code").and_then(|code| watch(&code, frame.key, site_table::remove));
    let Ok(watched) = watched else { return CallSite::New(Box::new(site)) };
    let mut held = vec![watched];
    let address = if keep_message(call, &mut site, &mut held) { call.positional[0].as_ptr() as usize } else { 0 };
    let arguments = call.arguments().len();
    let (message, positional) = match (address, arguments) {
        (0, _) => (0, None),
        (message, 0) => (message, None),
        (message, _) => (0, Some(Positional { message, arguments, has_names: call.names.is_some() })),
    };
    let names = keep_names(call, &mut site, &mut held);
    let entry = match site::remember(Arc::new(site)) {
        Ok((id, site)) => {
            let needs_caller = site.needs_objects;
            Entry { id, of_logging: NO_SITE, site, message, names, positional, needs_caller, held }
        }
        // Records of such a site carry the names too, since names are found by the site's number.
        Err(site) => {
            let (id, of_logging) = (NO_SITE, NO_SITE);
            Entry { id, of_logging, site, message, names: 0, positional, needs_caller: true, held }
        }
    };
    CallSite::Known(site_table::insert(call.py, frame.key, entry))
}

/// Reads the location. A part that cannot be read is left empty; it never makes a logging call fail.
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
        instruction: frame.call(),
        ..Site::default()
    }
}

/// Keeps a message that has placeholders, together with its parsed form. Returns whether it was kept.
fn keep_message(call: &Call<'_, '_>, site: &mut Site, held: &mut Vec<Py<PyAny>>) -> bool {
    let arguments = call.arguments().len();
    let Some(message) = call.positional.first().filter(|_| arguments > 0 || call.names.is_some()) else { return false };
    let Ok(exact) = message.cast_exact::<PyString>() else { return false };
    let Ok(text) = exact.to_str() else { return false };
    let has_placeholders = memchr::memchr3(b'{', b'}', b'%', text.as_bytes()).is_some();
    if text.len() > LONGEST_MESSAGE || !has_placeholders {
        return false;
    }
    // Loggers of other dialects may call at this place too. They would find the template.
    if arguments > 0 && !call.logger.core().dialect().has_percent() && text.contains('%') {
        return false;
    }
    let template = Template::for_call(text.as_bytes(), arguments, call.names.is_some(), true);
    let Some(template) = template else { return false };
    let is_whole = template.style != Style::Braces || template.unused(arguments) == 0;
    let has_braces = memchr::memchr2(b'{', b'}', text.as_bytes()).is_some();
    if !is_whole || (arguments == 0 && !has_braces) {
        return false;
    }
    site.needs_objects = template.needs_objects();
    site.template = Some(template);
    held.push(Bound::clone(message).unbind());
    true
}

fn keep_names(call: &Call<'_, '_>, site: &mut Site, held: &mut Vec<Py<PyAny>>) -> usize {
    let Some(names) = call.names else { return 0 };
    for name in names.iter_borrowed() {
        // If there is an `exc_info`, every call examines all names.
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
