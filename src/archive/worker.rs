//! The archiver: maintains archives in the background, apart from callers and writers.
//!
//! The process has one archiver thread, started when first needed, with low priority. It never touches Python. Series
//! with functions, or with formats that only Python has, are maintained by a Python thread, which gets its work here
//! (`PythonWorker`).
//!
//! A series is maintained on request and every hour. Work that is not done when the process ends is done at the next
//! start.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crate::archive::job::{Job, Report, Task, Unfinished, has_function, needs_maintenance, needs_python};
use crate::archive::jobs::{JobQueue, WorkerKind};
use crate::archive::series::Series;
use crate::process::exiting;
use crate::process::per_process::{Own, PerProcess};
use crate::report;
use crate::sync::{Condvar, Mutex, MutexGuard};
use crate::sys::thread::lower_priority;

/// The time between jobs that were not requested.
const HOUR: Duration = Duration::from_hours(1);

static ARCHIVER: PerProcess<Archiver> = PerProcess::new();

/// The requests made so far, to be waited for; None if there are none.
pub struct Ticket(Option<(&'static Own<Archiver>, u64)>);

#[derive(Default)]
struct Archiver {
    state: Mutex<State>,
    changed: Condvar,
    /// Whether the process is ending, so that nothing more is begun.
    is_over: AtomicBool,
    /// The number of archives that the function of the running job must still be called with.
    uncalled: AtomicUsize,
}

#[derive(Default)]
struct State {
    jobs: JobQueue<Series>,
    known: Vec<Known>,
    /// When all known series are maintained again.
    next_hour: Option<Instant>,
    thread: NativeThread,
    python_thread: PythonThread,
}

/// A series that was maintained, and the work left for it.
struct Known {
    series: Weak<Series>,
    unfinished: Unfinished,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum NativeThread {
    #[default]
    None,
    Running,
    /// No thread can be started, so callers do the work.
    Impossible,
}

/// Whether the Python thread exists.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum PythonThread {
    /// No Python thread exists.
    #[default]
    None,
    Running,
}

/// Requests maintenance of a series, soon and every hour from then on. Returns at once.
pub fn maintain(series: &Arc<Series>) {
    request(series, None);
}

/// Like `maintain`, for an archive that was just made. Functions are called only with such archives.
pub fn maintain_rotated(series: &Arc<Series>, archive: PathBuf) {
    request(series, Some(archive));
}

fn request(series: &Arc<Series>, rotated: Option<PathBuf>) {
    if !needs_maintenance(series.options()) || exiting::is_exiting() {
        return;
    }
    let archiver = ARCHIVER.get();
    let worker = worker_for(series);
    let is_mine_to_do = {
        let mut state = archiver.state.lock();
        let for_function = rotated.filter(|_| has_function(series.options()));
        state.known_of(series).unfinished.rotated.extend(for_function);
        state.jobs.request(series, worker);
        state.next_hour.get_or_insert_with(|| Instant::now() + HOUR);
        worker == WorkerKind::Native && !start_thread(archiver, &mut state)
    };
    archiver.changed.notify_all();
    while is_mine_to_do && let Some(job) = archiver.take_now(WorkerKind::Native) {
        archiver.perform(job);
    }
}

fn worker_for(series: &Series) -> WorkerKind {
    if needs_python(series.options()) { WorkerKind::Python } else { WorkerKind::Native }
}

/// Returns a ticket for all requests so far, to `wait` for.
pub fn requested() -> Ticket {
    Ticket(ARCHIVER.existing().map(|archiver| {
        let ticket = archiver.state.lock().jobs.requested();
        (archiver, ticket)
    }))
}

impl Ticket {
    /// Waits until `until`. Returns true if everything is done, and false at once if no thread can do it.
    pub fn wait(&self, until: Instant) -> bool {
        let Some((archiver, ticket)) = &self.0 else { return true };
        let mut state = archiver.state.lock();
        while !state.jobs.is_done(*ticket) {
            let is_vain = archiver.is_vain(&state, *ticket);
            if is_vain || archiver.changed.wait_until(&mut state, until).timed_out() {
                return state.jobs.is_done(*ticket);
            }
        }
        true
    }

    /// Whether waiting is in vain: no thread can do the work that is left, or the process is ending.
    pub fn is_hopeless(&self) -> bool {
        self.0.as_ref().is_some_and(|(archiver, ticket)| archiver.is_vain(&archiver.state.lock(), *ticket))
    }

    /// Whether work is left for a Python thread that does not exist.
    pub fn lacks_python_worker(&self) -> bool {
        self.0.as_ref().is_some_and(|(archiver, ticket)| {
            let state = archiver.state.lock();
            state.python_thread == PythonThread::None && state.jobs.waits_for(WorkerKind::Python, *ticket)
        })
    }
}

/// Ends the archiver with the process. Requested work is done until `deadline`, and nothing is begun after that.
/// Returns how many archives no function was called with.
pub fn finish(deadline: Instant) -> usize {
    requested().wait(deadline);
    let Some(archiver) = ARCHIVER.existing() else { return 0 };
    let state = archiver.state.lock();
    archiver.is_over.store(true, Ordering::Relaxed);
    drop(state);
    archiver.changed.notify_all();
    let waiting: usize = archiver.state.lock().known.iter().map(|known| known.unfinished.rotated.len()).sum();
    waiting + archiver.uncalled.load(Ordering::Relaxed)
}

impl State {
    fn known_of(&mut self, series: &Arc<Series>) -> &mut Known {
        self.known.retain(|known| known.series.strong_count() > 0);
        let is_it = |known: &Known| std::ptr::eq(known.series.as_ptr(), Arc::as_ptr(series));
        let at = self.known.iter().position(is_it).unwrap_or_else(|| {
            self.known.push(Known { series: Arc::downgrade(series), unfinished: Unfinished::default() });
            self.known.len() - 1
        });
        &mut self.known[at]
    }

    /// Requests a job for every known series once an hour. Archives that could not be compressed are tried again
    /// then.
    fn request_hourly(&mut self, now: Instant) {
        if self.next_hour.is_none_or(|next| next > now) {
            return;
        }
        self.next_hour = Some(now + HOUR);
        for known in &mut self.known {
            known.unfinished.failed = HashSet::new();
            if let Some(series) = known.series.upgrade() {
                let worker = worker_for(&series);
                if worker == WorkerKind::Python || self.thread == NativeThread::Running {
                    self.jobs.request(&series, worker);
                }
            }
        }
    }
}

impl Archiver {
    fn is_vain(&self, state: &State, ticket: u64) -> bool {
        let is_unattended =
            state.python_thread == PythonThread::None && !state.jobs.waits_for(WorkerKind::Native, ticket);
        is_unattended || self.is_over.load(Ordering::Relaxed)
    }

    /// Waits for the next job of a worker. Returns None when the process ends.
    fn take(&self, worker: WorkerKind) -> Option<Job> {
        let mut state = self.state.lock();
        loop {
            if self.is_over.load(Ordering::Relaxed) {
                return None;
            }
            state.request_hourly(Instant::now());
            if let Some(job) = take_due(&mut state, worker) {
                return Some(job);
            }
            let wake = [state.next_hour, state.jobs.next_due(worker)].into_iter().flatten().min();
            match wake {
                Some(wake) => drop(self.changed.wait_until(&mut state, wake)),
                None => self.changed.wait(&mut state),
            }
        }
    }

    /// Returns the next job of a worker that is due, if there is one.
    fn take_now(&self, worker: WorkerKind) -> Option<Job> {
        take_due(&mut self.state.lock(), worker)
    }

    /// Performs a job that needs no Python.
    fn perform(&self, mut job: Job) {
        let series = Arc::clone(job.series());
        let performed = contained(|| {
            while job.advance(&self.is_over) {
                job.report(Err("no thread of Python's is there for it; this is a bug in logly".to_owned()));
            }
            job.end()
        });
        self.end(&series, performed);
    }

    /// Records that a job is over. A job that failed by a bug leaves no work.
    fn end(&self, series: &Arc<Series>, ended: Option<(bool, Unfinished)>) {
        let (is_busy, unfinished) = ended.unwrap_or_default();
        let mut state = self.state.lock();
        let known = &mut state.known_of(series).unfinished;
        known.failed.extend(unfinished.failed);
        known.rotated.splice(0..0, unfinished.rotated);
        // Without a thread, no later retry would happen.
        let is_tried_again = is_busy && state.thread != NativeThread::Impossible;
        state.jobs.done(series, is_tried_again, Instant::now());
        drop(state);
        self.changed.notify_all();
    }
}

/// Takes a due job and finds the work to do. It releases the lock for that, because the disk may be slow.
fn take_due(state: &mut MutexGuard<'_, State>, worker: WorkerKind) -> Option<Job> {
    let series = state.jobs.take(worker, Instant::now())?;
    let unfinished = std::mem::take(&mut state.known_of(&series).unfinished);
    let begun = MutexGuard::unlocked(state, || contained(|| Job::begin(Arc::clone(&series), unfinished)));
    if begun.is_none() {
        state.jobs.done(&series, false, Instant::now());
    }
    begun
}

/// Runs code that must not end its thread. A panic is a bug, and costs the job in which it happened.
fn contained<T>(run: impl FnOnce() -> T) -> Option<T> {
    let ran = catch_unwind(AssertUnwindSafe(run));
    if ran.is_err() {
        report::tell_once(
            "archiver panic",
            "the archiver failed and left archives as they are; this is a bug in logly",
        );
    }
    ran.ok()
}

/// Ensures that the thread runs. Returns false if none can be started.
fn start_thread(archiver: &'static Archiver, state: &mut State) -> bool {
    if state.thread == NativeThread::None {
        let started = thread::Builder::new().name("logly-archiver".to_owned()).spawn(move || run(archiver));
        state.thread = match started {
            Ok(_) => NativeThread::Running,
            Err(error) => {
                let line = format!("no archiver thread can be started ({error}); archives are looked after inline");
                report::tell_once("no archiver", &line);
                NativeThread::Impossible
            }
        };
    }
    state.thread == NativeThread::Running
}

fn run(archiver: &Archiver) {
    // The threads that log go first.
    lower_priority();
    while let Some(job) = archiver.take(WorkerKind::Native) {
        archiver.perform(job);
    }
}

/// The Python thread's access to its work. `find_next` waits, and is called without the interpreter lock. The other
/// functions are short and need no Python, so they can be called with the lock or without it.
pub struct PythonWorker {
    archiver: &'static Own<Archiver>,
    job: Option<Job>,
}

impl PythonWorker {
    /// Returns None if there is a Python worker already.
    pub fn enter() -> Option<Self> {
        let archiver = ARCHIVER.get();
        let mut state = archiver.state.lock();
        if state.python_thread != PythonThread::None {
            return None;
        }
        state.python_thread = PythonThread::Running;
        drop(state);
        Some(Self { archiver, job: None })
    }

    /// Returns the current task and its series; None if the thread must end.
    pub fn task(&self) -> Option<(&Arc<Series>, &Task)> {
        let job = self.job.as_ref()?;
        job.task().map(|task| (job.series(), task))
    }

    /// Ends the last task with its report, and waits for the next one.
    pub fn find_next(&mut self, report: Report) {
        if let Some(job) = &mut self.job {
            let went_on = contained(|| job.report(report));
            if went_on.is_none() {
                self.end_job(false);
            }
        }
        while let Some(job) = self.job.take().or_else(|| self.archiver.take(WorkerKind::Python)) {
            let job = self.job.insert(job);
            let advanced = contained(|| job.advance(&self.archiver.is_over));
            self.archiver.uncalled.store(job.uncalled(), Ordering::Relaxed);
            match advanced {
                Some(true) => return,
                advanced => self.end_job(advanced.is_some()),
            }
        }
    }

    fn end_job(&mut self, is_sound: bool) {
        if let Some(job) = self.job.take() {
            let series = Arc::clone(job.series());
            self.archiver.uncalled.store(0, Ordering::Relaxed);
            self.archiver.end(&series, is_sound.then(|| job.end()));
        }
    }
}

impl Drop for PythonWorker {
    fn drop(&mut self) {
        if !self.archiver.is_own() {
            std::mem::forget(self.job.take());
            return;
        }
        self.end_job(true);
        self.archiver.state.lock().python_thread = PythonThread::None;
        self.archiver.changed.notify_all();
    }
}
