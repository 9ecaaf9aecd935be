//! Adds sinks that write to the descriptor of a standard stream, without Python.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pyo3::prelude::*;

use crate::config::sink::FileOptions;
use crate::config::standard::{Standard, StandardStream};
use crate::disk::identity::Identity;
use crate::disk::standard;
use crate::error::Error;
use crate::python::call::state::PyLogger;
use crate::python::options::sink_options::SinkParts;
use crate::python::py::imports::load;
use crate::python::value::arguments::shown;
use crate::style::color::is_color_wanted;
use crate::sys::metadata;

impl PyLogger {
    /// Adds a direct sink. It takes the place of the implicit console.
    pub(super) fn add_direct(&self, py: Python<'_>, standard: Standard, parts: SinkParts) -> PyResult<u32> {
        refuse_other_streams(py, standard)?;
        let stream = find(standard).map_err(|error| Error::file(Path::new(standard.name()), error))?;
        let file = FileOptions {
            path: PathBuf::from(standard.name()),
            is_watched: false,
            standard: Some(Arc::new(stream)),
            ..FileOptions::default()
        };
        let is_waiting = parts.options.is_waiting;
        let id = self.add_native(py, file, parts)?;
        if !is_waiting {
            self.remove_implicit_console()?;
        }
        Ok(id)
    }
}

/// Refuses a stream of `sys` that lines written to the descriptor would go past, such as one that a test captures.
fn refuse_other_streams(py: Python<'_>, standard: Standard) -> PyResult<()> {
    let name = standard.name();
    let other = load(py, "logly._sinks.terminals", "other_than")?.call1((name, standard.descriptor()))?;
    if other.is_none() {
        return Ok(());
    }
    let expected = format!("False while sys.{name} does not write to descriptor {}", standard.descriptor());
    Err(Error::value("direct", expected, format!("True with sys.{name} {}", shown(&other))).into())
}

/// Learns the facts about a standard stream.
fn find(standard: Standard) -> io::Result<StandardStream> {
    let file = standard::duplicate(standard)?;
    let found = Identity::of(&metadata::of(&file)?).parts();
    let is_terminal = file.is_terminal();
    Ok(StandardStream::new(standard, found, is_terminal, is_color_wanted(None, is_terminal)))
}
