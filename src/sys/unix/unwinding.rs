//! The end of threads by `pthread_exit`, which glibc does by unwinding the stack. It aborts the process at a Rust frame.
//!
//! glibc has handlers of an older kind, which it calls before it unwinds the first frame that lies above them. Each
//! thread that enters our code gets one, on the heap and so outside all frames. The handler walks the stack as the
//! unwinder is about to do, and keeps the thread if it finds a frame of ours.
#![cfg_attr(
    all(target_os = "linux", target_env = "gnu"),
    expect(unsafe_code, reason = "neither _pthread_cleanup_push nor the unwinder has a safe interface")
)]

/// From here on, makes this thread hang instead of being unwound while a frame of ours is on its stack. On platforms
/// other than Linux with glibc, `pthread_exit` unwinds nothing.
#[inline]
pub fn keep_thread() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    watched::keep_thread();
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod watched {
    use std::cell::{OnceCell, UnsafeCell};
    use std::ffi::{c_int, c_void};
    use std::ptr::null_mut;
    use std::sync::OnceLock;

    use super::super::library::library_of;

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

    /// The unwinder's own view of a frame.
    #[repr(C)]
    struct Frame {
        _opaque: [u8; 0],
    }

    /// The value that continues a walk.
    const GO_ON: c_int = 0;
    /// One of the values that end it.
    const STOP: c_int = 4;

    // Both are functions of libgcc_s. The standard library is linked with it, and `pthread_exit` uses it to unwind.
    unsafe extern "C" {
        fn _Unwind_Backtrace(visit: extern "C" fn(*mut Frame, *mut c_void) -> c_int, argument: *mut c_void) -> c_int;
        fn _Unwind_GetIP(frame: *mut Frame) -> usize;
    }

    thread_local! {
        /// Freed when the thread has ended, after anything that could use it.
        static HANDLER: OnceCell<Box<UnsafeCell<Handler>>> = const { OnceCell::new() };
    }

    #[inline]
    pub(super) fn keep_thread() {
        // A thread whose thread-local memory is freed does not come back to Python.
        let _ = HANDLER.try_with(|handler| {
            if handler.get().is_none() {
                begin(handler);
            }
        });
    }

    #[cold]
    fn begin(handler: &OnceCell<Box<UnsafeCell<Handler>>>) {
        let handler = handler.get_or_init(|| {
            let none = Handler { routine: None, argument: null_mut(), cancel_type: 0, previous: null_mut() };
            Box::new(UnsafeCell::new(none))
        });
        push(handler.get());
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
            // SAFETY: the handler lives as long as its thread, and only that thread uses it.
            unsafe { push(handler, on_exit, null_mut()) };
        }
    }

    /// Called by `pthread_exit` on the thread that ends, before the first frame is unwound.
    unsafe extern "C" fn on_exit(_argument: *mut c_void) {
        if !is_ours_below() {
            return;
        }
        // SAFETY: the set is filled before it is used, and only the mask of this thread changes.
        unsafe {
            let mut all = std::mem::zeroed();
            libc::sigfillset(&raw mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, null_mut());
        }
        loop {
            // SAFETY: the call only waits.
            unsafe { libc::pause() };
        }
    }

    /// The state of a walk.
    struct Walk {
        /// The address at which our library is loaded.
        ours: usize,
        /// True after the frames of this file, in which the walk begins.
        has_left_handler: bool,
        is_found: bool,
    }

    /// Whether a frame of ours lies below the call of `pthread_exit`. The unwinding would end at the same frame as this
    /// walk.
    fn is_ours_below() -> bool {
        let ours = library_of(on_exit as *const () as usize);
        let mut walk = Walk { ours, has_left_handler: false, is_found: false };
        // SAFETY: the walk is of this thread's own stack, and its argument outlives it.
        unsafe { _Unwind_Backtrace(visit, (&raw mut walk).cast()) };
        walk.is_found
    }

    extern "C" fn visit(frame: *mut Frame, walk: *mut c_void) -> c_int {
        // SAFETY: the pointer comes from `is_ours_below`, which does not use it during the walk.
        let walk = unsafe { &mut *walk.cast::<Walk>() };
        // SAFETY: the unwinder passes the frame that it is at.
        let is_ours = library_of(unsafe { _Unwind_GetIP(frame) }) == walk.ours;
        walk.has_left_handler |= !is_ours;
        walk.is_found = is_ours && walk.has_left_handler;
        if walk.is_found { STOP } else { GO_ON }
    }
}
