//! Threads that wait at their seats for records: none of them sleeps on a record that it was called for.
//!
//! Seats, relay and ring are those of the product. The flag that a writer is parked is modelled here, since loom has no
//! `membarrier`: a fence in the caller stands for the one that the kernel puts into each thread.

use std::time::Duration;

use loom::sync::Arc;
use loom::thread;

use crate::explore;
use crate::records::{pop, push, record};
use logly_models::queue::ring::Ring;
use logly_models::queue::seat::Seat;
use logly_models::sync::atomic::{AtomicBool, Ordering, fence};

const LONG: Duration = Duration::from_secs(1);

/// A queue and the seat of its thread.
struct Desk {
    seat: Seat,
    ring: Ring,
    is_parked: AtomicBool,
}

impl Desk {
    fn new() -> Arc<Self> {
        Arc::new(Self { seat: Seat::default(), ring: Ring::new(256, None), is_parked: AtomicBool::new(false) })
    }

    /// Waits at the seat until so many records came.
    fn take(&self, count: usize) {
        let mut found = 0;
        while found < count {
            let popped = pop(&self.ring, usize::MAX).len();
            found += popped;
            if popped == 0 {
                self.seat.wait(LONG);
            }
        }
        assert_eq!(found, count);
    }

    fn push_and_call(&self, number: u8) {
        assert!(push(&self.ring, &record(number, 32)));
        self.seat.call();
    }

    /// A caller's side of the flag, as in `Pipeline::enqueue` and `Writer::rouse`.
    fn push_to_parked(&self, number: u8) {
        assert!(push(&self.ring, &record(number, 32)));
        fence(Ordering::SeqCst);
        if self.is_parked.load(Ordering::Relaxed) {
            self.is_parked.store(false, Ordering::Relaxed);
            self.seat.call();
        }
    }

    /// The writer's side of the flag, as in `park` of the writer's thread.
    fn park(&self) {
        self.is_parked.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        while self.is_parked.load(Ordering::SeqCst) && self.ring.is_empty() {
            self.seat.wait(LONG);
        }
        self.is_parked.store(false, Ordering::SeqCst);
    }
}

#[test]
fn called_thread_finds_its_records() {
    explore(3, || {
        let desk = Desk::new();
        let worker = {
            let desk = Arc::clone(&desk);
            thread::spawn(move || desk.take(2))
        };
        desk.push_and_call(1);
        desk.push_and_call(2);
        worker.join().expect("no panic");
    });
}

#[test]
fn each_of_two_threads_is_woken_by_the_caller_or_by_the_other() {
    explore(2, || {
        let desks = [Desk::new(), Desk::new()];
        let workers = desks.clone().map(|desk| thread::spawn(move || desk.take(1)));
        desks.iter().for_each(|desk| desk.push_and_call(1));
        workers.into_iter().for_each(|worker| worker.join().expect("no panic"));
    });
}

#[test]
fn thread_that_is_woken_while_it_is_called_finds_its_record() {
    explore(3, || {
        let desk = Desk::new();
        let worker = {
            let desk = Arc::clone(&desk);
            thread::spawn(move || desk.take(1))
        };
        let waker = {
            let desk = Arc::clone(&desk);
            thread::spawn(move || desk.seat.wake())
        };
        desk.push_and_call(1);
        waker.join().expect("no panic");
        worker.join().expect("no panic");
    });
}

#[test]
fn parked_writer_is_woken_by_the_first_record() {
    explore(3, || {
        let desk = Desk::new();
        let writer = {
            let desk = Arc::clone(&desk);
            thread::spawn(move || {
                let mut found = 0;
                while found < 2 {
                    desk.park();
                    found += pop(&desk.ring, usize::MAX).len();
                }
            })
        };
        desk.push_to_parked(1);
        desk.push_to_parked(2);
        writer.join().expect("no panic");
    });
}
