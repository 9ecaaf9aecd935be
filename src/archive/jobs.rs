//! The archiver's job queue: maintenance jobs, each for one subject, and each done once however often it is requested.
//!
//! A job requested while it runs runs once more. A job that found its subject busy is tried again after short
//! pauses, and is then left until the next request. The queue knows neither threads nor files; the caller supplies the
//! time.

use std::sync::Arc;
use std::time::{Duration, Instant};

/// The pauses before a busy job is tried again. A process that is still writing to a file that was moved is done in
/// moments, or hangs.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(500)];

/// The kind of thread that does a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerKind {
    Native,
    /// The job needs Python at some point.
    Python,
}

/// The jobs that are not done yet.
pub struct JobQueue<T> {
    jobs: Vec<QueuedJob<T>>,
    requested: u64,
}

struct QueuedJob<T> {
    subject: Arc<T>,
    worker: WorkerKind,
    /// The first request that the job answers.
    ticket: u64,
    pauses: usize,
    /// When the job is due, if it was busy.
    due: Option<Instant>,
    is_running: bool,
}

impl<T> Default for JobQueue<T> {
    fn default() -> Self {
        Self { jobs: Vec::new(), requested: 0 }
    }
}

impl<T> JobQueue<T> {
    /// Requests a job that begins after now.
    pub fn request(&mut self, subject: &Arc<T>, worker: WorkerKind) {
        self.requested += 1;
        let waiting = self.jobs.iter_mut().find(|job| !job.is_running && Arc::ptr_eq(&job.subject, subject));
        match waiting {
            Some(job) => (job.due, job.pauses) = (None, 0),
            None => self.jobs.push(QueuedJob {
                subject: Arc::clone(subject),
                worker,
                ticket: self.requested,
                pauses: 0,
                due: None,
                is_running: false,
            }),
        }
    }

    /// Returns the ticket that stands for every request so far, for `is_done`.
    pub fn requested(&self) -> u64 {
        self.requested
    }

    /// Takes the next job that is due. `done` ends it.
    pub fn take(&mut self, worker: WorkerKind, now: Instant) -> Option<Arc<T>> {
        let is_free = |job: &QueuedJob<T>| {
            !job.is_running
                && job.worker == worker
                && job.due.is_none_or(|due| due <= now)
                && !self.jobs.iter().any(|other| other.is_running && Arc::ptr_eq(&other.subject, &job.subject))
        };
        let at = self.jobs.iter().position(is_free)?;
        self.jobs[at].is_running = true;
        Some(Arc::clone(&self.jobs[at].subject))
    }

    /// Ends a job. A job that was busy is tried again.
    pub fn done(&mut self, subject: &Arc<T>, is_busy: bool, now: Instant) {
        let is_it = |job: &QueuedJob<T>| job.is_running && Arc::ptr_eq(&job.subject, subject);
        let Some(at) = self.jobs.iter().position(is_it) else { return };
        let mut job = self.jobs.remove(at);
        let is_requested_again = self.jobs.iter().any(|other| Arc::ptr_eq(&other.subject, subject));
        if is_busy && !is_requested_again && job.pauses < PAUSES.len() {
            job.due = Some(now + PAUSES[job.pauses]);
            job.pauses += 1;
            job.is_running = false;
            self.jobs.push(job);
        }
    }

    /// Returns when the first of a worker's busy jobs is due.
    pub(super) fn next_due(&self, worker: WorkerKind) -> Option<Instant> {
        let waiting = self.jobs.iter().filter(|job| !job.is_running && job.worker == worker);
        waiting.filter_map(|job| job.due).min()
    }

    /// Whether all jobs requested before the ticket was issued are done.
    pub fn is_done(&self, ticket: u64) -> bool {
        self.jobs.iter().all(|job| job.ticket > ticket)
    }

