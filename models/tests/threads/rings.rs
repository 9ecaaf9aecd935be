//! A producer and a consumer at one ring: every record that was taken comes out, whole, once and in order.

use loom::sync::Arc;
use loom::thread;

use crate::explore;
use crate::records::{pop, push, record};
use logly_models::queue::ring::Ring;

/// Has a producer push records of these lengths, after others that were popped or not, while a consumer pops.
fn run(popped_before: &'static [usize], waiting_before: &'static [usize], lengths: &'static [usize]) {
    explore(3, move || {
        let ring = Arc::new(Ring::new(256, None));
        for length in popped_before {
            assert!(push(&ring, &record(200, *length)));
        }
        pop(&ring, usize::MAX);
        let mut expected: Vec<Vec<u8>> = waiting_before.iter().map(|length| record(100, *length)).collect();
        expected.iter().for_each(|record| assert!(push(&ring, record)));

        let producer = {
            let ring = Arc::clone(&ring);
            thread::spawn(move || {
                let records = lengths.iter().enumerate().map(|(number, length)| record(number as u8, *length));
                records.filter(|record| push(&ring, record)).collect::<Vec<_>>()
            })
        };
        let mut found = pop(&ring, 64);
        found.extend(pop(&ring, usize::MAX));
        expected.extend(producer.join().expect("no panic"));
        found.extend(pop(&ring, usize::MAX));

        assert_eq!(found, expected);
        assert!(ring.is_empty() && ring.waiting() == 0 && ring.pushed() == ring.popped());
    });
}

#[test]
fn records_come_out_whole_and_in_order() {
    run(&[], &[], &[40, 64, 32]);
}

#[test]
fn records_that_skip_the_end_of_the_ring_come_out_too() {
    run(&[64, 64, 64], &[], &[40, 40, 32]);
}

#[test]
fn full_ring_takes_a_record_only_after_the_consumer_left_its_bytes() {
    run(&[40], &[64, 64, 64], &[64, 64, 64]);
}

#[test]
fn limit_of_records_holds() {
    explore(3, || {
        let ring = Arc::new(Ring::new(256, Some(1)));
        let producer = {
            let ring = Arc::clone(&ring);
            thread::spawn(move || (0..3).filter(|number| push(&ring, &record(*number, 32))).count())
        };
        let mut found = 0;
        for _ in 0..2 {
            let popped = pop(&ring, usize::MAX).len();
            assert!(popped <= 1);
            found += popped;
        }
        let pushed = producer.join().expect("no panic");
        found += pop(&ring, usize::MAX).len();
        assert_eq!(found, pushed);
    });
}

/// A thread that saw a record pushed finds it, as the count of records that were accepted says.
#[test]
fn record_that_was_announced_is_there() {
    explore(3, || {
        let ring = Arc::new(Ring::new(256, None));
        let producer = {
            let ring = Arc::clone(&ring);
            thread::spawn(move || assert!(push(&ring, &record(1, 32)) && push(&ring, &record(2, 32))))
        };
        let used = ring.used();
        let found = pop(&ring, usize::MAX).len();
        assert!(found >= used / 32);
        producer.join().expect("no panic");
        assert_eq!(found + pop(&ring, usize::MAX).len(), 2);
    });
}
