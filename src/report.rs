//! Reports of logly's own problems: a few single lines on standard error, never with a record's content.
//!
//! The functions here write directly to descriptor 2, from any thread, so that they work without Python. They write
//! nothing if the descriptor was closed at start, since it may be any file by now. Python threads report through
//! `sys.stderr` (`python/py/telling.rs`). The rate of reports about continuing problems is limited here.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::error::is_unseen;
use crate::sync::Mutex;
use crate::sys::descriptors;

/// The limit for distinct kinds of problems. Beyond it, no new kind is reported once, and the oldest continuing one is
/// forgotten.
const MOST_KINDS: usize = 100;

/// A pipe that is ready takes this many bytes without blocking.
const LONGEST_LINE: usize = 4000;

/// How long to wait for other threads that are reporting.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

static TOLD: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
static TROUBLES: LazyLock<Mutex<HashMap<String, Trouble>>> = LazyLock::new(Mutex::default);
static HAS_STDERR: LazyLock<bool> = LazyLock::new(descriptors::is_error_open);

/// Checks whether standard error is open. Called at import, before the program can open files, or fork during the
/// check.
pub fn prepare() {
    LazyLock::force(&HAS_STDERR);
    LazyLock::force(&TOLD);
    LazyLock::force(&TROUBLES);
}

/// Writes one line. A failure to write cannot be reported anywhere. This does not wait for a standard error that would
/// block, since the caller may hold the interpreter or run at the end of the process.
pub fn tell(line: &str) {
    if !*HAS_STDERR {
        return;
    }
    descriptors::write_error(finished(line).as_bytes());
}

/// The line in its written form: short enough for a pipe, and without control characters.
pub fn finished(line: &str) -> String {
    let mut text = format!("logly: {}", line.replace(is_unseen, " "));
    text.truncate(text.floor_char_boundary(LONGEST_LINE));
    text.push('\n');
    text
}

/// Whether to report this, once in the life of the process. `kind` distinguishes the reports.
pub fn is_new(kind: &str) -> bool {
    // In a forked child the lock may be held by a thread that does not exist there.
    let Some(mut told) = TOLD.try_lock_for(LONGEST_WAIT) else { return false };
    told.len() < MOST_KINDS && told.insert(kind.to_owned())
}

/// Reports a line once in the life of the process.
pub fn tell_once(kind: &str, line: &str) {
    if is_new(kind) {
        tell(line);
    }
}

/// Reports a problem that may continue: the first time, and then with counts at most once a minute.
pub fn tell_paced(key: &str, line: &str) {
    if let Some(told) = failed(key) {
        tell(&told.line(line));
    }
}

/// Counts a failure that has no `Trouble` of its own; `key` identifies its source. Returns the failure if it is to be
/// reported.
pub fn failed(key: &str) -> Option<Told> {
    let mut troubles = TROUBLES.try_lock_for(LONGEST_WAIT)?;
    if !troubles.contains_key(key) && troubles.len() >= MOST_KINDS {
        let oldest = troubles.iter().min_by_key(|(_, trouble)| trouble.last).map(|(key, _)| key.clone());
        oldest.map(|key| troubles.remove(&key));
    }
    troubles.entry(key.to_owned()).or_insert_with(Trouble::seldom).failed()
}

/// Forgets earlier reports; for tests.
pub fn forget() {
    TOLD.lock().clear();
    TROUBLES.lock().clear();
}

/// The failures of one sink, callback or file, and the times to report them.
///
/// The first failure is reported, then counts, with pauses of 1, 10 and then 60 seconds. A recovery is reported once
/// after a reported failure. The pauses continue if failures and recoveries alternate, and start over after ten quiet
/// minutes.
#[derive(Debug, Default)]
pub struct Trouble {
    /// Counted since the last reported recovery.
    failures: u64,
    /// The number of reports since the last quiet period.
    told: usize,
    /// Nothing is reported before this.
    next: Option<Instant>,
    last: Option<Instant>,
    is_failing: bool,
    is_recovery_owed: bool,
    /// Reported at most once a minute, and without recoveries: the next failure may come with the next record.
    is_seldom: bool,
}

