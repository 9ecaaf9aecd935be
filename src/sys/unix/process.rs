//! Facts about processes: their state, their start, the run of the machine, and their rights.
#![expect(unsafe_code, reason = "these questions to the system have no safe interface")]

#[cfg(target_os = "linux")]
pub use linux::{boot, space, status_of};

#[cfg(target_vendor = "apple")]
pub use apple::{boot, space, status_of};

/// Whether the process has more rights than its caller, as with set-user-ID or file capabilities.
#[cfg(target_os = "linux")]
pub fn is_privileged() -> bool {
    // SAFETY: reads a number that the kernel gave this process at its start.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

#[cfg(target_vendor = "apple")]
pub fn is_privileged() -> bool {
    // SAFETY: reads a fact about this process.
    unsafe { libc::issetugid() != 0 }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;

    use crate::sys::status::{State, Status};

    /// The state and the start of a process. None where the system does not tell them.
    pub fn status_of(process: u32) -> Option<Status> {
        let text = fs::read(format!("/proc/{process}/stat")).ok()?;
        // The name, in parentheses, may hold anything.
        let at = memchr::memrchr(b')', &text)?;
        let mut fields = text[at + 1..].split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
        let state = match *fields.next()?.first()? {
            b'Z' | b'X' => State::Ended,
            b'T' | b't' => State::Stopped,
            _ => State::Running,
        };
        let started = std::str::from_utf8(fields.nth(18)?).ok()?.parse().ok()?;
        Some(Status { state, started })
    }

    /// The run of the machine; empty if it cannot be told.
    pub fn boot() -> Vec<u8> {
        fs::read("/proc/sys/kernel/random/boot_id").map(|text| text.trim_ascii().to_vec()).unwrap_or_default()
    }

    /// The space in which process numbers count, as containers have their own.
    pub fn space() -> Vec<u8> {
        let link = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        link.into_os_string().into_encoded_bytes()
    }
}

#[cfg(target_vendor = "apple")]
mod apple {
    use std::ptr::null_mut;

    use crate::sys::status::{State, Status};

    /// The state and the start of a process. None where the system does not tell them.
    pub fn status_of(process: u32) -> Option<Status> {
        let size = size_of::<libc::proc_bsdinfo>() as i32;
        // SAFETY: all zeros are a valid value of this struct.
        let mut found: libc::proc_bsdinfo = unsafe { std::mem::zeroed() };
        // SAFETY: the kernel fills in the struct, whose size it gets, or writes nothing.
        let filled = unsafe {
            let number = i32::try_from(process).ok()?;
            libc::proc_pidinfo(number, libc::PROC_PIDTBSDINFO, 0, (&raw mut found).cast(), size)
        };
        let state = match found.pbi_status {
            libc::SZOMB => State::Ended,
            libc::SSTOP => State::Stopped,
            _ => State::Running,
        };
        let started = found.pbi_start_tvsec * 1_000_000 + found.pbi_start_tvusec;
        (filled == size).then_some(Status { state, started })
    }

    /// The run of the machine; empty if it cannot be told.
    pub fn boot() -> Vec<u8> {
        let mut text = vec![0_u8; 64];
        let mut length = text.len();
        // SAFETY: the name ends in a null byte, and the kernel writes at most `length` bytes.
        let result = unsafe {
            let name = c"kern.bootsessionuuid".as_ptr();
            libc::sysctlbyname(name, text.as_mut_ptr().cast(), &raw mut length, null_mut(), 0)
        };
        text.truncate(if result == 0 { length.saturating_sub(1) } else { 0 });
        text
    }

    /// All processes of the machine count in one space.
    pub fn space() -> Vec<u8> {
        Vec::new()
    }
}
