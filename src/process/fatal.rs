//! The handler of fatal signals: it gives the writers a moment to empty the queues, then lets the signal take its way.
//!
//! A handler may do very little: no lock, no memory, no formatting. The writers are other threads, which go on while it
//! runs and need nothing from the thread that failed, not even the interpreter. The handler therefore only waits. Records
//! that a writer cannot write in that time are lost. A queue in a crash file is not waited for.
#![expect(unsafe_code, reason = "sigaction has no safe interface")]

use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};
use std::sync::{OnceLock, Weak};

const SIGNALS: [c_int; 5] = [libc::SIGSEGV, libc::SIGABRT, libc::SIGBUS, libc::SIGFPE, libc::SIGILL];

/// The most milliseconds that the handler waits.
const PATIENCE: i64 = 2000;

/// The most queues that are waited for.
const MOST: usize = 256;

/// Bytes of the stack that the handler runs on if the thread's own one is used up.
const STACK: usize = 64 * 1024;

/// A queue that a writer empties.
pub trait Drained: Send + Sync {
    /// Whether the handler need not wait for it: it is empty, another process's, or its writer is the thread that
    /// failed. Runs in a signal handler, so it only reads atomics.
    fn is_drained(&self, thread: i32) -> bool;
}

type Queue = Weak<dyn Drained>;

/// Never freed, as the handler may run at any moment.
static QUEUES: [AtomicPtr<Queue>; MOST] = [const { AtomicPtr::new(ptr::null_mut()) }; MOST];
static IS_INSTALLED: AtomicBool = AtomicBool::new(false);
static PREVIOUS: [OnceLock<libc::sigaction>; SIGNALS.len()] = [const { OnceLock::new() }; SIGNALS.len()];
/// How often the handler ran for each signal.
static ENTRIES: [AtomicU32; SIGNALS.len()] = [const { AtomicU32::new(0) }; SIGNALS.len()];

/// Whether queues are to be registered.
pub fn is_installed() -> bool {
    IS_INSTALLED.load(Ordering::Relaxed)
}

/// Registers a queue. Queues beyond the most are not waited for.
pub fn register(queue: &Queue) {
    let is_free = |known: *mut Queue| {
        // SAFETY: a queue that was registered is never freed.
        known.is_null() || unsafe { (*known).strong_count() } == 0
    };
    let new = Box::into_raw(Box::new(Weak::clone(queue)));
    for slot in &QUEUES {
        let known = slot.load(Ordering::Acquire);
        if is_free(known) && slot.compare_exchange(known, new, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            return;
        }
    }
    // SAFETY: it was made here, and nothing else has it.
    drop(unsafe { Box::from_raw(new) });
}

/// Installs the handler; false if it was installed before.
pub fn install() -> bool {
    if IS_INSTALLED.swap(true, Ordering::AcqRel) {
        return false;
    }
    provide_stack();
    for (signal, previous) in SIGNALS.iter().zip(&PREVIOUS) {
        let mut before = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: a zeroed action is a valid one, and `handle` has the type that SA_SIGINFO asks for. The previous
        // action is known before the handler can run.
        unsafe {
            if libc::sigaction(*signal, ptr::null(), before.as_mut_ptr()) != 0 {
                continue;
            }
            let _ = previous.set(before.assume_init());
            let mut action = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
            action.sa_sigaction = handle as extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigemptyset(&raw mut action.sa_mask);
            libc::sigaction(*signal, &raw const action, ptr::null_mut());
        }
    }
    true
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
    wait_for_queues();
    let Some(index) = SIGNALS.iter().position(|known| *known == signal) else { return };
    let is_again = ENTRIES[index].fetch_add(1, Ordering::AcqRel) > 0;
    // SAFETY: both calls may be made in a handler; a zeroed action is the default one.
    unsafe {
        let default = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
        // Two handlers that give the signal to each other would never end.
        let previous = PREVIOUS[index].get().filter(|_| !is_again).unwrap_or(&default);
        libc::sigaction(signal, previous, ptr::null_mut());
        // A fault comes again by itself when the handler returns, with all that is known about it.
        if info.is_null() || (*info).si_code <= 0 {
            libc::raise(signal);
        }
    }
}

fn wait_for_queues() {
    let thread = current_thread();
    let until = milliseconds() + PATIENCE;
    while QUEUES.iter().any(|slot| is_awaited(slot, thread)) && milliseconds() < until {
        // SAFETY: waiting for no descriptor at all is allowed, also in a handler.
        unsafe { libc::poll(ptr::null_mut(), 0, 1) };
    }
}

fn is_awaited(slot: &AtomicPtr<Queue>, thread: i32) -> bool {
    // SAFETY: a queue that was registered is never freed.
    let queue = unsafe { slot.load(Ordering::Acquire).as_ref() };
    let Some(queue) = queue.and_then(Weak::upgrade) else { return false };
    let is_awaited = !queue.is_drained(thread);
    // Another thread may have let go of it by now, and it must not be dropped here.
    std::mem::forget(queue);
    is_awaited
}

fn milliseconds() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}

/// The number of this thread, which the system gives.
pub fn current_thread() -> i32 {
    rustix::thread::gettid().as_raw_nonzero().get()
}
