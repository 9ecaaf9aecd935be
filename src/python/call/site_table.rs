//! The table of the call-site cache, which finds an entry by code object and instruction in a few instructions.
//!
//! An entry lives as long as its code object. The table changes only with the interpreter lock held, and no Python code
//! runs during a change, so a lookup never sees a half-finished change. A free-threaded build needs another way to free
//! memory.
#![expect(unsafe_code, reason = "entries and slots are freed when their code objects die")]

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::python::call::code_watch::Key;
use crate::site::Site;

/// One known place.
pub struct Entry {
    pub key: Key,
    /// The site's number. It is `NO_SITE` if there were too many sites; records then carry their location.
    pub id: u32,
    /// The number of the same place for records of `logging`, whose module is the name of a logger. `NO_SITE` if there
    /// is none.
    pub of_logging: u32,
    pub site: Arc<Site>,
    /// The addresses of the message and of the tuple of names, which `held` keeps alive. They are 0 if the message or
    /// the names vary.
    pub message: usize,
    pub names: usize,
    /// The message of calls with positional arguments. None if it varies.
    pub positional: Option<Positional>,
    /// Whether the caller writes a part of such a message: the part that needs the caller's objects, or the whole
    /// message if records name no site.
    pub needs_caller: bool,
    /// Objects kept alive with the entry: the message, the names, and the weak reference that reports the code object's
    /// death.
    #[expect(dead_code, reason = "held, not read")]
    pub held: Vec<Py<PyAny>>,
}

impl Entry {
    /// Whether the message is the one from which the site's template was made.
    #[inline]
    pub fn has_message(&self, message: Borrowed<'_, '_, PyAny>) -> bool {
        self.message == message.as_ptr() as usize
    }

    /// Whether the site's template was made from this message, for calls with so many positional arguments, and with
    /// keywords or without.
    #[inline]
    pub fn has_positional(&self, message: Borrowed<'_, '_, PyAny>, arguments: usize, has_names: bool) -> bool {
        self.positional == Some(Positional { message: message.as_ptr() as usize, arguments, has_names })
    }

    #[inline]
    pub fn has_names(&self, names: Borrowed<'_, '_, PyTuple>) -> bool {
        self.names == names.as_ptr() as usize
    }
}

/// A message with positional arguments, by the address that `held` keeps alive.
#[derive(PartialEq, Eq)]
pub struct Positional {
    pub message: usize,
    pub arguments: usize,
    pub has_names: bool,
}

type Slot = AtomicPtr<Entry>;

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
    // SAFETY: an entry is removed from the table before it is freed, with the interpreter lock held as here. The
    // caller's frame holds its code object and so keeps the entry.
    let entry = unsafe { slots.get(at).as_ref()? };
    if entry.key == key { Some(entry) } else { find_behind(py, slots.next(at), key) }
}

/// Continues a search from a slot.
#[inline(never)]
fn find_behind(py: Python<'_>, mut at: usize, key: Key) -> Option<&Entry> {
    let slots = Slots::current(py);
    loop {
        // SAFETY: as in `find`.
        let entry = unsafe { slots.get(at).as_ref()? };
        if entry.key == key {
            return Some(entry);
        }
        at = slots.next(at);
    }
}

/// Adds an entry to the table, unless the place already has one. Returns the entry in the table.
pub fn insert(py: Python<'_>, entry: Entry) -> &Entry {
    if let Some(known) = find(py, entry.key) {
        return known;
    }
    let count = LEN.load(Ordering::Relaxed) + 1;
    let slots = with_room_for(py, count);
    LEN.store(count, Ordering::Relaxed);
    let entry = Box::leak(Box::new(entry));
    slots.put(entry);
    entry
}

/// Removes a place from the table and frees its entry. It is called when the code object dies, so no call can be using
/// the entry.
pub fn remove(py: Python<'_>, key: Key) {
    let slots = Slots::current(py);
    let Some(at) = slots.position(key) else { return };
    let entry = slots.get(at);
    slots.close_gap(at);
    LEN.fetch_sub(1, Ordering::Relaxed);
    // SAFETY: the entry came from a box in `insert`, and is no longer in the table.
    drop(unsafe { Box::from_raw(entry) });
}

/// Returns a table in which at most half of the slots are full with `count` entries.
fn with_room_for(py: Python<'_>, count: usize) -> Slots {
    let slots = Slots::current(py);
    if count <= slots.len() / 2 && !slots.is_none() {
        return slots;
    }
    let larger = Slots::new(if slots.is_none() { FIRST_BITS } else { 64 - slots.shift + 1 });
    for entry in (0..slots.len()).map(|at| slots.get(at)).filter(|entry| !entry.is_null()) {
        larger.put(entry);
    }
    START.store(larger.start, Ordering::Release);
    SHIFT.store(larger.shift, Ordering::Release);
    if !slots.is_none() {
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

    /// The current table. It is freed only after another has replaced it, with the interpreter lock held as here.
    #[inline]
    fn current(_py: Python<'_>) -> Self {
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
    fn get(self, at: usize) -> *mut Entry {
        self.slot(at).load(Ordering::Acquire)
    }

    fn put(self, entry: *mut Entry) {
        let mut at = self.first(key_of(entry));
        while !self.get(at).is_null() {
            at = self.next(at);
        }
        self.slot(at).store(entry, Ordering::Release);
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

fn key_of(entry: *mut Entry) -> Key {
    // SAFETY: this is an entry of the table; it is freed only after it was taken out.
    unsafe { (*entry).key }
}
