//! The library that holds an address.
#![expect(unsafe_code, reason = "dladdr has no safe interface")]

use std::ffi::c_void;

/// The address at which the library with this address is loaded; 0 if there is none.
pub fn library_of(address: usize) -> usize {
    // SAFETY: all zeros are a valid value of this struct.
    let mut found: libc::Dl_info = unsafe { std::mem::zeroed() };
    // SAFETY: any address may be looked up; the struct belongs to this frame.
    let is_known = unsafe { libc::dladdr(address as *const c_void, &raw mut found) } != 0;
    if is_known { found.dli_fbase as usize } else { 0 }
}
