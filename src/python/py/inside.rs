//! Permission to run the code of sinks, filters and formats. Other threads lose it when the process ends.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::process::per_process::PerProcess;
use crate::python::py::gil::thread_ident;
use crate::python::py::strand;

pub static OUTSTANDING: PerProcess<Outstanding> = PerProcess::new();

/// The thread that ends the process. 0 before that.
static EXIT_THREAD: AtomicU64 = AtomicU64::new(0);

/// How long a caller waits for another thread to write the caller's line. Then it leaves the line to that thread.
pub const LONGEST_WAIT: Duration = Duration::from_secs(1);

thread_local! {
    /// The strands of this thread that run code of sinks, filters and formats, and the addresses of the Python sinks
    /// they write to. A forked child inherits the entries of the thread that forked.
    pub static WITHIN: strand::Inside<Option<usize>> = const { strand::Inside::new() };
}

/// The work that the end of the process waits for, for a limited time. A forked child has none of its parent's threads.
#[derive(Default)]
pub struct Outstanding {
    /// Threads that are giving a record to Python sinks.
    pub(crate) inside: AtomicUsize,
    /// Lines that no sink has written yet.
    pub lines: AtomicU64,
}

/// Permission to run the code of sinks, filters and formats.
pub struct Inside {
    outstanding: &'static Outstanding,
    strand: u64,
}

impl Inside {
    /// Returns None once the process ends, except on the thread that ends it. CPython kills the other threads at the
    /// point where they wait for the interpreter, and killing a thread with native frames below it takes the process
    /// along.
    pub fn enter(py: Python<'_>) -> Option<Self> {
        if Self::is_closed_to(py) {
            return None;
        }
        let outstanding = OUTSTANDING.get();
        outstanding.inside.fetch_add(1, Ordering::Relaxed);
        let strand = strand::current(py);
        within(|inside| inside.push(strand, None));
        Some(Self { outstanding, strand })
    }

    /// The strand that was let in.
    pub fn strand(&self) -> u64 {
        self.strand
    }

    /// Whether this thread may not enter any more.
    #[inline]
    pub fn is_closed_to(py: Python<'_>) -> bool {
        let exit_thread = EXIT_THREAD.load(Ordering::Relaxed);
        exit_thread != 0 && exit_thread != thread_ident(py)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        within(|inside| inside.remove(self.strand, &None));
        self.outstanding.inside.fetch_sub(1, Ordering::Release);
    }
}

/// Begins the end of the process: no other thread enters Python sinks from here on. Threads that are inside get a
/// second to come out. Returns the number of lines that remain unwritten then.
pub fn begin_exit(py: Python<'_>) -> u64 {
    EXIT_THREAD.store(thread_ident(py), Ordering::Relaxed);
    let outstanding = OUTSTANDING.get();
    let deadline = Instant::now() + LONGEST_WAIT;
    py.detach(|| {
        while outstanding.inside.load(Ordering::Acquire) > 0 && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        outstanding.lines.load(Ordering::Relaxed)
    })
}

/// Whether this strand runs code of a sink, its filter or its format. There, a wait for logly is a wait for itself.
pub fn is_within_sink(py: Python<'_>) -> bool {
    is_within(py, |_| true)
}

/// Whether this strand is writing to a Python sink.
pub fn is_writing(py: Python<'_>) -> bool {
    is_within(py, Option::is_some)
}

pub(super) fn is_within(py: Python<'_>, is_meant: impl Fn(&Option<usize>) -> bool) -> bool {
    within(|inside| !inside.is_empty() && inside.contains(strand::current(py), is_meant))
}

/// Whether no strand of this thread runs code of a sink, its filter or its format.
#[inline]
pub fn is_free() -> bool {
    !within(|inside| !inside.is_empty())
}

/// Reads or changes `WITHIN`. At the end of a thread it may be destroyed already: the thread is in no sink then.
pub fn within<R: Default>(ask: impl FnOnce(&strand::Inside<Option<usize>>) -> R) -> R {
    WITHIN.try_with(ask).unwrap_or_default()
}
