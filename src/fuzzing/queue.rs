//! The ring and the records outside it: whatever is pushed comes out, once and in order, within its bounds.

use std::collections::VecDeque;

use super::input::Input;
use crate::level::INFO;
use crate::queue::oversize::Oversize;
use crate::queue::ring::{Ring, padded};
use crate::record::encoded::{Encoder, HEADER, Header, Kind, Section, kind_of, length_of};
use crate::sync::Mutex;

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let most = input.flag().then(|| 1 + input.below(8) as u64);
    let ring = Ring::new(4096, most);
    let (lock, mut oversize) = (Mutex::new(()), Oversize::default());
    let (mut waiting, mut pushed, mut popped) = (VecDeque::new(), 0, 0);
    while !input.is_empty() {
        if input.below(4) == 0 {
            let found = pop(&ring, &mut oversize, usize::from(input.byte()) * 16);
            popped += found.len() as u64;
            for record in found {
                assert_eq!(Some(record), waiting.pop_front());
            }
        } else {
            let record = record(pushed, usize::from(input.byte()) * 8 + usize::from(input.byte()));
            let held = lock.lock();
            let is_taken = if record.len() > ring.longest() {
                ring.has_room_for(&held, HEADER)
                    && oversize.has_room_for(record.len(), ring.capacity())
                    && ring.push(&held, &oversize.push(&record))
            } else {
                let has_room = ring.has_room_for(&held, record.len());
                assert_eq!(ring.push(&held, &record), has_room);
                has_room
            };
            if is_taken {
                pushed += 1;
                waiting.push_back(record);
            } else {
                assert!(!waiting.is_empty(), "an empty queue has room");
            }
        }
        assert_eq!((ring.pushed(), ring.popped(), ring.waiting()), (pushed, popped, waiting.len() as u64));
        assert!(ring.used() <= ring.capacity() && ring.waiting() <= most.unwrap_or(u64::MAX));
        assert_eq!(ring.is_empty(), waiting.is_empty());
    }
    let found = pop(&ring, &mut oversize, usize::MAX);
    assert!(found.iter().eq(waiting.iter()));
}

/// A record with a message of this length.
fn record(number: u64, length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let header = Header { level: INFO, site: 0, time_ns: number as i64, thread: 7 };
    let mut encoder = Encoder::start(&mut bytes, Kind::Record, &header);
    encoder.section(Section::Message, &vec![number as u8; length]);
    encoder.finish();
    bytes
}

fn pop(ring: &Ring, oversize: &mut Oversize, most: usize) -> Vec<Vec<u8>> {
    let (mut bytes, mut found) = (Vec::new(), Vec::new());
    let count = ring.pop_into(&mut bytes, most);
    let mut at = 0;
    while at < bytes.len() {
        let length = length_of(&bytes[at..]);
        let entry = &bytes[at..at + length];
        found.push(if kind_of(entry) == Kind::Oversize { oversize.pop(entry) } else { entry.to_vec() });
        at += padded(length);
    }
    assert_eq!(found.len(), count);
    found
}
