//! What differs in the call-site table without a GIL: the nodes, the right to change the table, and the end of memory.
#![expect(unsafe_code, reason = "as for the table")]

#[cfg(Py_GIL_DISABLED)]
pub(super) use self::locked::{ARE_SLOTS_FREED, Node, alone};
#[cfg(not(Py_GIL_DISABLED))]
pub(super) use self::with_gil::{ARE_SLOTS_FREED, Node, alone};

/// The GIL keeps others from changing the table, and from reading it during a change.
#[cfg(not(Py_GIL_DISABLED))]
mod with_gil {
    use crate::python::call::code_watch::Key;
    use crate::python::call::site_table::entry::Entry;

    pub(in super::super) const ARE_SLOTS_FREED: bool = true;

    /// An entry with its key. The entry is first, so that it has the address of the node.
    #[repr(C)]
    pub(in super::super) struct Node {
        entry: Entry,
        key: Key,
    }

    impl Node {
        #[inline]
        pub fn is_of(&self, key: Key) -> bool {
            self.key == key
        }

        #[inline]
        pub fn entry(&self) -> &Entry {
            &self.entry
        }

        pub fn key(&self) -> Key {
            self.key
        }
    }

    /// The right to change the table.
    pub(in super::super) struct Alone(());

    pub(in super::super) fn alone() -> Alone {
        Alone(())
    }

    #[expect(clippy::unused_self, reason = "stands for the right to change the table")]
    impl Alone {
        pub fn place(&mut self, key: Key, entry: Entry) -> *mut Node {
            Box::into_raw(Box::new(Node { entry, key }))
        }

        /// Takes the entry of a node that is out of the table, and frees the node.
        ///
        /// # Safety
        ///
        /// The node came from `place`, and nothing uses it.
        pub unsafe fn take(&mut self, node: *mut Node) -> Entry {
            // SAFETY: as the caller says.
            unsafe { Box::from_raw(node) }.entry
        }
    }
}

/// A lock keeps others from changing the table. They may read it meanwhile: slots are never freed, and nodes become
/// those of other places. A table has at most half as many slots as the next one, so all the old ones together are no
/// more than the present one.
#[cfg(Py_GIL_DISABLED)]
mod locked {
    use std::cell::UnsafeCell;
    use std::ptr;
    use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

    use crate::python::call::code_watch::Key;
    use crate::python::call::site_table::entry::Entry;
    use crate::sync::{Mutex, MutexGuard};

    pub(in super::super) const ARE_SLOTS_FREED: bool = false;

    /// An entry with its key, which lookups may read at any time.
    pub(in super::super) struct Node {
        entry: UnsafeCell<Entry>,
        /// 0 once the code object is gone.
        code: AtomicUsize,
        position: AtomicI32,
    }

    impl Node {
        /// The code is written last and read first.
        #[inline]
        pub fn is_of(&self, key: Key) -> bool {
            self.code.load(Ordering::Acquire) == key.code && self.position.load(Ordering::Relaxed) == key.position
        }

        /// The entry of a node that is the place of a living code object.
        #[inline]
        pub fn entry(&self) -> &Entry {
            // SAFETY: the code object keeps the entry, and nobody changes it.
            unsafe { &*self.entry.get() }
        }

        pub fn key(&self) -> Key {
            Key { code: self.code.load(Ordering::Relaxed), position: self.position.load(Ordering::Relaxed) }
        }
    }

    /// A node without an entry.
    pub(in super::super) struct Free(*mut Node);

    // SAFETY: whoever takes it out of the list is the only owner; its key is atomic.
    unsafe impl Send for Free {}

    static FREE: Mutex<Vec<Free>> = Mutex::new(Vec::new());

    /// The right to change the table, with the nodes that are free.
    pub(in super::super) struct Alone(MutexGuard<'static, Vec<Free>>);

    pub(in super::super) fn alone() -> Alone {
        Alone(FREE.lock())
    }

    impl Alone {
        pub fn place(&mut self, key: Key, entry: Entry) -> *mut Node {
            let Some(Free(node)) = self.0.pop() else {
                let (code, position) = (AtomicUsize::new(key.code), AtomicI32::new(key.position));
                return Box::into_raw(Box::new(Node { entry: UnsafeCell::new(entry), code, position }));
            };
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
