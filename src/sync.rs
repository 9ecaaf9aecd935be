//! Locks that are safe in a forked child, and values that threads share without a lock.
//!
//! The locks of the standard library are words that the kernel waits on. Other locks keep their waiting threads in
//! tables of the process. A child inherits these tables with threads that it does not have and whose memory was freed,
//! or inherits them locked forever.
//!
//! Models of threads give the files that use this module locks and atomics of their own (`models/src/sync.rs`).
//!
//! A panic while a lock is held is a bug, and is reported where it is caught. The locked value stays in use.

use std::ops::{Deref, DerefMut};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{self, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

pub use once_cell::race::OnceBox;
pub use std::sync::atomic;

const FIRST_PAUSE: Duration = Duration::from_micros(10);
const LONGEST_PAUSE: Duration = Duration::from_micros(500);

/// The stack size, in bytes, for work that needs more than a program may have given its threads.
const ROOMY_STACK: usize = 1024 * 1024;

/// Adds one to a counter, and returns the number before. Callers are attached to the interpreter: they come one at a time
/// if it has a GIL, and need no locked instruction then.
#[inline]
pub fn count_attached(counter: &AtomicU64) -> u64 {
    if cfg!(Py_GIL_DISABLED) {
        return counter.fetch_add(1, Ordering::Relaxed);
    }
    let number = counter.load(Ordering::Relaxed);
    counter.store(number + 1, Ordering::Relaxed);
    number
}

/// Runs work that needs much stack, such as the compiler of regular expressions.
///
/// Programs may create threads with 32 KiB. If no other thread can be created, the work runs on this one.
pub fn on_roomy_stack<T: Send>(run: impl Fn() -> T + Sync) -> T {
    let elsewhere = thread::scope(|scope| {
        let started = thread::Builder::new().stack_size(ROOMY_STACK).spawn_scoped(scope, &run);
        started.ok().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    elsewhere.unwrap_or_else(run)
}

/// A cache-padded value, for counters that different threads write. Without padding, each write would stall the other
/// threads.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct CachePadded<T>(pub T);

#[derive(Debug, Default)]
pub struct Mutex<T> {
    inner: sync::Mutex<T>,
}

/// Access to the locked value, until this is dropped.
pub struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    /// None only while a method in this file has released the lock.
    inner: Option<sync::MutexGuard<'a, T>>,
}

/// A condition that threads wait for. A notification costs a system call only if a thread waits.
#[derive(Debug, Default)]
pub struct Condvar {
    inner: sync::Condvar,
    /// The threads that wait. Each counts itself while it holds the lock, so a notifier that changed the locked value
    /// sees every thread that has not seen the change. In a forked child the number may be too high.
    waiting: AtomicUsize,
}

/// Whether a wait ended because of the timeout.
pub struct WaitTimeout(bool);

impl<T> Mutex<T> {
    pub const fn new(value: T) -> Self {
        Self { inner: sync::Mutex::new(value) }
    }

    #[inline]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        MutexGuard { mutex: self, inner: Some(inner) }
    }

    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        let inner = match self.inner.try_lock() {
            Ok(inner) => inner,
            Err(TryLockError::Poisoned(error)) => error.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(MutexGuard { mutex: self, inner: Some(inner) })
    }

    pub fn try_lock_for(&self, most: Duration) -> Option<MutexGuard<'_, T>> {
        self.try_lock_until(Instant::now() + most)
    }

    /// Retries with short pauses, because the standard library does not offer the kernel's wait with a timeout.
    pub fn try_lock_until(&self, until: Instant) -> Option<MutexGuard<'_, T>> {
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(guard) = self.try_lock() {
                return Some(guard);
            }
            if Instant::now() >= until {
                return None;
            }
            thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

impl<'a, T> MutexGuard<'a, T> {
    /// Runs a function without the lock.
    pub fn unlocked<R>(guard: &mut Self, run: impl FnOnce() -> R) -> R {
        guard.inner = None;
        let ran = run();
        guard.inner = guard.mutex.lock().inner;
        ran
    }

    fn given_away(&mut self) -> sync::MutexGuard<'a, T> {
        self.inner.take().expect("a guard holds its lock; this is a bug in logly")
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.inner.as_ref().expect("a guard holds its lock; this is a bug in logly")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("a guard holds its lock; this is a bug in logly")
    }
}

impl Condvar {
    pub const fn new() -> Self {
        Self { inner: sync::Condvar::new(), waiting: AtomicUsize::new(0) }
    }

    #[inline]
    pub fn notify_all(&self) {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.inner.notify_all();
        }
    }

    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let waited = self.inner.wait(guard.given_away());
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        guard.inner = Some(waited.unwrap_or_else(PoisonError::into_inner));
    }

    pub fn wait_for<T>(&self, guard: &mut MutexGuard<'_, T>, most: Duration) -> WaitTimeout {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let waited = self.inner.wait_timeout(guard.given_away(), most);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        let (inner, result) = waited.unwrap_or_else(PoisonError::into_inner);
        guard.inner = Some(inner);
        WaitTimeout(result.timed_out())
    }

    pub fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, until: Instant) -> WaitTimeout {
        self.wait_for(guard, until.saturating_duration_since(Instant::now()))
    }
}

impl WaitTimeout {
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_is_held_is_waited_for_no_longer_than_asked() {
        let mutex = Mutex::new(1);
        let mut held = mutex.lock();

        assert!(mutex.try_lock().is_none() && mutex.try_lock_for(Duration::from_millis(2)).is_none());
        assert_eq!(MutexGuard::unlocked(&mut held, || *mutex.lock()), 1);
        *held += 1;
        drop(held);

        assert_eq!(mutex.try_lock_for(Duration::ZERO).map(|guard| *guard), Some(2));
    }

    #[test]
    fn a_wait_ends_when_the_time_is_up_and_holds_the_lock_again() {
        let (mutex, condition) = (Mutex::new(()), Condvar::new());
        let mut held = mutex.lock();

        assert!(condition.wait_until(&mut held, Instant::now()).timed_out());
        assert!(mutex.try_lock().is_none());
    }

    #[test]
    fn a_panic_does_not_spoil_what_was_locked() {
        let mutex = Mutex::new(1);

        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _held = mutex.lock();
            panic!("expected by the test");
        }));

        assert!(panicked.is_err());
        assert_eq!(*mutex.lock(), 1);
    }
}
