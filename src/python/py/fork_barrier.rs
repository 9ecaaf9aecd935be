//! The fork barrier: no thread writes to a stream or imports for this package while Python forks.
//!
//! A buffered Python stream has a lock, and so has a module during its import. If a thread holds such a lock while
//! another one forks, the child inherits the locked lock without the thread that would release it. The child's first
//! line would hang. So a thread that forks waits until no other thread is in the middle of a line or an import. Threads
//! that want to begin one wait until the fork is over. One thread forks at a time, since it also flushes the buffers of
//! sinks. A thread counts itself before it looks at the others' counts, so that two threads never miss each other without
//! a GIL.
//!
//! `traceback` imports modules in the middle of its functions, and at the first use of a name. So the rendering of an
//! exception counts as an import.
//!
//! The waits are bounded, since a stream may block, and other fork hooks may wait for a thread that logs. The wait for
//! a regular file is longer: its disk may be busy, but it does not block. If the wait was in vain, the child does not
//! touch the streams that were in use.
//!
//! The hooks are native, since Ctrl-C can end a Python hook before its first line. Forks from C code bypass the
//! barrier.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::python::py::gil::thread_ident;
use crate::python::py::interpreter::name;
use crate::python::py::poll::poll;
use crate::sync::Mutex;

pub const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The longest wait for lines that go to regular files.
const LONGEST_WAIT_FOR_FILES: Duration = Duration::from_secs(30);

static BUSY: AtomicUsize = AtomicUsize::new(0);
static FORKING: AtomicUsize = AtomicUsize::new(0);

/// The number of forking threads that wait for lines and imports. These waits end by themselves.
static AWAITING: AtomicUsize = AtomicUsize::new(0);

/// The thread that forks, or 0.
static FORKER: AtomicU64 = AtomicU64::new(0);

/// The streams that lines are being written to, each with the thread that writes.
static IN_USE: Mutex<Vec<(u64, Py<PyAny>)>> = Mutex::new(Vec::new());

/// Streams that other threads were writing to when this process was forked. They are locked for good.
static LEFT_LOCKED: Mutex<Vec<Py<PyAny>>> = Mutex::new(Vec::new());
static HAS_LEFT_LOCKED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// This thread's share of `BUSY` and of `FORKING`. It may fork in the middle of a line, and log while it forks.
    static OWN_BUSY: Cell<usize> = const { Cell::new(0) };
    static OWN_FORKING: Cell<usize> = const { Cell::new(0) };
}

/// A line that is being written, or an import that is running or may begin.
pub struct Busy(());

/// Begins a line or an import, once no other thread forks.
pub fn enter(py: Python<'_>) -> Busy {
    BUSY.fetch_add(1, Ordering::SeqCst);
    let own = OWN_FORKING.get();
    // If this thread is in the middle of a line, the fork waits for it.
    if FORKING.load(Ordering::SeqCst) > own && OWN_BUSY.get() == 0 {
        make_way(py, own);
    }
    OWN_BUSY.set(OWN_BUSY.get() + 1);
    Busy(())
}

/// Waits for the forks of other threads, and counts this thread again.
#[cold]
fn make_way(py: Python<'_>, own: usize) {
    loop {
        BUSY.fetch_sub(1, Ordering::SeqCst);
        let is_over = await_fork(py, || FORKING.load(Ordering::SeqCst) <= own);
        BUSY.fetch_add(1, Ordering::SeqCst);
        if !is_over || FORKING.load(Ordering::SeqCst) <= own {
            return;
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        BUSY.fetch_sub(1, Ordering::Relaxed);
        OWN_BUSY.set(OWN_BUSY.get() - 1);
    }
}

/// Whether forks of other threads wait for this thread.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub(super) fn _keeps_forks_waiting() -> bool {
    OWN_BUSY.get() > 0
}

/// A line that is being written to a stream.
pub struct Writing<'s, 'py> {
    stream: &'s Bound<'py, PyAny>,
    _busy: Busy,
}

/// Like `enter`, for a line.
pub fn write_to<'s, 'py>(stream: &'s Bound<'py, PyAny>) -> Writing<'s, 'py> {
    let busy = enter(stream.py());
    IN_USE.lock().push((thread_ident(stream.py()), stream.clone().unbind()));
    Writing { stream, _busy: busy }
}

impl Drop for Writing<'_, '_> {
    fn drop(&mut self) {
        let me = thread_ident(self.stream.py());
        let mut streams = IN_USE.lock();
        let found = streams.iter().rposition(|(thread, stream)| *thread == me && stream.is(self.stream));
        let own = found.map(|index| streams.swap_remove(index));
        drop(streams);
        drop(own);
    }
}

/// Like `write_to`, for lines that Python code writes.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub(super) fn _enter_stream(stream: &Bound<'_, PyAny>) {
    std::mem::forget(write_to(stream));
}

#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub(super) fn _leave_stream(stream: &Bound<'_, PyAny>) {
    drop(Writing { stream, _busy: Busy(()) });
}

