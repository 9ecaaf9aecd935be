//! The parts of CPython that depend on its version, for the two kinds of builds.
//!
//! A build for one version (`versioned`) knows the version and reads structures of the interpreter. A build for the
//! stable ABI (`stable`) runs with many versions: it asks for the version and calls functions. Both files have the same
//! functions. No other file asks for the version when it is compiled, but for `stdlib`, whose methods exist only in
//! builds for one version.

#[cfg(Py_LIMITED_API)]
mod stable;
#[cfg(not(Py_LIMITED_API))]
mod versioned;

#[cfg(Py_LIMITED_API)]
pub use stable::*;
#[cfg(not(Py_LIMITED_API))]
pub use versioned::*;
