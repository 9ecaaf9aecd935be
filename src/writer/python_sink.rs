//! The Python parts of a sink, as the core sees them.
//!
//! The core keeps them and asks these questions. Their types are known to Python's side alone, which finds them with
//! `of_type`.

use std::any::Any;

use crate::lane::queue::Last;

/// A Python object that gets records: a sink or a callback.
pub trait PythonSink: Any + Send + Sync {
    /// How its lane treats records that come after the end of the process has begun.
    fn last(&self) -> Last;

    /// Whether its lane gets records in the order of lanes.
    fn is_ordered(&self) -> bool;
}

/// The functions of the program that decide about a sink's records: its filter, format and rotation.
pub trait Hooks: Any + Send + Sync {}

impl dyn PythonSink {
    /// Returns the object if it has this type.
    pub fn of_type<T: PythonSink>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }
}

impl dyn Hooks {
    /// Returns the functions if they have this type.
    pub fn of_type<T: Hooks>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }
}
