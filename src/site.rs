//! Call sites: where a logging call stands, and what of it never changes.
//!
//! A site is made once and lives as long as the process; records name it by a number. The table is bounded, so that programs
//! that compile code without end cannot grow it: past the bound a record carries its location itself.

use std::sync::LazyLock;

use parking_lot::Mutex;

use crate::message::Template;

/// The most sites remembered in one process.
pub const MOST_SITES: usize = 16_384;

/// The number of a call whose site is not remembered.
pub const NO_SITE: u32 = u32::MAX;

/// One place in a program that logs.
#[derive(Debug, Default)]
pub struct Site {
    pub module: Box<[u8]>,
    pub function: Box<[u8]>,
    pub path: Box<[u8]>,
    pub line: u32,
    /// The message, when it is the same at every call and has placeholders.
    pub template: Option<Template>,
    /// Whether that template has placeholders only the caller can fill in.
    pub needs_objects: bool,
    /// The names of the call's keywords, in order.
    pub keys: Vec<Box<[u8]>>,
}

impl Site {
    pub fn unknown() -> Self {
        Self::default()
    }

    pub fn location(&self) -> Location<'_> {
        Location { module: &self.module, function: &self.function, path: &self.path, line: self.line }
    }
}

/// Where a record was logged, remembered or inline.
#[derive(Clone, Copy, Debug)]
pub struct Location<'a> {
    pub module: &'a [u8],
    pub function: &'a [u8],
    pub path: &'a [u8],
    pub line: u32,
}

impl Location<'_> {
    /// The last part of the path.
    pub fn filename(&self) -> &[u8] {
        memchr::memrchr(b'/', self.path).map_or(self.path, |at| &self.path[at + 1..])
    }
}

static SITES: Mutex<Vec<&'static Site>> = Mutex::new(Vec::new());

/// Remembers a site and returns its number; None when the table is full.
pub fn remember(site: Site) -> Option<(u32, &'static Site)> {
    let mut sites = SITES.lock();
    if sites.len() >= MOST_SITES {
        return None;
    }
    let site: &'static Site = Box::leak(Box::new(site));
    sites.push(site);
    Some((sites.len() as u32 - 1, site))
}

/// A reader's copy of the table, so that looking up a site takes no lock.
#[derive(Default)]
pub struct SiteTable {
    known: Vec<&'static Site>,
}

static UNKNOWN: LazyLock<Site> = LazyLock::new(Site::unknown);

impl SiteTable {
    #[inline]
    pub fn get(&mut self, id: u32) -> &'static Site {
        if id as usize >= self.known.len() && id != NO_SITE {
            self.known.clone_from(&SITES.lock());
        }
        self.known.get(id as usize).copied().unwrap_or_else(|| &UNKNOWN)
    }
}
