//! The options that a program gave to a logger, as objects of Python. A process that takes over the logger gets them.
//!
//! The settings that each call only adds to, such as levels, are not here: they are read from the settings themselves.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// The options of the current sinks and callbacks, and the settings.
#[derive(Default)]
pub struct Journal {
    settings: Vec<(&'static str, Py<PyAny>)>,
    sinks: Vec<Given>,
    /// The sinks that were taken over from the parent process.
    taken: Vec<u32>,
}

/// A sink or callback, with its options.
pub struct Given {
    pub id: u32,
    pub object: Py<PyAny>,
    pub options: Py<PyDict>,
    /// The current folder at the time of the call.
    pub folder: Option<PathBuf>,
}

/// Entries that are no longer needed. Dropping them may run Python code, so no lock may be held then.
#[must_use = "drop it once the journal is unlocked"]
#[derive(Default)]
pub struct Outdated {
    _settings: Vec<(&'static str, Py<PyAny>)>,
    _sinks: Vec<Given>,
}

impl Journal {
    /// Keeps settings, each under its own name. A later value replaces an earlier one.
    pub fn configured(&mut self, settings: Vec<(&'static str, Py<PyAny>)>) -> Outdated {
        let is_given = |(name, _): &mut (&str, _)| settings.iter().any(|(given, _)| given == name);
        let old = self.settings.extract_if(.., is_given).collect();
        self.settings.extend(settings);
        Outdated { _settings: old, ..Outdated::default() }
    }

    /// Forgets a setting.
    pub fn unset(&mut self, name: &str) -> Outdated {
        Outdated {
            _settings: self.settings.extract_if(.., |(known, _)| *known == name).collect(),
            ..Outdated::default()
        }
    }

    /// Keeps a sink or callback that was added.
    pub fn added(&mut self, given: Given) {
        self.sinks.push(given);
    }

    /// Forgets removed sinks and callbacks.
    pub fn removed(&mut self, is_gone: impl Fn(u32) -> bool) -> Outdated {
        self.taken.retain(|id| !is_gone(*id));
        let old = self.sinks.extract_if(.., |given| is_gone(given.id)).collect();
        Outdated { _sinks: old, ..Outdated::default() }
    }

    /// Notes which sinks were taken over from the parent process.
    pub fn take_over(&mut self, ids: Vec<u32>) {
        self.taken = ids;
    }

    pub fn taken(&self) -> Vec<u32> {
        self.taken.clone()
    }

    pub fn settings<'py>(&self, py: Python<'py>) -> Vec<(&'static str, Bound<'py, PyAny>)> {
        self.settings.iter().map(|(name, value)| (*name, value.bind(py).clone())).collect()
    }

    pub fn find(&self, id: u32) -> Option<&Given> {
        self.sinks.iter().find(|given| given.id == id)
    }

    pub fn copy(&self, py: Python<'_>) -> Self {
        let copy = |given: &Given| Given {
            id: given.id,
            object: given.object.clone_ref(py),
            options: given.options.clone_ref(py),
            folder: given.folder.clone(),
        };
        Self {
            settings: self.settings.iter().map(|(name, value)| (*name, value.clone_ref(py))).collect(),
            sinks: self.sinks.iter().map(copy).collect(),
            taken: self.taken.clone(),
        }
    }
}

/// A copy of a list or dict, which the program may change later; any other value itself.
pub fn kept(value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    if let Ok(dict) = value.cast_exact::<PyDict>() {
        return Ok(dict.copy()?.into_any().unbind());
    }
    match value.cast_exact::<PyList>() {
        Ok(list) => Ok(PyList::new(value.py(), list.iter())?.into_any().unbind()),
        Err(_) => Ok(value.clone().unbind()),
    }
}
