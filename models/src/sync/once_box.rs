//! A box that is filled once, like that of `once_cell::race`, for values that live as long as one run of a model.
#![expect(unsafe_code, reason = "a pointer that threads share, as in the library that it stands for")]

use std::marker::PhantomData;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering as Order};

use loom::sync::atomic::{AtomicPtr, Ordering};
use loom::thread;
use loom::thread::ThreadId;

/// The number of the run.
static RUN: AtomicU64 = AtomicU64::new(0);

/// Empties all boxes. Each run of a model begins with this.
pub fn begin_run() {
    RUN.fetch_add(1, Order::SeqCst);
}

/// The pointer is made in the run that uses it, as loom demands. Values are never dropped.
pub struct OnceBox<T> {
    meeting: Mutex<Option<Meeting>>,
    value: PhantomData<fn() -> T>,
}

/// The pointer of one run, and the threads that have met it.
#[derive(Clone)]
struct Meeting {
    run: u64,
    pointer: &'static AtomicPtr<()>,
    threads: Vec<ThreadId>,
}

loom::lazy_static! {
    static ref MEETING: loom::sync::Mutex<()> = loom::sync::Mutex::new(());
}

impl<T> OnceBox<T> {
    pub const fn new() -> Self {
        Self { meeting: Mutex::new(None), value: PhantomData }
    }

    /// The pointer of this run. A thread meets it under a lock first, as if it had been made before all threads.
    fn pointer(&self) -> &'static AtomicPtr<()> {
        let (run, thread) = (RUN.load(Order::SeqCst), thread::current().id());
        let known = self.meeting.lock().expect("no panic under this lock").clone();
        if let Some(meeting) = known.filter(|meeting| meeting.run == run && meeting.threads.contains(&thread)) {
            return meeting.pointer;
        }
        let _met = MEETING.lock().expect("no panic under this lock");
        let mut known = self.meeting.lock().expect("no panic under this lock");
        if known.as_ref().is_none_or(|meeting| meeting.run != run) {
            let pointer = Box::leak(Box::new(AtomicPtr::new(ptr::null_mut())));
            *known = Some(Meeting { run, pointer, threads: Vec::new() });
        }
        let meeting = known.as_mut().expect("made above");
        meeting.threads.push(thread);
        meeting.pointer
    }

    pub fn get(&self) -> Option<&T> {
        let value = self.pointer().load(Ordering::Acquire).cast::<T>();
        // SAFETY: a value that was published is never dropped or changed.
        unsafe { value.as_ref() }
    }

    pub fn get_or_init(&self, make: impl FnOnce() -> Box<T>) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        let made = Box::into_raw(make());
        let pointer = self.pointer();
        match pointer.compare_exchange(ptr::null_mut(), made.cast(), Ordering::AcqRel, Ordering::Acquire) {
            // SAFETY: as in `get`.
            Ok(_) => unsafe { &*made },
            Err(other) => {
                // SAFETY: it was made above, and no other thread has seen it.
                drop(unsafe { Box::from_raw(made) });
                // SAFETY: as in `get`.
                unsafe { &*other.cast::<T>() }
            }
        }
    }
}

impl<T> Default for OnceBox<T> {
    fn default() -> Self {
        Self::new()
    }
}
