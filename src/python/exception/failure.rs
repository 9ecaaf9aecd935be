//! An exception with its causes, contexts, notes and members, as it was when it was logged.
//!
//! The choice of related exceptions follows `traceback`: a cause has priority over a context, and each exception is
//! shown once. Both the text and the JSON are made from this, so that the exceptions' own code runs only once if
//! possible.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};
use smallvec::SmallVec;

use crate::python::exception::frames;
use crate::python::exception::frames::Entry;
use crate::python::exception::kind::Kind;
use crate::python::py::interpreter;
use crate::python::py::interpreter::name;
use crate::python::py::interrupt::{is_interrupt, kind_of};
use crate::python::py::text::text_bytes;
use crate::python::py::{abi, peek};
use crate::python::value::capture::Capture;
use crate::python::value::sharing::is_boundless;
use crate::python::value::text;

/// The number of exceptions kept of one chain or group. Chains can be cyclic, and groups can have any size.
const MOST_CHAINED: usize = 50;

/// The longest chain for which `traceback` renders the last lines of single exceptions. It reads the rest of the chain
/// each time.
const MOST_SINGLE: usize = 8;

/// The number of notes kept of one exception, as in `_traceback`.
const MOST_NOTES: usize = 1_000;
const LEFT_OUT: &[u8] = b"[further notes are left out]";

/// How the next exception in a chain relates to the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Cause,
    Context,
}

impl Relation {
    /// The line between the two exceptions.
    pub fn text(self) -> &'static [u8] {
        match self {
            Self::Cause => b"The above exception was the direct cause of the following exception:\n\n",
            Self::Context => b"During handling of the above exception, another exception occurred:\n\n",
        }
    }
}

/// How much is read of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The exceptions of the chain alone.
    Chain,
    /// Also their frames.
    Frames,
    /// Also notes and members of groups.
    Json,
}

/// One exception of a chain.
pub struct Link<'py> {
    pub error: Bound<'py, PyAny>,
    pub traceback: Option<Bound<'py, PyAny>>,
    pub class: Arc<Kind>,
    /// The qualified name of the exception's class.
    pub kind: Vec<u8>,
    pub message: Vec<u8>,
    /// Empty if only the chain was read.
    pub frames: Vec<Arc<Entry>>,
    pub notes: Vec<Vec<u8>>,
    pub members: Vec<Vec<Link<'py>>>,
    /// The relation of the next exception in the chain to this one; None for the last.
    pub following: Option<Relation>,
    /// Whether `traceback` has to make its last lines: notes, suggestions, syntax errors, a failing `str()`.
    pub is_special: bool,
}

impl Link<'_> {
    /// The module of the exception's class.
    pub fn module(&self) -> &[u8] {
        self.class.module.as_deref().unwrap_or_default()
    }
}

/// A chain, from the logged exception to its first cause.
pub struct Failure<'py> {
    pub links: Vec<Link<'py>>,
    /// Whether `traceback` has to make all of its text.
    pub is_special: bool,
    /// Whether some text in it would have no end. `traceback` would request that text.
    pub is_boundless: bool,
}

impl<'py> Failure<'py> {
    /// Reads the exception.
    pub fn of(error: &Bound<'py, PyAny>, extent: Extent, capture: &mut Capture) -> PyResult<Self> {
        let mut reading = Reading {
            capture,
            extent,
            seen: SmallVec::new(),
            left: MOST_CHAINED,
            is_special: is_limited(error.py()),
            is_boundless: false,
        };
        let links = reading.chain(error)?;
        let (is_special, is_boundless) = (reading.is_special, reading.is_boundless);
        Ok(Self { links, is_special, is_boundless })
    }

    /// Whether `traceback` has to put the whole text together.
    pub fn needs_traceback(&self) -> bool {
        let has_special = || self.links.iter().any(|link| link.is_special);
        let is_rare = self.is_special || (self.links.len() > MOST_SINGLE && has_special());
        is_rare && !self.is_boundless
    }
}

/// Whether `sys.tracebacklimit` is set. Only `traceback` follows it.
fn is_limited(py: Python<'_>) -> bool {
    interpreter::sys(py).is_none_or(|sys| !matches!(sys.dict().get_item(name!(py, "tracebacklimit")), Ok(None)))
}

struct Reading<'c> {
    capture: &'c mut Capture,
    extent: Extent,
    /// The addresses of the exceptions that were read.
    seen: SmallVec<[usize; 8]>,
    left: usize,
    is_special: bool,
    is_boundless: bool,
}

