//! Names and paths as bytes, and the name of the machine.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// The bytes of a name.
pub fn bytes_of(name: &OsStr) -> &[u8] {
    name.as_bytes()
}

/// The name with these bytes.
pub fn name_of(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes)
}

/// The name of the machine.
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
