//! Memory from the kernel: mappings of the process's own, and mappings of files.
#![expect(unsafe_code, reason = "mappings have no safe interface")]

use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::ptr;

#[cfg(target_os = "linux")]
use rustix::mm::{Advice, madvise};
use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};

const ACCESS: ProtFlags = ProtFlags::READ.union(ProtFlags::WRITE);

/// Maps zeros, which cost nothing until they are used. On Linux a forked child finds the mapping empty.
pub fn map(length: usize) -> Option<*mut u8> {
    // SAFETY: a new mapping, at an address that the kernel chooses.
    let start = unsafe { mmap_anonymous(ptr::null_mut(), length, ACCESS, MapFlags::PRIVATE) }.ok()?;
    #[cfg(target_os = "linux")]
    // SAFETY: the range is the mapping. Kernels without this advice refuse it, and the memory then behaves like any
    // other.
    let _ = unsafe { madvise(start, length, Advice::LinuxWipeOnFork) };
    Some(start.cast())
}

/// Maps the first bytes of a file, which must all be allocated. A forked child does not have the mapping.
///
/// # Safety
/// Nothing but this mapping may change these bytes while it is there, and the file must not shrink.
pub unsafe fn map_file(file: &File, length: usize) -> io::Result<*mut u8> {
    // SAFETY: a new mapping, at an address that the kernel chooses; the rest is promised.
    let base = unsafe { mmap(ptr::null_mut(), length, ACCESS, MapFlags::SHARED, file, 0) }?;
    // SAFETY: the range is the mapping.
    if let Err(error) = unsafe { keep_from_children(base, length) } {
        // SAFETY: nothing uses the mapping.
        let _ = unsafe { munmap(base, length) };
        return Err(error);
    }
    Ok(base.cast())
}

/// # Safety
/// The range must be a whole mapping.
#[cfg(target_os = "linux")]
unsafe fn keep_from_children(base: *mut c_void, length: usize) -> io::Result<()> {
    // SAFETY: as promised.
    Ok(unsafe { madvise(base, length, Advice::LinuxDontFork) }?)
}

/// # Safety
/// The range must be a whole mapping.
#[cfg(not(target_os = "linux"))]
unsafe fn keep_from_children(base: *mut c_void, length: usize) -> io::Result<()> {
    // SAFETY: as promised.
    match unsafe { libc::minherit(base, length, libc::VM_INHERIT_NONE) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Has the kernel provide memory now, on the calling thread. It changes no byte. Only Linux can do this.
///
/// # Safety
/// The range must lie in a mapping.
pub unsafe fn provide(start: *mut u8, length: usize) {
    #[cfg(target_os = "linux")]
    // SAFETY: as promised. Kernels without this advice refuse it, which changes nothing.
    let _ = unsafe { madvise(start.cast(), length, Advice::LinuxPopulateWrite) };
    #[cfg(not(target_os = "linux"))]
    let _ = (start, length);
}

/// Puts zeros in the place of a file's mapping. The file is not used from then on. On macOS the mapping stays.
///
/// The new mapping is made elsewhere and moved: if there is no memory for it, the mapping of the file stays.
///
/// # Safety
/// The range must be a whole mapping. Threads that use it find the new one at its place.
#[cfg(target_os = "linux")]
pub unsafe fn leave_file(base: *mut u8, length: usize) {
    let base = base.cast::<c_void>();
    // SAFETY: a new mapping, at an address that the kernel chooses.
    let Ok(zeros) = (unsafe { mmap_anonymous(ptr::null_mut(), length, ACCESS, MapFlags::PRIVATE) }) else { return };
    // SAFETY: the range is the new mapping.
    let is_apart = unsafe { madvise(zeros, length, Advice::LinuxDontFork) };
    // Not by `rustix::mm::mremap_fixed`, which takes the number of another flag.
    let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
    // SAFETY: both ranges are mappings of this length.
    let is_moved = is_apart.is_ok() && unsafe { libc::mremap(zeros, length, length, flags, base) } == base;
    if !is_moved {
        // SAFETY: the new mapping, which nothing uses.
        let _ = unsafe { munmap(zeros, length) };
    }
}

/// # Safety
/// None is needed.
#[cfg(not(target_os = "linux"))]
pub unsafe fn leave_file(_base: *mut u8, _length: usize) {}

/// Gives a mapping back.
///
/// # Safety
/// The range must be a whole mapping, which nothing uses any more.
pub unsafe fn unmap(start: *mut u8, length: usize) {
    // SAFETY: as promised.
    let _ = unsafe { munmap(start.cast(), length) };
}
