//! Names and paths as bytes, and the name of the machine.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Component, Path, PathBuf, Prefix};

/// The most characters of a path in the usual form. Every function of the system takes 259, and names of archives are longer
/// than that of their file.
const MOST: usize = 200;

const CHARACTERS: &str = "a name of text without < > : \" | ? * and control characters, which no file of Windows has";
const DEVICE: &str = "the path of a file, and not of a device";
const TEXT: &str = "a name of Windows is text here";
const OF_DRIVE: &str = "a drive has a separator after it, as in C:/app.log";

/// The bytes of a name, in the encoding of the standard library.
pub fn bytes_of(name: &OsStr) -> &[u8] {
    name.as_encoded_bytes()
}

/// The name with these bytes. Bytes that are no text are replaced.
pub fn name_of(bytes: Vec<u8>) -> OsString {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()).into()
}

/// The length of the folder at the start of a path, with the separator after it.
pub fn folder_length(path: &[u8]) -> usize {
    memchr::memrchr2(b'/', b'\\', path).map_or(0, |at| at + 1)
}

/// The text before a name that makes it absolute: nothing, the drive, or the working folder and a separator.
pub fn base_of(name: &OsStr) -> io::Result<Vec<u8>> {
    let path = Path::new(name);
    if name.to_str().is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, TEXT));
    }
    if path.components().next().is_some_and(|first| matches!(first, Component::Prefix(_))) {
        let is_whole = path.is_absolute();
        return if is_whole { Ok(Vec::new()) } else { Err(io::Error::new(io::ErrorKind::InvalidInput, OF_DRIVE)) };
    }
    let folder = std::env::current_dir()?;
    if path.has_root() {
        let drive = folder.components().next().map(|drive| bytes_of(drive.as_os_str()).to_vec());
        return Ok(drive.unwrap_or_default());
    }
    Ok([bytes_of(folder.as_os_str()), b"\\"].concat())
}

/// The reason why no log file has such a path, if there is one.
pub fn objection(path: &Path) -> Option<&'static str> {
    let mut components = path.components();
    if let Some(Component::Prefix(prefix)) = components.next()
        && matches!(prefix.kind(), Prefix::DeviceNS(_))
    {
        return Some(DEVICE);
    }
    components.find_map(|part| match part {
        Component::Normal(name) => objection_to_name(bytes_of(name)),
        _ => None,
    })
}

/// The reason why no file has such a name, if there is one. A name is the last part of a path.
pub fn objection_to_name(name: &[u8]) -> Option<&'static str> {
    let is_odd = |byte: &u8| *byte < b' ' || b"<>:\"|?*/\\".contains(byte);
    (name.iter().any(is_odd) || std::str::from_utf8(name).is_err()).then_some(CHARACTERS)
}

/// The path without links. It has the usual form where all functions of the system take it: the one that the system
/// gives shows up in errors, and does not take all that programs add to a path.
pub fn canonical(path: &Path) -> io::Result<PathBuf> {
    let found = std::fs::canonicalize(path)?;
    let Some(text) = found.to_str().filter(|text| text.chars().count() < MOST) else { return Ok(found) };
    let shorter = match text.strip_prefix(r"\\?\UNC\") {
        Some(share) => format!(r"\\{share}"),
        None => text.strip_prefix(r"\\?\").unwrap_or(text).to_owned(),
    };
    // Names that end in a dot or a space, and those of devices, are others in the usual form.
    let is_same = std::path::absolute(&shorter).is_ok_and(|path| path.as_os_str() == shorter.as_str());
    Ok(if is_same { shorter.into() } else { found })
}

/// The name of the machine.
pub fn host_name() -> String {
    std::env::var_os("COMPUTERNAME").unwrap_or_default().to_string_lossy().into_owned()
}
