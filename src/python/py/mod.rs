//! python::py: to be described.

pub(crate) mod callable;
pub(crate) mod context;
pub(crate) mod fork_barrier;
pub mod gil;
pub mod imports;
pub mod inside;
pub(crate) mod interpreter;
pub mod interrupt;
pub mod recursion;
pub mod role;
pub(crate) mod strand;
pub mod streams;
pub(crate) mod telling;
pub mod text;
pub(crate) mod times;
pub(crate) mod wait;
pub mod watched;
