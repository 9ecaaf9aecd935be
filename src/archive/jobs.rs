//! The archiver's job queue: rounds, each for one subject, and each done once however often it is requested.
//!
//! A round requested while it runs runs once more. A round that found its subject busy is tried again after short
//! pauses, and is then left until the next request. The queue knows neither threads nor files; the caller supplies the
//! time.

use std::sync::Arc;
use std::time::{Duration, Instant};

/// The pauses before a busy round is tried again. A process that is still writing to a file that was moved is done in
/// moments, or hangs.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(500)];

/// The kind of thread that does a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doer {
    Native,
    /// The round needs Python at some point.
    Python,
}

/// The rounds that are not done yet.
pub struct Agenda<T> {
    rounds: Vec<Planned<T>>,
    requested: u64,
}

struct Planned<T> {
    subject: Arc<T>,
    doer: Doer,
    /// The first request that the round answers.
    ticket: u64,
    pauses: usize,
    /// When the round is due, if it was busy.
    due: Option<Instant>,
    is_running: bool,
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self { rounds: Vec::new(), requested: 0 }
    }
}

impl<T> Agenda<T> {
    /// Requests a round that begins after now.
    pub fn ask(&mut self, subject: &Arc<T>, doer: Doer) {
        self.requested += 1;
        let waiting = self.rounds.iter_mut().find(|round| !round.is_running && Arc::ptr_eq(&round.subject, subject));
        match waiting {
            Some(round) => (round.due, round.pauses) = (None, 0),
            None => self.rounds.push(Planned {
                subject: Arc::clone(subject),
                doer,
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

    /// Takes the next round that is due. `done` ends it.
    pub fn take(&mut self, doer: Doer, now: Instant) -> Option<Arc<T>> {
        let is_free = |round: &Planned<T>| {
            !round.is_running
                && round.doer == doer
                && round.due.is_none_or(|due| due <= now)
                && !self.rounds.iter().any(|other| other.is_running && Arc::ptr_eq(&other.subject, &round.subject))
        };
        let at = self.rounds.iter().position(is_free)?;
        self.rounds[at].is_running = true;
        Some(Arc::clone(&self.rounds[at].subject))
    }

    /// Ends a round. A round that was busy is tried again.
    pub fn done(&mut self, subject: &Arc<T>, is_busy: bool, now: Instant) {
        let is_it = |round: &Planned<T>| round.is_running && Arc::ptr_eq(&round.subject, subject);
        let Some(at) = self.rounds.iter().position(is_it) else { return };
        let mut round = self.rounds.remove(at);
        let is_asked_again = self.rounds.iter().any(|other| Arc::ptr_eq(&other.subject, subject));
        if is_busy && !is_asked_again && round.pauses < PAUSES.len() {
            round.due = Some(now + PAUSES[round.pauses]);
            round.pauses += 1;
            round.is_running = false;
            self.rounds.push(round);
        }
    }

    /// Returns when the first of a doer's busy rounds is due.
    pub fn next_due(&self, doer: Doer) -> Option<Instant> {
        let waiting = self.rounds.iter().filter(|round| !round.is_running && round.doer == doer);
        waiting.filter_map(|round| round.due).min()
    }

    /// Whether all rounds requested before the ticket was issued are done.
    pub fn is_done(&self, ticket: u64) -> bool {
        self.rounds.iter().all(|round| round.ticket > ticket)
    }

    /// Whether one of a doer's rounds, requested before the ticket was issued, is not done.
    pub fn waits_for(&self, doer: Doer, ticket: u64) -> bool {
        self.rounds.iter().any(|round| round.doer == doer && round.ticket <= ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> (Agenda<String>, Arc<String>, Instant) {
        (Agenda::default(), Arc::new("app.log".to_owned()), Instant::now())
    }

    #[test]
    fn what_is_asked_for_twice_is_done_once() {
        let (mut agenda, app, now) = start();
        agenda.ask(&app, Doer::Native);
        agenda.ask(&app, Doer::Native);

        assert!(agenda.take(Doer::Native, now).is_some());
        agenda.done(&app, false, now);

        assert!(agenda.take(Doer::Native, now).is_none());
        assert!(agenda.is_done(agenda.requested()));
    }

    #[test]
    fn what_is_asked_for_while_it_runs_runs_once_more_and_not_at_once() {
        let (mut agenda, app, now) = start();
        agenda.ask(&app, Doer::Native);
        agenda.take(Doer::Native, now);
        let first = agenda.requested();
        agenda.ask(&app, Doer::Native);

        assert!(agenda.take(Doer::Native, now).is_none());
        agenda.done(&app, true, now);

        assert!(agenda.is_done(first));
        assert!(!agenda.is_done(agenda.requested()));
        assert!(agenda.take(Doer::Native, now).is_some());
    }

    #[test]
    fn rounds_of_one_lane_are_not_for_the_other() {
        let (mut agenda, app, now) = start();
        agenda.ask(&app, Doer::Python);

        assert!(agenda.take(Doer::Native, now).is_none());
        assert!(agenda.waits_for(Doer::Python, agenda.requested()));
        assert!(!agenda.waits_for(Doer::Native, agenda.requested()));
        assert!(agenda.take(Doer::Python, now).is_some());
    }

    #[test]
    fn a_busy_one_is_tried_again_after_pauses_and_then_left() {
        let (mut agenda, app, mut now) = start();
        agenda.ask(&app, Doer::Native);
        for pause in PAUSES {
            assert!(agenda.take(Doer::Native, now).is_some());
            agenda.done(&app, true, now);
            assert!(agenda.take(Doer::Native, now).is_none());
            assert_eq!(agenda.next_due(Doer::Native), Some(now + pause));
            assert!(!agenda.is_done(agenda.requested()));
            now += pause;
        }

        assert!(agenda.take(Doer::Native, now).is_some());
        agenda.done(&app, true, now);

        assert!(agenda.is_done(agenda.requested()));
    }

    #[test]
    fn asking_again_ends_a_pause() {
        let (mut agenda, app, now) = start();
        agenda.ask(&app, Doer::Native);
        agenda.take(Doer::Native, now);
        agenda.done(&app, true, now);

        agenda.ask(&app, Doer::Native);

        assert!(agenda.take(Doer::Native, now).is_some());
    }
}
