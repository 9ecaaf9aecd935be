//! Attributes that are the same for many records: the place of a call, and the thread. They are encoded once.

use ahash::AHashMap;

use crate::export::any_value::{put_pair, put_text_pair};
use crate::record::decoded::Record;
use crate::record::encoded::Value;
use crate::site::{Location, NO_SITE};

pub(super) const FUNCTION: &[u8] = b"code.function.name";
pub(super) const PATH: &[u8] = b"code.file.path";
pub(super) const LINE: &[u8] = b"code.line.number";
pub(super) const THREAD_ID: &[u8] = b"thread.id";
pub(super) const THREAD_NAME: &[u8] = b"thread.name";

/// The names of ended threads are forgotten beyond this many.
const MOST_NAMES: usize = 1024;

/// The encoded attributes of places and threads.
#[derive(Default)]
pub struct Known {
    places: AHashMap<u32, Vec<u8>>,
    names: AHashMap<u64, Box<[u8]>>,
    threads: AHashMap<u64, Vec<u8>>,
}

impl Known {
    /// Notes the names that threads have now. Threads that ended keep theirs for the records that still wait.
    pub fn name_threads(&mut self, names: impl IntoIterator<Item = (u64, Box<[u8]>)>) {
        if self.names.len() > MOST_NAMES {
            self.names.clear();
            self.threads.clear();
        }
        for (thread, name) in names {
            if self.names.get(&thread) != Some(&name) {
                self.threads.remove(&thread);
                self.names.insert(thread, name);
            }
        }
    }

    /// The name of a thread. Empty if it is not known.
    pub fn thread_name(&self, thread: u64) -> &[u8] {
        self.names.get(&thread).map_or(b"", |name| name)
    }

    /// Appends the attributes of a record's place and thread.
    pub(super) fn put(&mut self, out: &mut Vec<u8>, field: u8, record: &Record<'_>, is_at_site: bool) {
        let site = record.header.site;
        if site == NO_SITE || !is_at_site {
            put_place(out, field, &record.location);
        } else {
            let place = self.places.entry(site).or_insert_with(|| {
                let mut place = Vec::new();
                put_place(&mut place, field, &record.location);
                place
            });
            out.extend_from_slice(place);
        }
        self.put_thread(out, field, record);
    }

    fn put_thread(&mut self, out: &mut Vec<u8>, field: u8, record: &Record<'_>) {
        let (thread, name) = (record.header.thread, record.thread_name());
        if !name.is_empty() || thread == 0 {
            return put_thread(out, field, thread, name);
        }
        let names = &self.names;
        let known = self.threads.entry(thread).or_insert_with(|| {
            let mut known = Vec::new();
            put_thread(&mut known, field, thread, names.get(&thread).map_or(b"", |name| name));
            known
        });
        out.extend_from_slice(known);
        if self.threads.len() > MOST_NAMES {
            self.threads.clear();
        }
    }
}

fn put_place(out: &mut Vec<u8>, field: u8, location: &Location<'_>) {
    if !location.function.is_empty() {
        put_text_pair(out, field, FUNCTION, location.function);
    }
    if !location.path.is_empty() {
        put_text_pair(out, field, PATH, location.path);
    }
    if location.line > 0 {
        put_pair(out, field, b"", LINE, Value::Int(location.line.into()));
    }
}

fn put_thread(out: &mut Vec<u8>, field: u8, thread: u64, name: &[u8]) {
    if thread > 0 {
        put_pair(out, field, b"", THREAD_ID, Value::Int(thread.cast_signed()));
    }
    if !name.is_empty() {
        put_text_pair(out, field, THREAD_NAME, name);
    }
}