impl Reading<'_> {
    fn chain<'py>(&mut self, error: &Bound<'py, PyAny>) -> PyResult<Vec<Link<'py>>> {
        let mut links: Vec<Link<'py>> = Vec::new();
        let mut next = Some(error.clone());
        while let Some(error) = next.take() {
            if self.left == 0 {
                self.is_special = true;
                if let Some(last) = links.last_mut() {
                    last.following = None;
                }
                break;
            }
            self.left -= 1;
            self.seen.push(error.as_ptr() as usize);
            let mut link = self.link(&error)?;
            if let Some((relation, following)) = self.following(&link)? {
                link.following = Some(relation);
                next = Some(following);
            }
            links.push(link);
        }
        Ok(links)
    }

    fn following<'py>(&self, link: &Link<'py>) -> PyResult<Option<(Relation, Bound<'py, PyAny>)>> {
        let (error, py) = (&link.error, link.error.py());
        let is_new = |error: &Bound<'py, PyAny>| !self.seen.contains(&(error.as_ptr() as usize));
        let cause = link.class.field(error, name!(py, "__cause__"), peek::cause_of)?;
        if let Some(cause) = cause.filter(is_new) {
            return Ok(Some((Relation::Cause, cause)));
        }
        let context = link.class.field(error, name!(py, "__context__"), peek::context_of)?;
        match context.filter(is_new) {
            Some(context) if !error.getattr(name!(py, "__suppress_context__"))?.is_truthy()? => {
                Ok(Some((Relation::Context, context)))
            }
            _ => Ok(None),
        }
    }

    fn link<'py>(&mut self, error: &Bound<'py, PyAny>) -> PyResult<Link<'py>> {
        let py = error.py();
        let class = Kind::of(error)?;
        let kind = text_bytes(&error.get_type().getattr(name!(py, "__qualname__"))?).unwrap_or_default();
        let (message, is_broken) = self.text_of(error, class.is_boundless(error));
        let traceback = class.field(error, name!(py, "__traceback__"), peek::traceback_of)?;
        let entries = match (self.extent, &traceback) {
            (Extent::Frames | Extent::Json, Some(traceback)) => frames::of_traceback(traceback.clone())?,
            _ => Some(Vec::new()),
        };
        // `traceback` leaves out the related exceptions of an exception that is false.
        let is_false = !class.is_plain && !error.is_truthy()?;
        self.is_special |= class.module.is_none() || entries.is_none() || is_false;
        let noted = self.noted(error, &class);
        let is_special = is_broken || class.has_own_lines || noted.is_some();
        Ok(Link {
            error: error.clone(),
            traceback,
            members: self.members(error, class.is_group)?,
            notes: if self.extent == Extent::Json { self.notes(noted) } else { Vec::new() },
            class,
            kind,
            message,
            frames: entries.unwrap_or_default(),
            following: None,
            is_special,
        })
    }

    /// The notes of an exception, if it has any.
    fn noted<'py>(&mut self, error: &Bound<'py, PyAny>, class: &Kind) -> Option<Bound<'py, PyAny>> {
        if class.is_plain && abi::has_no_attributes(error) {
            return None;
        }
        let noted = error.getattr_opt(name!(error.py(), "__notes__"));
        self.is_special |= noted.is_err();
        noted.ok().flatten().filter(|notes| !notes.is_none())
    }

    /// Returns the result of `str()`, and whether it failed. If it failed, the text is a marker.
    fn text_of(&mut self, value: &Bound<'_, PyAny>, is_boundless: bool) -> (Vec<u8>, bool) {
        if is_boundless {
            self.is_boundless = true;
            return (text::message_of(self.capture, value), false);
        }
        match value.str() {
            Ok(text) => (text_bytes(&text).unwrap_or_default(), !text.is_exact_instance_of::<PyString>()),
            Err(error) => {
                let class = value.get_type().qualname().map_or_else(|_| "object".to_owned(), |name| name.to_string());
                let marker = format!("<unprintable {class}: {}>", kind_of(value.py(), &error));
                if is_interrupt(value.py(), &error) {
                    self.capture.interrupt = Some(Box::new(error));
                }
                (marker.into_bytes(), true)
            }
        }
    }

    fn notes(&mut self, noted: Option<Bound<'_, PyAny>>) -> Vec<Vec<u8>> {
        let Some(noted) = noted else { return Vec::new() };
        let items: Vec<Bound<'_, PyAny>> = match (noted.cast::<PyList>(), noted.cast::<PyTuple>()) {
            (Ok(list), _) => list.iter().collect(),
            (_, Ok(tuple)) => tuple.iter().collect(),
            _ => return Vec::new(),
        };
        let mut texts: Vec<_> =
            items.iter().take(MOST_NOTES).map(|note| self.text_of(note, is_boundless(note)).0).collect();
        if items.len() > MOST_NOTES {
            texts.push(LEFT_OUT.to_vec());
        }
        texts
    }

    /// Reads the chains of a group's members.
    fn members<'py>(&mut self, error: &Bound<'py, PyAny>, is_group: bool) -> PyResult<Vec<Vec<Link<'py>>>> {
        if !is_group {
            return Ok(Vec::new());
        }
        self.is_special = true;
        let members = error.getattr(name!(error.py(), "exceptions"))?;
        let Ok(members) = members.cast::<PyTuple>() else { return Ok(Vec::new()) };
        let mut chains = Vec::new();
        for member in members.iter() {
            if self.left == 0 || self.extent != Extent::Json {
                break;
            }
            if !self.seen.contains(&(member.as_ptr() as usize)) {
                chains.push(self.chain(&member)?);
            }
        }
        Ok(chains)
    }
}