const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(10), LONGEST_PAUSE];
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// After this long without a failure, the next failure is reported like the first.
const QUIET: Duration = Duration::from_mins(10);

/// A failure to report, with the number of failures it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    failures: u64,
}

impl Told {
    /// The line to report. `what` names the source of the failure and the reason.
    pub fn line(self, what: &str) -> String {
        if self.failures == 1 { what.to_owned() } else { format!("{what} ({} failures)", self.failures) }
    }
}

impl Trouble {
    /// For independent failures, such as those of a callback: reported at the first, then with counts at most once a
    /// minute.
    pub fn seldom() -> Self {
        Self { is_seldom: true, ..Self::default() }
    }

    /// Counts a failure. Returns it if it is to be reported; the caller reports it when it holds no lock.
    pub fn failed(&mut self) -> Option<Told> {
        self.failed_at(Instant::now())
    }

    fn failed_at(&mut self, now: Instant) -> Option<Told> {
        if self.last.is_some_and(|last| now.saturating_duration_since(last) >= QUIET) {
            *self = Self { is_seldom: self.is_seldom, ..Self::default() };
        }
        self.last = Some(now);
        self.is_failing = true;
        self.failures += 1;
        if self.next.is_some_and(|next| now < next) {
            return None;
        }
        let pause = PAUSES.get(self.told).copied().filter(|_| !self.is_seldom).unwrap_or(LONGEST_PAUSE);
        self.next = Some(now + pause);
        self.told += 1;
        self.is_recovery_owed = !self.is_seldom;
        Some(Told { failures: self.failures })
    }

    /// Records a success. Returns the number of failures that are over, if that is to be reported.
    pub fn recovered(&mut self) -> Option<u64> {
        self.is_failing = false;
        std::mem::take(&mut self.is_recovery_owed).then(|| std::mem::take(&mut self.failures))
    }

    /// Whether the last attempt failed and a recovery is to be recorded.
    pub fn is_failing(&self) -> bool {
        self.is_failing && !self.is_seldom
    }
}

/// The report that `what` works again.
pub fn recovery(what: &str, failures: u64) -> String {
    let noun = if failures == 1 { "failure" } else { "failures" };
    format!("{what} recovered after {failures} {noun}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds with a report, if there is a failure at each of the steps and, with `recovers`, a success after
    /// each.
    fn told(steps: u64, step: Duration, recovers: bool) -> Vec<u64> {
        let start = Instant::now();
        let mut trouble = Trouble::default();
        let mut seconds = Vec::new();
        for at in (0..steps).map(|number| step * number as u32) {
            let is_told = trouble.failed_at(start + at).is_some();
            let is_over_told = recovers && trouble.recovered().is_some();
            assert!(is_told || !is_over_told, "a recovery is told for a failure that was not");
            if is_told {
                seconds.push(at.as_secs());
            }
        }
        seconds
    }

    #[test]
    fn pauses_grow_whether_it_recovers_or_not() {
        let expected = [0, 1, 11, 71, 131, 191];

        for recovers in [false, true] {
            assert_eq!(told(2_000, Duration::from_millis(100), recovers), expected);
        }
    }

    #[test]
    fn failure_after_a_quiet_time_is_told_like_the_first() {
        assert_eq!(told(3, QUIET, true), [0, 600, 1200]);
    }

    #[test]
    fn counts_are_of_what_failed_since_the_recovery_that_was_told() {
        let start = Instant::now();
        let mut trouble = Trouble::default();
        trouble.failed_at(start);
        assert_eq!(trouble.recovered(), Some(1));
        trouble.failed_at(start);
        assert_eq!(trouble.recovered(), None);

        let told = trouble.failed_at(start + Duration::from_secs(2));

        assert_eq!(told, Some(Told { failures: 2 }));
        assert_eq!(told.map(|told| told.line("x")), Some("x (2 failures)".to_owned()));
    }
}
