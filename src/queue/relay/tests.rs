//! Tests of the relay: no wake is lost, and no thread's work is between a record and another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::queue::relay::Relay;
use crate::queue::seat::Seat;
use crate::sync::Condvar;

/// The state of a thread as the relay's users see it under the thread's own lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Posture {
    Awake,
    Waiting,
    /// A caller has something for it. The flag tells whether it was woken.
    Called(bool),
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A caller has something for a thread.
    Call(usize),
    /// A thread leaves its wait, since it was woken or the time is up.
    Leave(usize),
    /// A thread has done its work.
    Rest(usize),
}

struct Model {
    relay: Relay,
    sleepers: Vec<Arc<Condvar>>,
    postures: Vec<Posture>,
    /// How many threads an arriving thread wakes.
    most: usize,
}

impl Model {
    fn new(threads: usize, most: usize) -> Self {
        let sleepers = (0..threads).map(|_| Arc::default()).collect();
        Self { relay: Relay::default(), sleepers, postures: vec![Posture::Waiting; threads], most }
    }

    /// Takes a step; false when it is not possible here.
    fn take(&mut self, step: Step) -> bool {
        let (Step::Call(number) | Step::Leave(number) | Step::Rest(number)) = step;
        match (step, self.postures[number]) {
            (Step::Call(_), Posture::Waiting) => {
                self.postures[number] = Posture::Called(self.relay.call(&self.sleepers[number]));
            }
            (Step::Leave(_), Posture::Waiting | Posture::Called(_)) => self.leave(number),
            (Step::Rest(_), Posture::Awake) => self.postures[number] = Posture::Waiting,
            _ => return false,
        }
        true
    }

    fn leave(&mut self, number: usize) {
        self.postures[number] = Posture::Awake;
        for woken in self.relay.arrive(self.most) {
            let found = self.sleepers.iter().position(|sleeper| Arc::ptr_eq(sleeper, &woken)).expect("one of them");
            if self.postures[found] == Posture::Called(false) {
                self.postures[found] = Posture::Called(true);
            }
        }
    }

    /// Has woken threads leave their wait, and lets nothing else happen.
    fn settle(&mut self) {
        while let Some(number) = self.postures.iter().position(|posture| *posture == Posture::Called(true)) {
            self.leave(number);
        }
    }
}

/// Tries all sequences of this many steps.
fn explore(threads: usize, most: usize, steps: usize) -> usize {
    let all: Vec<_> =
        (0..threads).flat_map(|number| [Step::Call(number), Step::Leave(number), Step::Rest(number)]).collect();
    let mut seen = 0;
    let mut path = vec![0; steps];
    loop {
        let mut model = Model::new(threads, most);
        let taken = path.iter().take_while(|step| model.take(all[**step])).count();
        if taken == steps {
            model.settle();
            let lost = model.postures.iter().any(|posture| matches!(posture, Posture::Called(_)));
            let told: Vec<_> = path.iter().map(|step| all[*step]).collect();
            assert!(!lost, "{told:?} leaves {:?}", model.postures);
            seen += 1;
        }
        // Goes to the next path that differs at the place where this one ended.
        path.iter_mut().skip(taken + 1).for_each(|step| *step = 0);
        let Some(last) = (0..=taken.min(steps - 1)).rev().find(|place| path[*place] + 1 < all.len()) else {
            return seen;
        };
        path[last] += 1;
        path.iter_mut().skip(last + 1).for_each(|step| *step = 0);
    }
}

#[test]
fn whatever_happens_everybody_who_was_called_is_woken() {
    assert!(explore(3, 1, 8) > 10_000);
    assert!(explore(3, 2, 7) > 1_000);
    assert!(explore(4, 1, 6) > 1_000);
}

#[test]
fn a_caller_wakes_one() {
    let mut model = Model::new(20, 1);
    let woken =
        (0..20).filter(|number| model.take(Step::Call(*number)) && model.postures[*number] == Posture::Called(true));

    assert_eq!(woken.count(), 1);
}

/// The counts of records given to and done by a thread at a real seat.
struct Desk {
    seat: Seat,
    given: AtomicU64,
    done: AtomicU64,
}

impl Desk {
    /// Works, and hangs in its work in the rounds that are its turn, until the others have done theirs.
    fn work(&self, number: usize, desks: &[Self], is_over: &AtomicBool, most: Duration) {
        while !is_over.load(Ordering::SeqCst) {
            let given = self.given.load(Ordering::SeqCst);
            if given == self.done.load(Ordering::SeqCst) {
                self.seat.wait(most);
                continue;
            }
            if given as usize % desks.len() == number {
                let others = desks.iter().enumerate().filter(|(other, _)| *other != number);
                others.for_each(|(_, other)| {
                    wait_for(|| other.done.load(Ordering::SeqCst) >= given || is_over.load(Ordering::SeqCst));
                });
            }
            self.done.store(given, Ordering::SeqCst);
        }
    }
}

/// Ends the threads of a test, even if it fails.
struct Closing<'a>(&'a [Desk], &'a AtomicBool);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.1.store(true, Ordering::SeqCst);
        self.0.iter().for_each(|desk| desk.seat.wake());
    }
}

fn wait_for(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < deadline, "a thread sleeps on what it was given");
        thread::yield_now();
    }
}

#[test]
fn threads_that_hang_in_their_work_keep_none_asleep() {
    work_at_desks(false);
}

#[test]
fn threads_that_are_woken_directly_keep_none_asleep() {
    work_at_desks(true);
}

/// Has threads work at desks. If `is_one_woken`, one of them is woken directly now and then, as by a flush.
fn work_at_desks(is_one_woken: bool) {
    const HOUR: Duration = Duration::from_hours(1);
    let desks: Vec<_> =
        (0..6).map(|_| Desk { seat: Seat::default(), given: AtomicU64::new(0), done: AtomicU64::new(0) }).collect();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let _closing = Closing(&desks, &is_over);
        for (number, desk) in desks.iter().enumerate() {
            // One thread wakes up by itself now and then.
            let most = if number == 0 { Duration::from_micros(50) } else { HOUR };
            let (desks, is_over) = (&desks, &is_over);
            scope.spawn(move || desk.work(number, desks, is_over, most));
        }
        scope.spawn(|| {
            while is_one_woken && !is_over.load(Ordering::SeqCst) {
                desks[1].seat.wake();
                thread::yield_now();
            }
        });
        for round in 1..=2_000 {
            for desk in &desks {
                desk.given.store(round, Ordering::SeqCst);
                desk.seat.call();
            }
            wait_for(|| desks.iter().all(|desk| desk.done.load(Ordering::SeqCst) == round));
            // Usually all of them sleep before the next round.
            thread::sleep(Duration::from_micros(round % 4 * 40));
        }
    });
}
