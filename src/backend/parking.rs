//! Threads that CPython kills while the interpreter ends.
//!
//! Up to Python 3.13 a daemon thread that comes back for the interpreter lock then is ended by `pthread_exit`. That of glibc unwinds the
//! stack, which frames of ours do not survive: the process is aborted. From 3.14 on such a thread hangs instead. Here it does with
//! every version while it is in a call of ours: glibc has handlers of an older kind, which it calls before it unwinds a frame that
//! lies above them. Ours lie on the heap, beside all frames.
#![expect(unsafe_code, reason = "_pthread_cleanup_push: no safe interface has it, nor has the crate libc")]

use std::sync::atomic::{AtomicBool, Ordering};

static IS_ENDING: AtomicBool = AtomicBool::new(false);

/// A thread in a call of ours that may run Python.
pub struct Within(());

/// The interpreter is about to end; before that, threads end as they like.
pub fn begin() {
    IS_ENDING.store(true, Ordering::Relaxed);
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub use handled::enter;

/// Elsewhere `pthread_exit` unwinds nothing.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn enter() -> Within {
    Within(())
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod handled {
    use std::cell::{Cell, OnceCell, UnsafeCell};
    use std::ffi::{c_int, c_void};
    use std::ptr::null_mut;
    use std::sync::OnceLock;
    use std::sync::atomic::Ordering;

    use super::{IS_ENDING, Within};

    type Routine = unsafe extern "C" fn(*mut c_void);
    type Push = unsafe extern "C" fn(*mut Handler, Routine, *mut c_void);

    /// `struct _pthread_cleanup_buffer`, which glibc fills in and keeps in a list.
    #[repr(C)]
    struct Handler {
        routine: Option<Routine>,
        argument: *mut c_void,
        cancel_type: c_int,
        previous: *mut Handler,
    }

    thread_local! {
        /// How many calls of ours this thread is in.
        static DEPTH: Cell<usize> = const { Cell::new(0) };
        /// Freed when the thread has ended, after anything that could ask for it.
        static HANDLER: OnceCell<Box<UnsafeCell<Handler>>> = const { OnceCell::new() };
    }

    /// Has this thread hang rather than be killed until what is returned is dropped.
    pub fn enter() -> Within {
        DEPTH.set(DEPTH.get() + 1);
        // A thread whose memory is given back already does not come back to Python.
        let _ = HANDLER.try_with(|handler| {
            handler.get_or_init(|| {
                let handler = Box::new(UnsafeCell::new(Handler {
                    routine: None,
                    argument: null_mut(),
                    cancel_type: 0,
                    previous: null_mut(),
                }));
                push(handler.get());
                handler
            });
        });
        Within(())
    }

    impl Drop for Within {
        fn drop(&mut self) {
            DEPTH.set(DEPTH.get() - 1);
        }
    }

    fn push(handler: *mut Handler) {
        static PUSH: OnceLock<Option<Push>> = OnceLock::new();
        let push = PUSH.get_or_init(|| {
            // SAFETY: the name ends in a null byte.
            let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"_pthread_cleanup_push".as_ptr()) };
            // SAFETY: glibc has no other function of that name; null is None.
            unsafe { std::mem::transmute::<*mut c_void, Option<Push>>(found) }
        });
        if let Some(push) = push {
            // SAFETY: the handler lives as long as its thread, in which alone it is asked for.
            unsafe { push(handler, on_exit, null_mut()) };
        }
    }

    /// Called by `pthread_exit` on the thread that ends, without the interpreter lock.
    unsafe extern "C" fn on_exit(_argument: *mut c_void) {
        if DEPTH.get() == 0 || !IS_ENDING.load(Ordering::Relaxed) {
            return;
        }
        // SAFETY: the set is filled before it is used, and nothing but the mask of this thread changes.
        unsafe {
            let mut all = std::mem::zeroed();
            libc::sigfillset(&raw mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, null_mut());
        }
        loop {
            // SAFETY: it waits, no more.
            unsafe { libc::pause() };
        }
    }
}
