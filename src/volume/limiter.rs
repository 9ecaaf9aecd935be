//! The limit of each call site: windows, and the records that they hold back.
//!
//! A window begins with the first record of its call site. Records beyond the limit are held back until it is over, and
//! one notice says how many they were. Memory is bounded: 8,192 sites are certainly known, and at most as many more. A
//! site that is forgotten gets its notice at once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::mem;

use ahash::{AHashMap, RandomState};

use crate::clock;
use crate::site::Location;

/// The number of sites that are certainly known; at most twice as many are.
const CERTAIN: usize = 8_192;

/// The longest name of a site in a notice, in bytes.
const LONGEST_NAME: usize = 200;

/// So many records in so many nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    pub most: u64,
    pub length: i64,
}

/// Identifies a call site by a hash of its place. The first records of a site do not have its number yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key(u64);

/// Records of one call site that were held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// `module:function:line`.
    pub site: Box<[u8]>,
    pub count: u64,
}

/// The windows of all call sites.
#[derive(Default)]
pub struct Sites {
    hashes: RandomState,
    recent: AHashMap<Key, Window>,
    /// Sites without records since `recent` was full.
    older: AHashMap<Key, Window>,
    /// The ends of the windows that hold records back.
    ends: BinaryHeap<Reverse<(i64, Key)>>,
    /// Records whose notice is due.
    ready: Vec<Held>,
    /// The latest time of a record.
    latest: i64,
}

#[derive(Debug, Default)]
struct Window {
    end: i64,
    passed: u64,
    held: Option<Box<Held>>,
}

impl Sites {
    /// Whether a record passes. If not, it is held back.
    pub fn admits(&mut self, rate: Rate, location: &Location<'_>, time: i64) -> bool {
        let key = Key(self.hashes.hash_one((location.path, location.function, location.line)));
        let now = self.now(time);
        let window = window(&mut self.recent, &mut self.older, &mut self.ends, &mut self.ready, key);
        let is_over = now >= window.end || window.end.saturating_sub(now) > rate.length;
        if is_over {
            self.ready.extend(window.held.take().map(|held| *held));
            (window.end, window.passed) = (now.saturating_add(rate.length), 0);
        }
        if window.passed < rate.most {
            window.passed += 1;
            return true;
        }
        if let Some(held) = &mut window.held {
            held.count += 1;
        } else {
            window.held = Some(Box::new(Held { site: name_of(location), count: 1 }));
            self.ends.push(Reverse((window.end, key)));
        }
        false
    }

    /// The time of a record, but not before that of an earlier one: threads take their times before they take their
    /// turns, and records of other libraries may come late. A clock that was set back is followed.
    fn now(&mut self, time: i64) -> i64 {
        if time < self.latest {
            self.latest = self.latest.min(clock::now_ns().max(time));
        } else {
            self.latest = time;
        }
        self.latest
    }

    /// When the next notice is due.
    pub fn next_due(&self) -> i64 {
        if !self.ready.is_empty() {
            return i64::MIN;
        }
        self.ends.peek().map_or(i64::MAX, |Reverse((end, _))| *end)
    }

    /// Takes the notices that are due.
    pub fn take_due(&mut self, now: i64) -> Vec<Held> {
        let mut due = mem::take(&mut self.ready);
        while let Some(Reverse((end, key))) = self.ends.peek().copied().filter(|Reverse((end, _))| *end <= now) {
            self.ends.pop();
            let window = self.recent.get_mut(&key).or_else(|| self.older.get_mut(&key));
            // A later window of the site has an end of its own.
            let window = window.filter(|window| window.end == end);
            due.extend(window.and_then(|window| window.held.take()).map(|held| *held));
        }
        due
    }

    /// Takes all notices, in the order of their sites.
    pub fn take_all(&mut self) -> Vec<Held> {
        self.ends.clear();
        let windows = self.recent.values_mut().chain(self.older.values_mut());
        let mut all = mem::take(&mut self.ready);
        let from = all.len();
        all.extend(windows.filter_map(|window| window.held.take()).map(|held| *held));
        all[from..].sort_by(|one, other| one.site.cmp(&other.site));
        all
    }
}

