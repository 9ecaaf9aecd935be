//! Tests of the ring: order, limits and refusals.

use std::sync::Arc;

use proptest::prelude::*;

use crate::sync::Mutex;

use super::*;
use crate::level::INFO;
use crate::record::encoded::{Encoder, HEADER, Header, Section};
use crate::site::NO_SITE;

fn record(number: u64, length: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let header = Header { level: INFO, site: NO_SITE, time_ns: number as i64, thread: 0 };
    let mut encoder = Encoder::start(&mut out, Kind::Record, &header);
    encoder.section(Section::Message, &vec![number as u8; length]);
    encoder.finish();
    out
}

fn read(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let length = length_of(bytes);
        records.push(bytes[..length].to_vec());
        bytes = &bytes[padded(length)..];
    }
    records
}

proptest! {
    #[test]
    fn what_is_pushed_is_popped_in_order(
        lengths in proptest::collection::vec(0usize..900, 1..200),
        pops in proptest::collection::vec(any::<bool>(), 200),
    ) {
        let (ring, lock) = (Ring::new(4096, None), Mutex::new(()));
        let (mut expected, mut got) = (Vec::new(), Vec::new());
        let mut pop = |most: usize| {
            let mut out = Vec::new();
            ring.pop_into(&mut out, most);
            got.append(&mut read(&out));
        };
        for (number, (length, is_popped)) in lengths.iter().zip(&pops).enumerate() {
            let bytes = record(number as u64, *length);
            while !ring.push(&lock.lock(), &bytes) {
                pop(1);
            }
            expected.push(bytes);
            if *is_popped {
                pop(2000);
            }
        }
        while !ring.is_empty() {
            pop(4096);
        }

        prop_assert_eq!(got, expected);
    }
}

#[test]
fn two_threads_lose_nothing() {
    let ring = Arc::new(Ring::new(1 << 14, None));
    let producer = Arc::clone(&ring);
    let count = 100_000u64;
    let thread = std::thread::spawn(move || {
        let lock = Mutex::new(());
        for number in 0..count {
            let bytes = record(number, (number % 97) as usize);
            while !producer.push(&lock.lock(), &bytes) {
                std::thread::yield_now();
            }
        }
    });
    let (mut next, mut out) = (0i64, Vec::new());
    while next < count as i64 {
        out.clear();
        ring.pop_into(&mut out, 1 << 12);
        for bytes in read(&out) {
            let header = crate::record::encoded::header_of(&bytes);
            assert_eq!(header.time_ns, next);
            assert_eq!(bytes.len(), HEADER + 5 + (next as usize % 97));
            next += 1;
        }
    }

    thread.join().expect("the producer ends");
}

#[test]
fn a_limit_of_records_holds_until_one_is_popped() {
    let (ring, lock) = (Ring::new(4096, Some(2)), Mutex::new(()));
    let bytes = record(1, 8);

    let taken = (0..3).filter(|_| ring.push(&lock.lock(), &bytes)).count();
    let mut out = Vec::new();
    let popped = ring.pop_into(&mut out, 1);

    assert_eq!((taken, popped, ring.waiting()), (2, 1, 1));
    assert!(ring.has_room_for(&lock.lock(), 8) && ring.push(&lock.lock(), &bytes));
    assert!(!ring.has_room_for(&lock.lock(), 8));
}

#[test]
fn a_record_popped_alone_is_the_oldest() {
    let (ring, lock) = (Ring::new(4096, None), Mutex::new(()));
    for number in 0..3 {
        assert!(ring.push(&lock.lock(), &record(number, 1)));
    }
    let mut out = Vec::new();

    assert_eq!(ring.pop_into(&mut out, 1), 1);
    assert_eq!(read(&out), [record(0, 1)]);
    assert_eq!((ring.popped(), ring.waiting()), (1, 2));
}

#[test]
fn it_is_half_full_by_bytes_or_by_records() {
    let (by_bytes, by_records, lock) = (Ring::new(4096, None), Ring::new(4096, Some(3)), Mutex::new(()));

    assert!(by_bytes.push(&lock.lock(), &record(1, 900)) && !by_bytes.is_half_full());
    assert!((0..2).all(|_| by_bytes.push(&lock.lock(), &record(1, 900))) && by_bytes.is_half_full());
    assert!(by_records.push(&lock.lock(), &record(1, 1)) && !by_records.is_half_full());
    assert!(by_records.push(&lock.lock(), &record(1, 1)) && by_records.is_half_full());
}

#[test]
fn an_emptied_ring_has_no_records() {
    assert_eq!(whole_records(&[0; 64], 1000), (0, 0, 64));
}

#[test]
fn a_ring_that_no_memory_is_left_for_is_smaller() {
    let ring = Ring::new(1 << 62, None);

    let lock = Mutex::new(());
    assert!(ring.capacity() >= SMALLEST && ring.capacity() < 1 << 62);
    assert!(ring.push(&lock.lock(), &record(1, 8)));
}

#[test]
fn a_full_ring_refuses() {
    let (ring, lock) = (Ring::new(4096, None), Mutex::new(()));
    let bytes = record(1, 900);

    let taken = (0..10).filter(|_| ring.push(&lock.lock(), &bytes)).count();

    assert_eq!(taken, 4);
    assert_eq!(ring.pushed(), 4);
}
