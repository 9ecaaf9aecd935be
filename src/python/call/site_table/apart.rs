//! Changes of the call-site table: one thread at a time makes them, and memory is freed when no lookup can read it.

#[cfg(Py_GIL_DISABLED)]
pub(super) use self::locked::{ARE_SLOTS_FREED, alone};
#[cfg(not(Py_GIL_DISABLED))]
pub(super) use self::with_gil::{ARE_SLOTS_FREED, alone};

/// The GIL keeps others from changing the table, and from reading it during a change.
#[cfg(not(Py_GIL_DISABLED))]
mod with_gil {
    use crate::python::call::code_watch::Key;
    use crate::python::call::site_table::{Entry, Node};

    pub(in super::super) const ARE_SLOTS_FREED: bool = true;

    pub(in super::super) struct Alone(());

    pub(in super::super) fn alone() -> Alone {
        Alone(())
    }

    #[expect(clippy::unused_self, reason = "stands for the right to change the table")]
    impl Alone {
        pub fn place(&mut self, key: Key, entry: Entry) -> *mut Node {
            Box::into_raw(Box::new(Node::new(key, entry)))
        }

        /// Takes the entry of a node that is out of the table, and frees the node.
        ///
        /// # Safety
        ///
        /// The node came from `place`, and nothing uses it.
        pub unsafe fn take(&mut self, node: *mut Node) -> Entry {
            // SAFETY: as the caller says.
            unsafe { Box::from_raw(node) }.entry.into_inner()
        }
    }
}

/// A lock keeps others from changing the table. They may read it meanwhile: slots are never freed, and nodes become
/// those of other places. A table has at most half as many slots as the next one, so all the old ones together are no
/// more than the present one.
#[cfg(Py_GIL_DISABLED)]
mod locked {
    use std::ptr;
    use std::sync::atomic::Ordering;

    use crate::python::call::code_watch::Key;
    use crate::python::call::site_table::{Entry, Node};
    use crate::sync::{Mutex, MutexGuard};

    pub(in super::super) const ARE_SLOTS_FREED: bool = false;

    /// A node without an entry.
    struct Free(*mut Node);

    // SAFETY: whoever takes it out of the list is the only owner; its key is atomic.
    unsafe impl Send for Free {}

    static FREE: Mutex<Vec<Free>> = Mutex::new(Vec::new());

    pub(in super::super) struct Alone(MutexGuard<'static, Vec<Free>>);

    pub(in super::super) fn alone() -> Alone {
        Alone(FREE.lock())
    }

    impl Alone {
        pub fn place(&mut self, key: Key, entry: Entry) -> *mut Node {
            let Some(Free(node)) = self.0.pop() else { return Box::into_raw(Box::new(Node::new(key, entry))) };
            // SAFETY: nodes are never freed. This one has no entry, and no lookup takes it for a place: its code is 0.
            unsafe {
                ptr::write((*node).entry.get(), entry);
                (*node).position.store(key.position, Ordering::Relaxed);
                (*node).code.store(key.code, Ordering::Release);
            }
            node
        }

        /// Takes the entry of a node that is out of the table, and keeps the node for another place.
        ///
        /// # Safety
        ///
        /// The node came from `place`, and nothing uses its entry.
        pub unsafe fn take(&mut self, node: *mut Node) -> Entry {
            // SAFETY: as the caller says. The entry is not read again before another one is in its place.
            let entry = unsafe {
                (*node).code.store(0, Ordering::Relaxed);
                ptr::read((*node).entry.get())
            };
            self.0.push(Free(node));
            entry
        }
    }
}
