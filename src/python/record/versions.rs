//! The versions of one record: as it was logged, and as filters changed it for all sinks from some id on.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::record::encoded::{Encoder, Section, put_bytes};

/// A list that only grows, so that records may borrow from it.
#[derive(Default)]
pub struct Versions {
    first: Next,
}

type Next = OnceCell<Box<Version>>;

struct Version {
    from: u32,
    bytes: Vec<u8>,
    next: Next,
}

impl Versions {
    /// Adds the version for sinks from the id `from` on.
    pub fn add(&self, from: u32, bytes: Vec<u8>) -> &[u8] {
        let last = self.iter().last().map_or(&self.first, |version| &version.next);
        &last.get_or_init(|| Box::new(Version { from, bytes, next: Next::new() })).bytes
    }

    /// The version of the record that a sink gets. `first` is the one that was logged.
    pub fn for_sink<'v>(&'v self, sink: u32, first: &'v [u8]) -> &'v [u8] {
        self.iter().take_while(|version| version.from <= sink).last().map_or(first, |version| &version.bytes)
    }

    /// Encodes all versions as one record, from which engines take each file's version.
    pub fn for_files<'v>(&'v self, first: &'v [u8]) -> Cow<'v, [u8]> {
        let versions: Vec<_> = self.iter().collect();
        let whole = versions.iter().rev().fold(None, |later, version| {
            let bytes = with_later(&version.bytes, later);
            Some((version.from, bytes))
        });
        match whole {
            None => Cow::Borrowed(first),
            later => Cow::Owned(with_later(first, later)),
        }
    }

    fn iter(&self) -> impl Iterator<Item = &Version> {
        std::iter::successors(self.first.get(), |version| version.next.get()).map(|version| &**version)
    }
}

fn with_later(record: &[u8], later: Option<(u32, Vec<u8>)>) -> Vec<u8> {
    let mut bytes = record.to_vec();
    if let Some((from, record)) = later {
        let mut encoder = Encoder::resume(&mut bytes);
        let mark = encoder.begin(Section::Later);
        encoder.buffer().extend_from_slice(&from.to_ne_bytes());
        put_bytes(encoder.buffer(), &record);
        encoder.end(mark);
        encoder.finish();
    }
    bytes
}
