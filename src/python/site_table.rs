//! The table of the call-site cache: entries by code object and instruction, found in a few instructions.
//!
//! An entry lives as long as its code object. The table changes only with the interpreter lock held, and no Python runs during a
//! change, so a lookup never meets one half done. A free-threaded build needs another way to give memory back.
#![expect(unsafe_code, reason = "entries and slots are freed when their code objects die")]

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::python::code_watch::Key;
use crate::site::Site;

/// One known place.
pub struct Entry {
    pub key: Key,
    /// The site's number; `NO_SITE` where there were too many, and records carry their location.
    pub id: u32,
    pub site: Arc<Site>,
    /// The addresses of the message and of the tuple of names, which `held` keeps alive; 0 when they vary.
    pub message: usize,
    pub names: usize,
    /// Kept alive with the entry: message and names, and the weak reference that tells of the code object's death.
    #[expect(dead_code, reason = "held, not read")]
    pub held: Vec<Py<PyAny>>,
}

impl Entry {
    /// Whether the message is the one the site's template was made from.
    #[inline]
    pub fn has_message(&self, message: Borrowed<'_, '_, PyAny>) -> bool {
        self.message == message.as_ptr() as usize
    }

    #[inline]
    pub fn has_names(&self, names: Borrowed<'_, '_, PyTuple>) -> bool {
        self.names == names.as_ptr() as usize
    }
}

/// Slots of one size: a power of two, at most half of them full, so that each search meets an empty one.
struct Slots {
    /// 64 less the number of bits that choose a slot.
    shift: u32,
    slots: Box<[AtomicPtr<Entry>]>,
}

const FIRST_BITS: u32 = 10;

static TABLE: AtomicPtr<Slots> = AtomicPtr::new(ptr::null_mut());
static LEN: AtomicUsize = AtomicUsize::new(0);

/// The entry of a place, while its code object lives.
#[inline]
pub fn find(_py: Python<'_>, key: Key) -> Option<&Entry> {
    // SAFETY: the table is freed only when another has taken its place, with the interpreter lock held as here.
    let slots = unsafe { TABLE.load(Ordering::Acquire).as_ref()? };
    let mut at = slots.first(key);
    loop {
        // SAFETY: an entry is removed from the table before it is freed, with the interpreter lock held as here. The caller's
        // frame holds its code object and so keeps the entry.
        let entry = unsafe { slots.get(at).as_ref()? };
        if entry.key == key {
            return Some(entry);
        }
        at = slots.next(at);
    }
}

/// Puts an entry into the table, unless the place has one; returns the one that is there.
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

/// Takes a place out of the table and frees its entry. Called when the code object dies, so no call can be using it.
pub fn remove(_py: Python<'_>, key: Key) {
    // SAFETY: as in `find`.
    let Some(slots) = (unsafe { TABLE.load(Ordering::Acquire).as_ref() }) else { return };
    let Some(at) = slots.position(key) else { return };
    let entry = slots.get(at);
    slots.close_gap(at);
    LEN.fetch_sub(1, Ordering::Relaxed);
    // SAFETY: it came from a box in `insert`, and is in the table no more.
    drop(unsafe { Box::from_raw(entry) });
}

/// The table, in which at most half of the slots are full with so many entries.
fn with_room_for(_py: Python<'_>, count: usize) -> &'static Slots {
    let old = TABLE.load(Ordering::Acquire);
    // SAFETY: as in `find`.
    let current: Option<&'static Slots> = unsafe { old.as_ref() };
    if let Some(slots) = current.filter(|slots| count <= slots.slots.len() / 2) {
        return slots;
    }
    let bits = current.map_or(FIRST_BITS, |slots| 64 - slots.shift + 1);
    let larger: &'static Slots = Box::leak(Box::new(Slots::new(bits)));
    for slot in current.iter().flat_map(|slots| slots.slots.iter()) {
        let entry = slot.load(Ordering::Relaxed);
        if !entry.is_null() {
            larger.put(entry);
        }
    }
    TABLE.store(ptr::from_ref(larger).cast_mut(), Ordering::Release);
    if !old.is_null() {
        // SAFETY: it came from a box, here; the entries it names are not its own.
        drop(unsafe { Box::from_raw(old) });
    }
    larger
}

impl Slots {
    fn new(bits: u32) -> Self {
        Self { shift: 64 - bits, slots: (0..1_usize << bits).map(|_| AtomicPtr::default()).collect() }
    }

    /// The slot at which the search for a key begins.
    #[inline]
    fn first(&self, key: Key) -> usize {
        let mixed = (key.code >> 4) as u64 ^ (key.position as u64) << 20;
        (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }

    #[inline]
    fn next(&self, at: usize) -> usize {
        (at + 1) & (self.slots.len() - 1)
    }

    #[inline]
    fn get(&self, at: usize) -> *mut Entry {
        // SAFETY: `first` gives as many bits as choose a slot, and `next` stays among them.
        unsafe { self.slots.get_unchecked(at) }.load(Ordering::Acquire)
    }

    fn put(&self, entry: *mut Entry) {
        let mut at = self.first(key_of(entry));
        while !self.get(at).is_null() {
            at = self.next(at);
        }
        self.slots[at].store(entry, Ordering::Release);
    }

    fn position(&self, key: Key) -> Option<usize> {
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
    fn close_gap(&self, mut gap: usize) {
        let mut at = self.next(gap);
        while !self.get(at).is_null() {
            let distance = |from: usize| at.wrapping_sub(from) & (self.slots.len() - 1);
            if distance(self.first(key_of(self.get(at)))) >= distance(gap) {
                self.slots[gap].store(self.get(at), Ordering::Release);
                gap = at;
            }
            at = self.next(at);
        }
        self.slots[gap].store(ptr::null_mut(), Ordering::Release);
    }
}

fn key_of(entry: *mut Entry) -> Key {
    // SAFETY: an entry of the table, which is freed only after it was taken out.
    unsafe { (*entry).key }
}
