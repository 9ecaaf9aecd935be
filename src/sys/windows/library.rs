//! The library that holds an address.
#![expect(unsafe_code, reason = "GetModuleHandleEx has no safe interface")]

use std::ptr::null_mut;

use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, GetModuleHandleExW,
};

/// The address at which the library with this address is loaded; 0 if there is none.
pub fn library_of(address: usize) -> usize {
    let flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    let mut found = null_mut();
    // SAFETY: any address may be looked up; the result belongs to this frame.
    let is_known = unsafe { GetModuleHandleExW(flags, address as *const u16, &raw mut found) } != 0;
    if is_known { found as usize } else { 0 }
}
