//! One place in the call-site table: what never changes there.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::site::Site;

/// One known place.
pub struct Entry {
    /// The site's number. It is `NO_SITE` if there were too many sites; records then carry their location.
    pub id: u32,
    /// The number of the same place for records of `logging`, whose module is the name of a logger. `NO_SITE` if there
    /// is none.
    pub of_logging: u32,
    pub site: Arc<Site>,
    /// The addresses of the message and of the tuple of names, which `held` keeps alive. They are 0 if the message or
    /// the names vary.
    pub message: usize,
    pub names: usize,
    /// The message of calls with positional arguments. None if it varies.
    pub positional: Option<Positional>,
    /// Whether the caller writes a part of such a message: the part that needs the caller's objects, or the whole
    /// message if records name no site.
    pub needs_caller: bool,
    /// Objects kept alive with the entry: the message, the names, and the weak reference that reports the code object's
    /// death.
    #[expect(dead_code, reason = "held, not read")]
    pub held: Vec<Py<PyAny>>,
}

impl Entry {
    /// Whether the message is the one from which the site's template was made.
    #[inline]
    pub fn has_message(&self, message: Borrowed<'_, '_, PyAny>) -> bool {
        self.message == message.as_ptr() as usize
    }

    /// Whether the site's template was made from this message, for calls with so many positional arguments, and with
    /// keywords or without.
    #[inline]
    pub fn has_positional(&self, message: Borrowed<'_, '_, PyAny>, arguments: usize, has_names: bool) -> bool {
        self.positional == Some(Positional { message: message.as_ptr() as usize, arguments, has_names })
    }

    #[inline]
    pub fn has_names(&self, names: Borrowed<'_, '_, PyTuple>) -> bool {
        self.names == names.as_ptr() as usize
    }
}

/// A message with positional arguments, by the address that `held` keeps alive.
#[derive(PartialEq, Eq)]
pub struct Positional {
    pub message: usize,
    pub arguments: usize,
    pub has_names: bool,
}
