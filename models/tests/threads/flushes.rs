//! Flushes: a request is served only when all records that were accepted before it are written.
//!
//! The ring and the seat are those of the product. The counters of requests are modelled here, as `Pipeline` has them
//! among engine and files, which no model can run.

use std::time::Duration;

use loom::sync::Arc;
use loom::thread;

use crate::explore;
use crate::records::{pop, push, record};
use logly_models::queue::ring::Ring;
use logly_models::queue::seat::Seat;
use logly_models::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use logly_models::sync::{Condvar, Mutex};

/// The parts of a pipeline that a flush needs.
struct Pipeline {
    ring: Ring,
    seat: Seat,
    requested: AtomicU64,
    /// The last request that was served.
    served: Mutex<u64>,
    progressed: Condvar,
    written: AtomicU64,
    is_closing: AtomicBool,
}

impl Pipeline {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            ring: Ring::new(256, None),
            seat: Seat::default(),
            requested: AtomicU64::new(0),
            served: Mutex::new(0),
            progressed: Condvar::default(),
            written: AtomicU64::new(0),
            is_closing: AtomicBool::new(false),
        })
    }

    /// As `request_flush` and `wait_flush`.
    fn flush(&self) {
        let ticket = self.requested.fetch_add(1, Ordering::AcqRel) + 1;
        self.seat.wake();
        let mut served = self.served.lock();
        while *served < ticket {
            self.progressed.wait(&mut served);
        }
    }

    /// As `pump_background` and `drain`.
    fn pump(&self) {
        let ticket = self.requested.load(Ordering::Acquire);
        let mark = self.ring.pushed();
        while self.ring.popped() < mark {
            let records = pop(&self.ring, usize::MAX).len();
            if records == 0 {
                break;
            }
            self.written.fetch_add(records as u64, Ordering::AcqRel);
        }
        let is_awaited = *self.served.lock() < ticket;
        *self.served.lock() = ticket;
        if is_awaited {
            self.progressed.notify_all();
        }
    }

    /// As `run` and `park` of the writer's thread.
    fn run(&self) {
        loop {
            let is_closing = self.is_closing.load(Ordering::Acquire);
            self.pump();
            if is_closing && self.ring.is_empty() {
                return;
            }
            let has_requests = *self.served.lock() < self.requested.load(Ordering::Acquire);
            if self.ring.is_empty() && !has_requests && !self.is_closing.load(Ordering::Acquire) {
                self.seat.wait(Duration::from_secs(1));
            }
        }
    }

    fn close(&self) {
        self.is_closing.store(true, Ordering::Release);
        self.seat.wake();
    }
}

#[test]
fn flush_returns_when_earlier_records_are_written() {
    explore(2, || {
        let pipeline = Pipeline::new();
        let writer = {
            let pipeline = Arc::clone(&pipeline);
            thread::spawn(move || pipeline.run())
        };
        assert!(push(&pipeline.ring, &record(1, 32)));
        pipeline.flush();
        assert_eq!(pipeline.written.load(Ordering::Acquire), 1);
        assert!(push(&pipeline.ring, &record(2, 32)));
        pipeline.close();
        writer.join().expect("no panic");
        assert_eq!(pipeline.written.load(Ordering::Acquire), 2);
    });
}

#[test]
fn each_of_two_flushes_returns() {
    explore(1, || {
        let pipeline = Pipeline::new();
        let writer = {
            let pipeline = Arc::clone(&pipeline);
            thread::spawn(move || pipeline.run())
        };
        let other = {
            let pipeline = Arc::clone(&pipeline);
            thread::spawn(move || pipeline.flush())
        };
        assert!(push(&pipeline.ring, &record(1, 32)));
        pipeline.flush();
        assert_eq!(pipeline.written.load(Ordering::Acquire), 1);
        other.join().expect("no panic");
        pipeline.close();
        writer.join().expect("no panic");
    });
}
