//! Signals that end the process: a function runs before they do.
#![expect(unsafe_code, reason = "sigaction has no safe interface")]

use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

const SIGNALS: [c_int; 5] = [libc::SIGSEGV, libc::SIGABRT, libc::SIGBUS, libc::SIGFPE, libc::SIGILL];

/// Bytes of the stack that the handler runs on if the thread's own one is used up.
const STACK: usize = 64 * 1024;

/// Runs in the handler, before the signal takes its way.
static BEFORE: OnceLock<fn()> = OnceLock::new();
static PREVIOUS: [OnceLock<libc::sigaction>; SIGNALS.len()] = [const { OnceLock::new() }; SIGNALS.len()];
/// How often the handler ran for each signal.
static ENTRIES: [AtomicU32; SIGNALS.len()] = [const { AtomicU32::new(0) }; SIGNALS.len()];

/// Runs a function before a signal ends the process. It may not lock and not allocate. Called once.
pub fn before_fatal(before: fn()) {
    let _ = BEFORE.set(before);
    provide_stack();
    for (signal, previous) in SIGNALS.iter().zip(&PREVIOUS) {
        let mut known = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: a zeroed action is a valid one, and `handle` has the type that SA_SIGINFO asks for. The previous
        // action is known before the handler can run.
        unsafe {
            if libc::sigaction(*signal, ptr::null(), known.as_mut_ptr()) != 0 {
                continue;
            }
            let _ = previous.set(known.assume_init());
            let mut action = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
            action.sa_sigaction = handle as extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigemptyset(&raw mut action.sa_mask);
            libc::sigaction(*signal, &raw const action, ptr::null_mut());
        }
    }
}

/// Gives this thread a second stack, unless it has one: no handler runs on a stack that has overflowed.
fn provide_stack() {
    let mut known = MaybeUninit::<libc::stack_t>::zeroed();
    // SAFETY: a zeroed description is valid, and the new stack is never freed.
    unsafe {
        if libc::sigaltstack(ptr::null(), known.as_mut_ptr()) != 0
            || known.assume_init().ss_flags & libc::SS_DISABLE == 0
        {
            return;
        }
        let stack = Box::leak(vec![0_u8; STACK].into_boxed_slice());
        let stack = libc::stack_t { ss_sp: stack.as_mut_ptr().cast(), ss_flags: 0, ss_size: STACK };
        libc::sigaltstack(&raw const stack, ptr::null_mut());
    }
}

extern "C" fn handle(signal: c_int, info: *mut libc::siginfo_t, _context: *mut c_void) {
    BEFORE.get().inspect(|before| before());
    let Some(index) = SIGNALS.iter().position(|known| *known == signal) else { return };
    let is_again = ENTRIES[index].fetch_add(1, Ordering::AcqRel) > 0;
    // SAFETY: both calls may be made in a handler; a zeroed action is the default one.
    unsafe {
        let default = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
        // Two handlers that give the signal to each other would never end.
        let previous = PREVIOUS[index].get().filter(|_| !is_again).unwrap_or(&default);
        libc::sigaction(signal, previous, ptr::null_mut());
        // A fault comes again by itself when the handler returns, with all that is known about it.
        if info.is_null() || !is_fault((*info).si_code) {
            libc::raise(signal);
        }
    }
}

/// Whether the processor raised the signal, and not a program.
#[cfg(target_os = "linux")]
fn is_fault(code: c_int) -> bool {
    code > 0
}

/// The codes of faults are small; that of a program is 0 or above 0x10000.
#[cfg(not(target_os = "linux"))]
fn is_fault(code: c_int) -> bool {
    (1..=0xff).contains(&code)
}

/// Waits for a millisecond. Signal handlers may call it.
pub fn pause() {
    // SAFETY: waiting for no descriptor at all is allowed, also in a handler.
    unsafe { libc::poll(ptr::null_mut(), 0, 1) };
}
