//! Locks and atomics of loom, with the interface of `sync` in the product.
//!
//! No wait times out: a thread that is never woken is a deadlock, which loom reports.

pub mod atomic;
pub mod once_box;

use std::ops::{Deref, DerefMut};
use std::sync::atomic::Ordering;
use std::time::Duration;

pub use once_box::OnceBox;

#[derive(Debug, Default)]
pub struct CachePadded<T>(pub T);

#[derive(Debug, Default)]
pub struct Mutex<T> {
    inner: loom::sync::Mutex<T>,
}

pub struct MutexGuard<'a, T> {
    inner: Option<loom::sync::MutexGuard<'a, T>>,
}

#[derive(Debug, Default)]
pub struct Condvar {
    inner: loom::sync::Condvar,
    waiting: loom::sync::atomic::AtomicUsize,
}

impl<T> Mutex<T> {
    pub fn new(value: T) -> Self {
        Self { inner: loom::sync::Mutex::new(value) }
    }

    pub fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard { inner: Some(self.inner.lock().expect("no panic under a lock")) }
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.inner.as_ref().expect("held")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("held")
    }
}

impl Condvar {
    pub fn notify_all(&self) {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.inner.notify_all();
        }
    }

    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        let held = guard.inner.take().expect("held");
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let held = self.inner.wait(held).expect("no panic under a lock");
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        guard.inner = Some(held);
    }

    pub fn wait_for<T>(&self, guard: &mut MutexGuard<'_, T>, _most: Duration) {
        self.wait(guard);
    }
}
