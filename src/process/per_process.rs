//! A value that belongs to one process: a forked child leaves its parent's value alone and makes its own.
//!
//! An inherited value may be locked by threads that the child does not have. So it is never locked and never dropped.
//! For the same reason, the value is found without a lock.

use std::ops::Deref;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::process::fork;

/// The slot of the value, for use as a `static`.
pub struct PerProcess<T> {
    slot: ArcSwapOption<Own<T>>,
}

/// The value and the generation of its process.
pub struct Own<T> {
    generation: u32,
    value: T,
}

impl<T> Own<T> {
    pub fn new(value: T) -> Self {
        Self { generation: fork::generation(), value }
    }

    /// Whether it belongs to this process and was not inherited.
    pub fn is_own(&self) -> bool {
        self.generation == fork::generation()
    }
}

impl<T> Deref for Own<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Default> Default for PerProcess<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Default> PerProcess<T> {
    pub const fn new() -> Self {
        Self { slot: ArcSwapOption::const_empty() }
    }

    /// Returns this process's value if it exists.
    pub fn existing(&self) -> Option<Arc<Own<T>>> {
        let found = self.slot.load_full()?;
        if found.is_own() {
            return Some(found);
        }
        std::mem::forget(found);
        None
    }

    /// Returns this process's value, made at first use.
    pub fn get(&self) -> Arc<Own<T>> {
        loop {
            if let Some(own) = self.existing() {
                return own;
            }
            let own = Arc::new(Own::new(T::default()));
            let inherited = self.slot.load_full();
            if inherited.as_ref().is_none_or(|inherited| inherited.generation != own.generation) {
                std::mem::forget(self.slot.compare_and_swap(&inherited, Some(own)));
            }
            std::mem::forget(inherited);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_one_value() {
        let kept: PerProcess<u32> = PerProcess::new();

        assert!(kept.existing().is_none());
        assert!(Arc::ptr_eq(&kept.get(), &kept.get()));
        assert!(kept.existing().is_some());
    }
}