/// Whether a stream is locked for good, by a thread that the child of a fork does not have.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub(super) fn _is_left_locked(stream: &Bound<'_, PyAny>) -> bool {
    is_left_locked(stream)
}

/// Like `_is_left_locked`.
#[inline]
pub(super) fn is_left_locked(stream: &Bound<'_, PyAny>) -> bool {
    HAS_LEFT_LOCKED.load(Ordering::Relaxed) && LEFT_LOCKED.lock().iter().any(|locked| locked.is(stream))
}

/// Before a fork: waits until other threads have written their lines, and keeps them from beginning new ones.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub(super) fn _rest_streams(py: Python<'_>) {
    let me = thread_ident(py);
    if OWN_BUSY.get() == 0 {
        let claim = || FORKER.compare_exchange(0, me, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if !await_fork(py, || claim() || is_forker(me)) {
            FORKER.store(me, Ordering::Relaxed);
        }
    }
    FORKING.fetch_add(1, Ordering::SeqCst);
    OWN_FORKING.set(OWN_FORKING.get() + 1);
    AWAITING.fetch_add(1, Ordering::Relaxed);
    if !poll(py, LONGEST_WAIT, is_rest) && is_file_in_use(py) {
        poll(py, LONGEST_WAIT_FOR_FILES, is_rest);
    }
    AWAITING.fetch_sub(1, Ordering::Relaxed);
}

/// Whether all other threads rest. False if the wait for them took too long.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub(super) fn _do_streams_rest() -> bool {
    is_rest()
}

/// After a fork, in the parent: lets other threads go on. It does nothing if `_rest_streams` did not run for this fork:
/// another hook of the same fork may have imported logly.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub(super) fn _wake_streams(py: Python<'_>) {
    if let Some(own) = OWN_FORKING.get().checked_sub(1) {
        FORKING.fetch_sub(1, Ordering::Relaxed);
        OWN_FORKING.set(own);
        if own == 0 && is_forker(thread_ident(py)) {
            FORKER.store(0, Ordering::Relaxed);
        }
    }
}

/// After a fork, in the child, which has only this thread.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
pub(super) fn _renew_streams(py: Python<'_>) {
    let me = thread_ident(py);
    let (own, others) = std::mem::take(&mut *IN_USE.lock()).into_iter().partition(|(thread, _)| *thread == me);
    *IN_USE.lock() = own;
    let locked: Vec<_> = others;
    if !locked.is_empty() {
        LEFT_LOCKED.lock().extend(locked.into_iter().map(|(_, stream)| stream));
        HAS_LEFT_LOCKED.store(true, Ordering::Relaxed);
    }
    FORKER.store(0, Ordering::Relaxed);
    FORKING.store(0, Ordering::Relaxed);
    AWAITING.store(0, Ordering::Relaxed);
    OWN_FORKING.set(0);
    BUSY.store(OWN_BUSY.get(), Ordering::Relaxed);
}

fn is_forker(thread: u64) -> bool {
    FORKER.load(Ordering::Relaxed) == thread
}

fn is_rest() -> bool {
    BUSY.load(Ordering::SeqCst) <= OWN_BUSY.get()
}

/// Whether another thread is writing a line to a regular file.
fn is_file_in_use(py: Python<'_>) -> bool {
    let me = thread_ident(py);
    let others: Vec<_> =
        IN_USE.lock().iter().filter(|(thread, _)| *thread != me).map(|(_, stream)| stream.clone_ref(py)).collect();
    others.iter().any(|stream| is_file(stream.bind(py)))
}

fn is_file(stream: &Bound<'_, PyAny>) -> bool {
    let descriptor = stream.call_method0(name!(stream.py(), "fileno")).and_then(|number| number.extract::<i32>());
    descriptor.is_ok_and(|descriptor| std::fs::metadata(format!("/dev/fd/{descriptor}")).is_ok_and(|it| it.is_file()))
}

/// Waits for another thread's fork, but at most a second for the fork's hooks, which may wait for this thread. False if
/// it took too long.
fn await_fork(py: Python<'_>, is_over: impl Fn() -> bool) -> bool {
    let is_awaiting = || AWAITING.load(Ordering::Relaxed) > 0;
    let last = Instant::now() + LONGEST_WAIT_FOR_FILES;
    while Instant::now() < last {
        if is_over() {
            return true;
        }
        if is_awaiting() {
            poll(py, LONGEST_WAIT_FOR_FILES, || !is_awaiting());
        } else if !poll(py, LONGEST_WAIT, || is_over() || is_awaiting()) {
            return false;
        }
    }
    false
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_enter_stream, module)?)?;
    module.add_function(wrap_pyfunction!(_leave_stream, module)?)?;
    module.add_function(wrap_pyfunction!(_is_left_locked, module)?)?;
    module.add_function(wrap_pyfunction!(_rest_streams, module)?)?;
    module.add_function(wrap_pyfunction!(_do_streams_rest, module)?)?;
    module.add_function(wrap_pyfunction!(_keeps_forks_waiting, module)?)?;
    module.add_function(wrap_pyfunction!(_wake_streams, module)?)?;
    module.add_function(wrap_pyfunction!(_renew_streams, module)?)
}
