//! The table of the call-site cache, which finds an entry by code object and instruction in a few instructions.
//!
//! An entry lives as long as its code object. Lookups take no lock. With a GIL, the table changes only while it is held,
//! and no Python code runs during a change, so a lookup never sees a half-finished change. Without one (`apart`), a lookup
//! may miss an entry that another thread moves. It then takes the way of a new place, which looks again under a lock.
#![expect(unsafe_code, reason = "entries and slots are freed when their code objects die")]

mod apart;
pub mod entry;

use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

use pyo3::prelude::*;

use crate::python::call::code_watch::Key;
use crate::python::call::site_table::apart::Node;
use crate::python::call::site_table::entry::Entry;

type Slot = AtomicPtr<Node>;

/// Slots of one table size, a power of two. At most half of them are full, so that each search reaches an empty one.
#[derive(Clone, Copy)]
struct Slots {
    start: *mut Slot,
    /// 64 minus the number of bits that choose a slot.
    shift: u32,
}

const FIRST_BITS: u32 = 10;

/// The slots before there are any entries. They save each search a check for missing slots.
static NONE: [Slot; 2] = [const { AtomicPtr::new(ptr::null_mut()) }; 2];

/// The current slots, in two parts. Every call reads both; a pointer to the two would add one more read.
static START: AtomicPtr<Slot> = AtomicPtr::new((&raw const NONE).cast_mut().cast());
static SHIFT: AtomicU32 = AtomicU32::new(63);
static LEN: AtomicUsize = AtomicUsize::new(0);

/// The entry of a place, as long as its code object lives.
#[inline]
pub fn find(py: Python<'_>, key: Key) -> Option<&Entry> {
    let slots = Slots::current(py);
    let at = slots.first(key);
    // SAFETY: a node is never freed while a lookup may read it: with a GIL because it is held, without one never at all.
    let node = unsafe { slots.get(at).as_ref()? };
    if node.is_of(key) { Some(node.entry()) } else { find_behind(py, slots.next(at), key) }
}

/// Continues a search from a slot.
#[inline(never)]
fn find_behind(py: Python<'_>, first: usize, key: Key) -> Option<&Entry> {
    let slots = Slots::current(py);
    let mut at = first & (slots.len() - 1);
    // The table may have grown in between, or be half changed, if there is no GIL.
    for _ in 0..slots.len() {
        // SAFETY: as in `find`.
        let node = unsafe { slots.get(at).as_ref()? };
        if node.is_of(key) {
            return Some(node.entry());
        }
        at = slots.next(at);
    }
    None
}

/// Adds an entry to the table, unless the place already has one. Returns the entry in the table.
pub fn insert(py: Python<'_>, key: Key, entry: Entry) -> &Entry {
    let mut alone = apart::alone();
    if let Some(known) = find(py, key) {
        return known;
    }
    let count = LEN.load(Ordering::Relaxed) + 1;
    let slots = with_room_for(py, count);
    LEN.store(count, Ordering::Relaxed);
    let node = alone.place(key, entry);
    slots.put(node);
    // SAFETY: the table keeps the node as long as its code object lives.
    unsafe { (*node).entry() }
}

/// Removes a place from the table and drops its entry. It is called when the code object dies, so no call can be using
/// the entry.
pub fn remove(py: Python<'_>, key: Key) {
    // Dropped when others may change the table again.
    let _gone = take(py, key);
}

fn take(py: Python<'_>, key: Key) -> Option<Entry> {
    let mut alone = apart::alone();
    let slots = Slots::current(py);
    let at = slots.position(key)?;
    let node = slots.get(at);
    slots.close_gap(at);
    LEN.fetch_sub(1, Ordering::Relaxed);
    // SAFETY: the node came from `place`, is no longer in the table, and its entry is not used.
    Some(unsafe { alone.take(node) })
}

/// Returns a table in which at most half of the slots are full with `count` entries.
fn with_room_for(py: Python<'_>, count: usize) -> Slots {
    let slots = Slots::current(py);
    if count <= slots.len() / 2 && !slots.is_none() {
        return slots;
    }
    let larger = Slots::new(if slots.is_none() { FIRST_BITS } else { 64 - slots.shift + 1 });
    for node in (0..slots.len()).map(|at| slots.get(at)).filter(|node| !node.is_null()) {
        larger.put(node);
    }
    START.store(larger.start, Ordering::Release);
    SHIFT.store(larger.shift, Ordering::Release);
    if !slots.is_none() && apart::ARE_SLOTS_FREED {
        // SAFETY: the slots came from `new` and are no longer the table. They do not own the entries they point to.
        drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(slots.start, slots.len())) });
    }
    larger
}

impl Slots {
    fn new(bits: u32) -> Self {
        let slots: Box<[Slot]> = (0..1_usize << bits).map(|_| AtomicPtr::default()).collect();
        Self { start: Box::into_raw(slots).cast(), shift: 64 - bits }
    }

    /// The current table. With a GIL, it is freed only after another has replaced it, and while the GIL is held.
    ///
    /// Without one, the part that was written last is read first: at worst these are the many slots of a new table, and the
    /// number of an old one.
    #[inline]
    fn current(_py: Python<'_>) -> Self {
        if cfg!(Py_GIL_DISABLED) {
            let shift = SHIFT.load(Ordering::Acquire);
            return Self { start: START.load(Ordering::Acquire), shift };
        }
        Self { start: START.load(Ordering::Acquire), shift: SHIFT.load(Ordering::Acquire) }
    }

    fn is_none(self) -> bool {
        ptr::eq(self.start, (&raw const NONE).cast())
    }

    #[inline]
    fn len(self) -> usize {
        1 << (64 - self.shift)
    }

    #[inline]
    fn slot<'s>(self, at: usize) -> &'s Slot {
        // SAFETY: `first` returns only as many bits as choose a slot, and `next` stays in range. No table is freed
        // here, as in `current`.
        unsafe { &*self.start.add(at) }
    }

    /// The slot at which the search for a key begins.
    #[inline]
    fn first(self, key: Key) -> usize {
        let mixed = (key.code >> 4) as u64 ^ (key.position as u64) << 20;
        (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }

    #[inline]
    fn next(self, at: usize) -> usize {
        (at + 1) & (self.len() - 1)
    }

    #[inline]
    fn get(self, at: usize) -> *mut Node {
        self.slot(at).load(Ordering::Acquire)
    }

    fn put(self, node: *mut Node) {
        let mut at = self.first(key_of(node));
        while !self.get(at).is_null() {
            at = self.next(at);
        }
        self.slot(at).store(node, Ordering::Release);
    }

    fn position(self, key: Key) -> Option<usize> {
        let mut at = self.first(key);
        while !self.get(at).is_null() {
            if key_of(self.get(at)) == key {
                return Some(at);
            }
            at = self.next(at);
        }
        None
    }

    /// Empties a slot. Entries that a full slot had pushed further down move up, so that searches still reach them.
    fn close_gap(self, mut gap: usize) {
        let mut at = self.next(gap);
        while !self.get(at).is_null() {
            let distance = |from: usize| at.wrapping_sub(from) & (self.len() - 1);
            if distance(self.first(key_of(self.get(at)))) >= distance(gap) {
                self.slot(gap).store(self.get(at), Ordering::Release);
                gap = at;
            }
            at = self.next(at);
        }
        self.slot(gap).store(ptr::null_mut(), Ordering::Release);
    }
}

fn key_of(node: *mut Node) -> Key {
    // SAFETY: this is a node of the table; it is freed only after it was taken out.
    unsafe { (*node).key() }
}
