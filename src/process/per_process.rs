//! A value that belongs to one process: a forked child leaves its parent's alone and makes its own.
//!
//! What a child inherits may be locked by threads that it does not have, so it is never locked, and never dropped. Found without a
//! lock for the same reason.

use std::ops::Deref;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::process::fork;

/// Where the value is kept; made for `static`.
pub struct PerProcess<T> {
    slot: ArcSwapOption<Own<T>>,
}

/// The value, and whose it is.
pub struct Own<T> {
    generation: u32,
    value: T,
}

impl<T> Own<T> {
    pub fn new(value: T) -> Self {
        Self { generation: fork::generation(), value }
    }

    /// Whether it is this process's, not one that was inherited.
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

    /// This process's value, if it has one.
    pub fn existing(&self) -> Option<Arc<Own<T>>> {
        let found = self.slot.load_full()?;
        if found.is_own() {
            return Some(found);
        }
        std::mem::forget(found);
        None
    }

    /// This process's value, made at first use.
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