    /// Whether one of a worker's jobs, requested before the ticket was issued, is not done.
    pub(super) fn waits_for(&self, worker: WorkerKind, ticket: u64) -> bool {
        self.jobs.iter().any(|job| job.worker == worker && job.ticket <= ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> (JobQueue<String>, Arc<String>, Instant) {
        (JobQueue::default(), Arc::new("app.log".to_owned()), Instant::now())
    }

    #[test]
    fn what_is_requested_twice_is_done_once() {
        let (mut queue, app, now) = start();
        queue.request(&app, WorkerKind::Native);
        queue.request(&app, WorkerKind::Native);

        assert!(queue.take(WorkerKind::Native, now).is_some());
        queue.done(&app, false, now);

        assert!(queue.take(WorkerKind::Native, now).is_none());
        assert!(queue.is_done(queue.requested()));
    }

    #[test]
    fn what_is_requested_while_it_runs_runs_once_more_and_not_at_once() {
        let (mut queue, app, now) = start();
        queue.request(&app, WorkerKind::Native);
        queue.take(WorkerKind::Native, now);
        let first = queue.requested();
        queue.request(&app, WorkerKind::Native);

        assert!(queue.take(WorkerKind::Native, now).is_none());
        queue.done(&app, true, now);

        assert!(queue.is_done(first));
        assert!(!queue.is_done(queue.requested()));
        assert!(queue.take(WorkerKind::Native, now).is_some());
    }

    #[test]
    fn jobs_of_one_worker_are_not_for_the_other() {
        let (mut queue, app, now) = start();
        queue.request(&app, WorkerKind::Python);

        assert!(queue.take(WorkerKind::Native, now).is_none());
        assert!(queue.waits_for(WorkerKind::Python, queue.requested()));
        assert!(!queue.waits_for(WorkerKind::Native, queue.requested()));
        assert!(queue.take(WorkerKind::Python, now).is_some());
    }

    #[test]
    fn the_end_of_one_job_ends_no_other() {
        let (mut queue, app, now) = start();
        let other = Arc::new("other.log".to_owned());
        queue.request(&app, WorkerKind::Native);
        queue.request(&other, WorkerKind::Python);
        queue.take(WorkerKind::Native, now);
        queue.take(WorkerKind::Python, now);

        queue.done(&other, false, now);

        assert!(queue.waits_for(WorkerKind::Native, queue.requested()));
        assert!(!queue.waits_for(WorkerKind::Python, queue.requested()));
    }

    #[test]
    fn a_busy_one_is_tried_again_after_pauses_and_then_left() {
        let (mut queue, app, mut now) = start();
        queue.request(&app, WorkerKind::Native);
        for pause in PAUSES {
            assert!(queue.take(WorkerKind::Native, now).is_some());
            queue.done(&app, true, now);
            assert!(queue.take(WorkerKind::Native, now).is_none());
            assert_eq!(queue.next_due(WorkerKind::Native), Some(now + pause));
            assert!(!queue.is_done(queue.requested()));
            now += pause;
        }

        assert!(queue.take(WorkerKind::Native, now).is_some());
        queue.done(&app, true, now);

        assert!(queue.is_done(queue.requested()));
    }

    #[test]
    fn a_worker_is_due_for_its_own_jobs() {
        let (mut queue, app, now) = start();
        queue.request(&app, WorkerKind::Python);
        queue.take(WorkerKind::Python, now);
        queue.done(&app, true, now);

        assert_eq!(queue.next_due(WorkerKind::Python), Some(now + PAUSES[0]));
        assert_eq!(queue.next_due(WorkerKind::Native), None);
    }

    #[test]
    fn a_second_request_ends_a_pause() {
        let (mut queue, app, now) = start();
        queue.request(&app, WorkerKind::Native);
        queue.take(WorkerKind::Native, now);
        queue.done(&app, true, now);

        queue.request(&app, WorkerKind::Native);

        assert!(queue.take(WorkerKind::Native, now).is_some());
    }
}
