//! What logly says of its own troubles: single lines on standard error, few of them, never a record's content.
//!
//! Written straight to descriptor 2, from any thread, so that it works without Python; nothing is said when the descriptor was
//! closed at start, since it may be anybody's file by now.

use std::collections::HashSet;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::sync::Mutex;

/// Kinds of value trouble told apart; past this many nothing new is told.
const MOST_KINDS: usize = 100;

/// A pipe that is ready takes this much without blocking.
const LONGEST_LINE: usize = 4000;

/// For others who tell something.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

static TOLD: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
static HAS_STDERR: LazyLock<bool> = LazyLock::new(|| rustix::io::fcntl_getfd(rustix::stdio::stderr()).is_ok());

/// Notes whether standard error is open. Called at import, before the program can open files, or fork in the middle of this.
pub fn prepare() {
    LazyLock::force(&HAS_STDERR);
    LazyLock::force(&TOLD);
}

/// Says one line. A failure to say it has nowhere to go; a standard error that would block is not waited for, since whoever
/// reports may hold the interpreter or be the end of the process.
pub fn tell(line: &str) {
    if !*HAS_STDERR {
        return;
    }
    let mut text = format!("logly: {}", line.replace(['\n', '\r', '\x1b'], " "));
    text.truncate(text.floor_char_boundary(LONGEST_LINE));
    text.push('\n');
    let stderr = rustix::stdio::stderr();
    let mut events = [PollFd::new(&stderr, PollFlags::OUT)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    if poll(&mut events, Some(&now)).is_ok_and(|ready| ready > 0) {
        let _ = rustix::io::write(stderr, text.as_bytes());
    }
}

/// Says a line once in the life of the process; `kind` tells the lines apart.
pub fn tell_once(kind: &str, line: &str) {
    // In a forked child it may be held by a thread that is not there.
    let Some(mut told) = TOLD.try_lock_for(LONGEST_WAIT) else { return };
    if told.len() < MOST_KINDS && told.insert(kind.to_owned()) {
        drop(told);
        tell(line);
    }
}

/// Forgets what was told once; for tests.
pub fn forget() {
    TOLD.lock().clear();
}

/// One sink's or callback's run of failures: told at the first, then with counts after 1, 10 and every 60 seconds, and once
/// when it ends.
#[derive(Debug, Default)]
pub struct Trouble {
    run: Option<Run>,
    /// Told once a minute at most, and never that it is over: the next failure may be the next record's.
    is_seldom: bool,
}

#[derive(Debug)]
struct Run {
    failures: u64,
    told: u32,
    next: Instant,
}

impl Trouble {
    /// For failures that each stand alone, as a callback's do: told at the first, then with counts once a minute at most.
    pub fn seldom() -> Self {
        Self { is_seldom: true, ..Self::default() }
    }

    /// Counts a failure; `what` says whose and why.
    pub fn failed(&mut self, what: impl FnOnce() -> String) {
        let now = Instant::now();
        match &mut self.run {
            None => {
                tell(&what());
                let first = if self.is_seldom { 60 } else { 1 };
                self.run = Some(Run { failures: 1, told: 1, next: now + Duration::from_secs(first) });
            }
            Some(run) => {
                run.failures += 1;
                if now >= run.next {
                    tell(&format!("{} ({} failures)", what(), run.failures));
                    run.next = now + Duration::from_secs(if run.told == 1 && !self.is_seldom { 10 } else { 60 });
                    run.told += 1;
                }
            }
        }
    }

    /// Ends the run, if there is one.
    pub fn recovered(&mut self, what: impl FnOnce() -> String) {
        if let Some(run) = self.run.take() {
            tell(&format!("{} recovered after {} failures", what(), run.failures));
        }
    }

    /// Whether there is a run whose end is to be told.
    pub fn is_failing(&self) -> bool {
        self.run.is_some() && !self.is_seldom
    }
}
