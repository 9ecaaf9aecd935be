//! Call sites: the location of a logging call, and the parts of the call that never change.
//!
//! A site lives as long as the process; records refer to it by number. Code that is compiled again (scripts that run
//! again, reloaded modules) gets the site it had. The table is bounded, so that programs that keep compiling new code
//! cannot grow it. Beyond the bound, a record contains its own location.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};

use ahash::AHashMap;

use crate::message::Template;
use crate::sync::Mutex;
use crate::sys::paths::folder_length;

/// The limit of sites remembered in one process.
pub const MOST_SITES: usize = 16_384;

/// The number in records whose site is not remembered.
pub const NO_SITE: u32 = u32::MAX;

/// One place in a program that logs.
#[derive(Debug, Default)]
pub struct Site {
    pub module: Box<[u8]>,
    pub function: Box<[u8]>,
    pub path: Box<[u8]>,
    pub line: u32,
    /// The instruction of the call, because a line may have several calls.
    pub instruction: i32,
    /// The message, if it is the same at every call and has placeholders.
    pub template: Option<Template>,
    /// Whether the template has placeholders that only the caller can fill in.
    pub needs_objects: bool,
    /// The names of the call's keywords, in order.
    pub keys: Vec<Box<[u8]>>,
    pub activation: CachedActivation,
}

impl Site {
    pub fn unknown() -> Self {
        Self::default()
    }

    /// Whether both are at the same place in the same program text.
    fn is_same(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }

    #[expect(clippy::type_complexity, reason = "the tuple is only compared and hashed")]
    fn identity(&self) -> (&[u8], &[u8], &[u8], u32, i32, Option<&Template>, &[Box<[u8]>]) {
        let Self { module, function, path, line, instruction, template, needs_objects: _, keys, activation: _ } = self;
        (module, function, path, *line, *instruction, template.as_ref(), keys)
    }

    pub fn location(&self) -> Location<'_> {
        Location { module: &self.module, function: &self.function, path: &self.path, line: self.line }
    }
}

/// Whether a site's calls log, by `enable` and `disable`, with the number of the rules that last decided it.
#[derive(Debug, Default)]
pub struct CachedActivation(AtomicU64);

impl CachedActivation {
    /// The decision of the rules with this number, either cached or made now.
    #[inline]
    pub fn under(&self, rules: u64, decide: impl FnOnce() -> (u64, bool)) -> bool {
        let known = self.0.load(Ordering::Relaxed);
        if known != 0 && known >> 1 == rules {
            return known & 1 != 0;
        }
        // Other rules may apply by now, and two loggers may alternate at a site they share.
        let (rules, is_active) = decide();
        self.0.store(rules << 1 | u64::from(is_active), Ordering::Relaxed);
        is_active
    }
}

/// The location of a logging call, from a remembered site or inline.
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
        &self.path[folder_length(self.path)..]
    }
}

/// Read without a lock. A process may fork while the writer reads, and a lock it held would be locked in the child
/// forever.
static SITES: [OnceLock<Arc<Site>>; MOST_SITES] = [const { OnceLock::new() }; MOST_SITES];
static COUNT: AtomicUsize = AtomicUsize::new(0);
/// The numbers of sites, by the hash of their identity.
static NUMBERS: Mutex<Option<AHashMap<u64, u32>>> = Mutex::new(None);
static UNKNOWN: LazyLock<Arc<Site>> = LazyLock::new(|| Arc::new(Site::unknown()));

/// Remembers a site, and returns its number with the remembered site. Returns the site in `Err` if the table is full.
pub fn remember(site: Arc<Site>) -> Result<(u32, Arc<Site>), Arc<Site>> {
    // This never waits for the lock, because a child that C code forked could wait forever. Without the lock, the site
    // is remembered twice.
    let Some(mut numbers) = NUMBERS.try_lock() else { return add(site) };
    let numbers = numbers.get_or_insert_default();
    let hash = numbers.hasher().hash_one(site.identity());
    if let Some(&id) = numbers.get(&hash)
        && let Some(known) = SITES[id as usize].get().filter(|known| known.is_same(&site))
    {
        return Ok((id, Arc::clone(known)));
    }
    let (id, site) = add(site)?;
    numbers.insert(hash, id);
    Ok((id, site))
}

fn add(site: Arc<Site>) -> Result<(u32, Arc<Site>), Arc<Site>> {
    let free =
        COUNT.fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| (count < MOST_SITES).then_some(count + 1));
    let Ok(id) = free else { return Err(site) };
    let site = SITES[id].get_or_init(|| site);
    Ok((id as u32, Arc::clone(site)))
}

/// The site with a number, or an unknown site for `NO_SITE`.
#[inline]
pub fn find(id: u32) -> &'static Site {
    SITES.get(id as usize).and_then(OnceLock::get).unwrap_or_else(|| &UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Style;

    fn site(line: u32, instruction: i32, message: &[u8]) -> Arc<Site> {
        let template = Some(Template::parse(message, Style::Braces));
        Arc::new(Site { path: Box::from(&b"/a.py"[..]), line, instruction, template, ..Site::default() })
    }

    fn number(site: Arc<Site>) -> u32 {
        remember(site).expect("the table has room").0
    }

    #[test]
    fn a_site_that_comes_again_has_its_number() {
        let first = number(site(1, 2, b"{x}"));

        assert_eq!(number(site(1, 2, b"{x}")), first);
    }

    #[test]
    fn sites_that_differ_have_numbers_of_their_own() {
        let first = number(site(7, 2, b"{x}"));

        assert!(
            [site(8, 2, b"{x}"), site(7, 4, b"{x}"), site(7, 2, b"{y}")]
                .into_iter()
                .all(|other| number(other) != first)
        );
    }
}
