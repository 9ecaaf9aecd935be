//! Names and paths as bytes, and the name of the machine.

use std::ffi::{OsStr, OsString};

/// The bytes of a name, in the encoding of the standard library.
pub fn bytes_of(name: &OsStr) -> &[u8] {
    name.as_encoded_bytes()
}

/// The name with these bytes. Bytes that are no text are replaced.
pub fn name_of(bytes: Vec<u8>) -> OsString {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()).into()
}

/// The name of the machine.
pub fn host_name() -> String {
    std::env::var_os("COMPUTERNAME").unwrap_or_default().to_string_lossy().into_owned()
}