/// The window of a site. If there are too many, the sites that were not used lately are forgotten.
fn window<'s>(
    recent: &'s mut AHashMap<Key, Window>,
    older: &mut AHashMap<Key, Window>,
    ends: &mut BinaryHeap<Reverse<(i64, Key)>>,
    ready: &mut Vec<Held>,
    key: Key,
) -> &'s mut Window {
    if recent.len() >= CERTAIN && !recent.contains_key(&key) {
        let forgotten = mem::replace(older, mem::take(recent));
        ready.extend(forgotten.into_values().filter_map(|window| window.held).map(|held| *held));
        ends.retain(|Reverse((_, key))| older.contains_key(key));
    }
    recent.entry(key).or_insert_with(|| older.remove(&key).unwrap_or_default())
}

/// `module:function:line`; the function is left out where there is none.
fn name_of(location: &Location<'_>) -> Box<[u8]> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_NAME)]).into_owned();
    let (module, line) = (text(location.module), location.line);
    let name = match text(location.function) {
        function if function.is_empty() => format!("{module}:{line}"),
        function => format!("{module}:{function}:{line}"),
    };
    name.into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { most: 2, length: 10 };

    fn place(line: u32) -> Location<'static> {
        Location { module: b"app.db", function: b"query", path: b"/app/db.py", line }
    }

    fn admitted(sites: &mut Sites, site: u32, times: &[i64]) -> Vec<bool> {
        times.iter().map(|time| sites.admits(RATE, &place(site), *time)).collect()
    }

    fn held(line: u32, count: u64) -> Held {
        Held { site: format!("app.db:query:{line}").into_bytes().into(), count }
    }

    #[test]
    fn each_window_passes_so_many() {
        let mut sites = Sites::default();

        assert_eq!(admitted(&mut sites, 7, &[0, 1, 2, 9, 10, 11, 12]), [true, true, false, false, true, true, false]);
        assert_eq!(sites.take_due(12), [held(7, 2)]);
        assert_eq!(sites.take_due(19), []);
        assert_eq!(sites.take_due(20), [held(7, 1)]);
        assert_eq!(sites.next_due(), i64::MAX);
    }

    #[test]
    fn notice_is_due_when_the_window_is_over() {
        let mut sites = Sites::default();
        admitted(&mut sites, 7, &[5, 6, 7, 8]);

        assert_eq!((sites.next_due(), sites.take_due(14)), (15, vec![]));
        assert_eq!(sites.take_due(15), [held(7, 2)]);
        assert_eq!(admitted(&mut sites, 7, &[14, 15]), [false, true]);
    }

    #[test]
    fn sites_are_limited_apart() {
        let mut sites = Sites::default();

        let answers: Vec<_> = [1, 2, 1, 2, 1, 2].iter().flat_map(|site| admitted(&mut sites, *site, &[0])).collect();

        assert_eq!(answers, [true, true, true, true, false, false]);
        assert_eq!(sites.take_all(), [held(1, 1), held(2, 1)]);
        assert_eq!((sites.take_all(), sites.next_due()), (vec![], i64::MAX));
    }

    #[test]
    fn records_that_come_late_open_no_window() {
        let mut sites = Sites::default();

        assert_eq!(admitted(&mut sites, 1, &[100, 80, 100, 85]), [true, true, false, false]);
    }

    #[test]
    fn memory_is_bounded_and_no_count_is_lost() {
        let mut sites = Sites::default();
        let mut told = 0;

        for site in 0..100_000 {
            admitted(&mut sites, site, &[0, 0, 0]);
            told += sites.take_due(0).len();
            assert!(sites.recent.len() + sites.older.len() <= 2 * CERTAIN && sites.ends.len() <= 2 * CERTAIN);
        }

        assert_eq!(told + sites.take_all().len(), 100_000);
    }
}
