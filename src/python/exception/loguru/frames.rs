//! The frames of one exception as text: those of its traceback, and those that called the one that caught it.

use std::ops::Range;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::python::exception::loguru::places::Place;
use crate::python::exception::loguru::values::put_values;
use crate::python::exception::values::budget::Budget;
use crate::python::py::abi;
use crate::python::py::interpreter::name;
use crate::python::py::text::utf8;

/// How many frames of the same place are shown in a row.
const MOST_REPEATED: usize = 3;

/// The most frames shown beyond the catching one; the innermost are kept.
const MOST_OUTER: usize = 100;

/// The bytes of the values of most exceptions.
const VALUES: usize = 2_048;

/// A frame with its place.
struct Found<'py> {
    frame: Bound<'py, PyAny>,
    place: Arc<Place>,
}

/// The frames that are shown of one exception, outermost first.
pub struct Frames<'py> {
    found: Vec<Found<'py>>,
    /// The first frame of the traceback itself, if frames that called it are among the shown ones.
    marked: Option<usize>,
}

/// A shown frame: its number, and how many more of its place follow that are not shown.
struct Shown {
    number: usize,
    more: usize,
    /// The range of its values in the texts of all values.
    values: Range<usize>,
}

impl<'py> Frames<'py> {
    /// Reads a traceback. With `is_extended`, the frames that called its first one are shown too.
    pub fn of(traceback: Option<Bound<'py, PyAny>>, is_extended: bool) -> PyResult<Self> {
        let mut frames = Self { found: Vec::with_capacity(16), marked: None };
        let mut next = traceback;
        while let Some(traceback) = next {
            let parts = abi::entry_of(&traceback)?;
            if is_extended && frames.marked.is_none() {
                frames.found = outer(&parts.frame)?;
                frames.marked = Some(frames.found.len());
            }
            let place = Place::of_entry(&traceback, &parts)?;
            frames.found.push(Found { frame: parts.frame, place });
            next = parts.next;
        }
        Ok(frames)
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The line of source of the innermost frame.
    pub fn last_source(&self) -> &[u8] {
        self.found.last().map_or(&[], |last| &last.place.source)
    }

    /// Appends the texts of the shown frames, and calls `after` behind each. With a budget, the texts have values, and
    /// blank lines separate them.
    pub fn put(
        &self,
        out: &mut Vec<u8>,
        mut budget: Option<&mut Budget>,
        mut after: impl FnMut(usize),
    ) -> PyResult<()> {
        let mut shown = self.shown();
        let mut values = Vec::with_capacity(if budget.is_some() { VALUES } else { 0 });
        if let Some(budget) = &mut budget {
            // The innermost frames first: they are the most useful, and the budget may run out.
            for item in shown.iter_mut().rev() {
                let found = &self.found[item.number];
                let start = values.len();
                put_values(&mut values, &found.place, &found.frame, budget)?;
                item.values = start..values.len();
            }
        }
        let mut has_source = true;
        for item in &shown {
            if budget.is_some() && has_source {
                out.push(b'\n');
            }
            self.put_frame(out, item, &values[item.values.clone()]);
            has_source = item.more > 0 || !self.found[item.number].place.source.is_empty();
            after(out.len());
        }
        Ok(())
    }

    /// Selects the frames: of many in a row at the same place, only the first ones.
    fn shown(&self) -> Vec<Shown> {
        let mut shown = Vec::with_capacity(self.found.len());
        let mut number = 0;
        for row in self.found.chunk_by(|one, next| one.place.is_same(&next.place)) {
            let kept = row.len().min(MOST_REPEATED);
            shown.extend((number..number + kept).map(|number| Shown { number, more: 0, values: 0..0 }));
            if let Some(last) = shown.last_mut() {
                last.more = row.len() - kept;
            }
            number += row.len();
        }
        shown
    }

    fn put_frame(&self, out: &mut Vec<u8>, item: &Shown, values: &[u8]) {
        let place = &self.found[item.number].place;
        out.extend_from_slice(if self.marked == Some(item.number) { b"> " } else { b"  " });
        out.extend_from_slice(&place.head);
        out.push(b'\n');
        if !place.source.is_empty() {
            out.extend_from_slice(b"    ");
            out.extend_from_slice(&place.source);
            out.push(b'\n');
        }
        out.extend_from_slice(values);
        if item.more > 0 {
            let plural = if item.more > 1 { "s" } else { "" };
            let note = format!("  [Previous line repeated {} more time{plural}]\n", item.more);
            out.extend_from_slice(note.as_bytes());
        }
    }
}

/// The frames that called a frame, outermost first, without logly's own.
fn outer<'py>(frame: &Bound<'py, PyAny>) -> PyResult<Vec<Found<'py>>> {
    let py = frame.py();
    let mut found = Vec::new();
    let mut next = frame.getattr(name!(py, "f_back"))?;
    while !next.is_none() && found.len() < MOST_OUTER {
        if !is_of_logly(&next)? {
            let place = Place::of_running(&next)?;
            found.push(Found { frame: next.clone(), place });
        }
        next = next.getattr(name!(py, "f_back"))?;
    }
    found.reverse();
    Ok(found)
}

fn is_of_logly(frame: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = frame.py();
    let globals = frame.getattr(name!(py, "f_globals"))?;
    let module = globals.cast::<PyDict>()?.get_item(name!(py, "__name__"))?;
    let name = module.as_ref().and_then(|module| module.cast::<PyString>().ok());
    Ok(name.and_then(|name| utf8(name.as_borrowed())).is_some_and(|name| name.starts_with("logly.")))
}
