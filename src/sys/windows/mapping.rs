//! Memory from the system. Mappings of files are refused, and queues that outlive their process with them.
#![expect(unsafe_code, reason = "VirtualAlloc and VirtualFree have no safe interface")]

use std::fs::File;
use std::io;
use std::ptr;

use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_READWRITE, VirtualAlloc, VirtualFree,
};

/// Provides zeros, which cost nothing until they are used.
pub fn map(length: usize) -> Option<*mut u8> {
    // SAFETY: new memory, at an address that the system chooses.
    let start = unsafe { VirtualAlloc(ptr::null(), length, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE) };
    (!start.is_null()).then(|| start.cast())
}

/// Always refuses.
///
/// # Safety
/// None is needed.
pub unsafe fn map_file(_file: &File, _length: usize) -> io::Result<*mut u8> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "queues that outlive their process are not supported on Windows"))
}

/// Does nothing.
///
/// # Safety
/// None is needed.
pub unsafe fn provide(_start: *mut u8, _length: usize) {}

/// Does nothing: there are no mappings of files.
///
/// # Safety
/// None is needed.
pub unsafe fn leave_file(_base: *mut u8, _length: usize) {}

/// Gives memory back.
///
/// # Safety
/// The range must be one that `map` gave, which nothing uses any more.
pub unsafe fn unmap(start: *mut u8, _length: usize) {
    // SAFETY: as promised.
    let _ = unsafe { VirtualFree(start.cast(), 0, MEM_RELEASE) };
}
