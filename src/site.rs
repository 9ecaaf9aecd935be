//! Call sites: where a logging call stands, and what of it never changes.
//!
//! A site is made once and lives as long as the process; records name it by a number. The table is bounded, so that programs
//! that compile code without end cannot grow it: past the bound a record carries its location itself.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{LazyLock, OnceLock};

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
    pub verdict: Verdict,
}

impl Site {
    pub fn unknown() -> Self {
        Self::default()
    }

    pub fn location(&self) -> Location<'_> {
        Location { module: &self.module, function: &self.function, path: &self.path, line: self.line }
    }
}

/// Whether a site's calls log, as `enable` and `disable` have it, and the number of the rules that said so last.
#[derive(Debug, Default)]
pub struct Verdict(AtomicU64);

impl Verdict {
    /// What the rules of this number said, kept from the last time or decided now.
    #[inline]
    pub fn under(&self, rules: u64, decide: impl FnOnce() -> (u64, bool)) -> bool {
        let known = self.0.load(Ordering::Relaxed);
        if known != 0 && known >> 1 == rules {
            return known & 1 != 0;
        }
        // Other rules than asked for may hold by now, and two loggers take turns at a site they share.
        let (rules, is_active) = decide();
        self.0.store(rules << 1 | u64::from(is_active), Ordering::Relaxed);
        is_active
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

/// Read without a lock: a process may fork while the writer reads, and a lock it held would be held in the child for ever.
static SITES: [OnceLock<&'static Site>; MOST_SITES] = [const { OnceLock::new() }; MOST_SITES];
static COUNT: AtomicUsize = AtomicUsize::new(0);
static UNKNOWN: LazyLock<Site> = LazyLock::new(Site::unknown);

/// Remembers a site and returns its number; None when the table is full.
pub fn remember(site: Site) -> Option<(u32, &'static Site)> {
    let id = COUNT
        .fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| (count < MOST_SITES).then_some(count + 1))
        .ok()?;
    let site: &'static Site = Box::leak(Box::new(site));
    SITES[id].set(site).ok()?;
    Some((id as u32, site))
}

/// The site of a number; an unknown one for `NO_SITE`.
#[inline]
pub fn find(id: u32) -> &'static Site {
    SITES.get(id as usize).and_then(OnceLock::get).copied().unwrap_or_else(|| &UNKNOWN)
}
