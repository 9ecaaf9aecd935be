//! Values that belong to one process: a forked child leaves its parent's value alone and makes its own.
//!
//! An inherited value may be locked by threads that the child does not have. So it is never locked and never dropped.
//! For the same reason, the value is found without a lock.

use std::ops::Deref;

use crate::process::fork;
use crate::sync::OnceBox;

/// Identifies the process that made a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessMark(u32);

impl ProcessMark {
    /// The mark of this process.
    #[inline]
    pub fn current() -> Self {
        Self(fork::generation())
    }

    /// Whether it is the mark of this process and was not inherited.
    #[inline]
    pub fn is_current(self) -> bool {
        self == Self::current()
    }
}

/// A value, and the mark of the process that made it.
pub struct Own<T> {
    process: ProcessMark,
    value: T,
}

impl<T> Own<T> {
    pub fn new(value: T) -> Self {
        Self { process: ProcessMark::current(), value }
    }

    /// Whether it belongs to this process and was not inherited.
    #[inline]
    pub fn is_own(&self) -> bool {
        self.process.is_current()
    }

    /// Returns the value if it belongs to this process.
    pub fn own(&self) -> Option<&T> {
        self.is_own().then_some(&self.value)
    }
}

impl<T> Deref for Own<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

/// The number of this process. The kernel is asked once.
#[inline]
pub fn process_number() -> u32 {
    static NUMBER: PerProcess<u32> = PerProcess::new();
    **NUMBER.get_or_make(|_| std::process::id())
}

/// The value of each process, for use as a `static` or as a field: the parent's, then the child's, and so on.
///
/// If two threads make the value at once, one of the two is dropped. A lock would make one thread wait for the other,
/// which a child might not have.
pub struct PerProcess<T> {
    first: OnceBox<Own<T>>,
    after_fork: OnceBox<PerProcess<T>>,
}

impl<T> PerProcess<T> {
    pub const fn new() -> Self {
        Self { first: OnceBox::new(), after_fork: OnceBox::new() }
    }

    /// Returns this process's value, made at first use. `make` gets the value of the parent, if it had one.
    #[inline]
    pub fn get_or_make(&self, make: impl Fn(Option<&T>) -> T) -> &Own<T> {
        let first = self.first.get_or_init(|| Box::new(Own::new(make(None))));
        if first.is_own() { first } else { self.get_after_fork(first, make) }
    }

    #[cold]
    fn get_after_fork<'s>(&'s self, first: &'s Own<T>, make: impl Fn(Option<&T>) -> T) -> &'s Own<T> {
        let (mut link, mut inherited) = (self, first);
        loop {
            link = link.after_fork.get_or_init(Box::default);
            let value = link.first.get_or_init(|| Box::new(Own::new(make(Some(inherited)))));
            if value.is_own() {
                return value;
            }
            inherited = value;
        }
    }

    /// Returns this process's value if it exists.
    pub fn existing(&self) -> Option<&Own<T>> {
        let mut link = self;
        loop {
            let value = link.first.get()?;
            if value.is_own() {
                return Some(value);
            }
            link = link.after_fork.get()?;
        }
    }
}

impl<T: Default> PerProcess<T> {
    /// Like `get_or_make`, with the default value.
    #[inline]
    pub fn get(&self) -> &Own<T> {
        self.get_or_make(|_| T::default())
    }
}

impl<T> Default for PerProcess<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        if self.first.get().is_some_and(|value| !value.is_own()) {
            std::mem::forget(std::mem::take(&mut self.first));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;

    /// Makes a value that looks as if a parent had made it.
    fn inherited<T>(value: T) -> PerProcess<T> {
        let process = ProcessMark(fork::generation().wrapping_sub(1));
        PerProcess { first: OnceBox::with_value(Box::new(Own { process, value })), after_fork: OnceBox::new() }
    }

    #[test]
    fn process_has_one_value() {
        let kept: PerProcess<u32> = PerProcess::new();

        assert!(kept.existing().is_none());
        assert!(std::ptr::eq(kept.get(), kept.get()));
        assert!(kept.existing().is_some());
    }

    #[test]
    fn child_makes_its_own_value_from_that_of_its_parent() {
        let kept = inherited(1);

        assert!(kept.existing().is_none());
        assert_eq!(**kept.get_or_make(|parent| parent.map_or(0, |parent| parent + 1)), 2);
        assert_eq!(kept.existing().map(|value| **value), Some(2));
    }

    #[test]
    fn inherited_value_is_not_dropped() {
        struct Counted(Rc<Cell<u32>>);

        impl Drop for Counted {
            fn drop(&mut self) {
                self.0.set(self.0.get() + 1);
            }
        }

        let drops = Rc::default();
        let kept = inherited(Counted(Rc::clone(&drops)));
        kept.get_or_make(|_| Counted(Rc::clone(&drops)));

        drop(kept);

        assert_eq!(drops.get(), 1);
    }
}
