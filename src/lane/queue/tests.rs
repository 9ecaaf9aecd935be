//! Tests of a lane from both ends: enqueueing records and taking them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::queue::{Overflow, QueueOptions};
use crate::lane::chunks::{Item, Load};
use crate::lane::queue::{EnqueueResult, Lane, Last, Outcome};
use crate::level::INFO;
use crate::record::encoded::{Encoder, Header, Kind, Section};
use crate::site::NO_SITE;
use crate::stats::Loss;
use crate::writer::snapshot::Snapshot;

fn lane(overflow: Overflow, most_records: u64) -> Arc<Lane> {
    let lane = Lane::new(
        QueueOptions { overflow, most_records: Some(most_records), ..QueueOptions::default() },
        Last::Dropped,
        false,
    );
    assert!(lane.attend());
    lane
}

fn snapshot() -> Arc<Snapshot> {
    Arc::new(Snapshot { settings: Arc::default(), sinks: Vec::new(), lanes: Vec::new(), start_ns: 0 })
}

fn record(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let header = Header { level: INFO, site: NO_SITE, time_ns: 0, thread: 0 };
    let mut encoder = Encoder::start(&mut bytes, Kind::Record, &header);
    encoder.section(Section::Message, text.as_bytes());
    encoder.finish();
    bytes
}

/// Takes the next item: the end of a record's text, or the number of missing records.
fn next(lane: &Lane) -> Option<String> {
    let mut bytes = Vec::new();
    let (_, item) = lane.take(&mut bytes, &mut None)?;
    drop(lane.finish(Outcome::Written));
    Some(match item {
        Item::Record => String::from_utf8(bytes[37..].to_vec()).expect("the text of the test"),
        Item::Notice(count) => format!("<{count}>"),
    })
}

fn all(lane: &Lane) -> Vec<String> {
    std::iter::from_fn(|| next(lane)).collect()
}

#[test]
fn records_come_out_in_order_with_the_snapshot_they_were_accepted_under() {
    let lane = lane(Overflow::DropNew, 1000);
    let snapshots = [snapshot(), snapshot()];
    for (number, snapshot) in [0, 0, 1].into_iter().enumerate() {
        assert_eq!(lane.enqueue(&record(&number.to_string()), 0, &snapshots[snapshot], &mut None), EnqueueResult::Done);
    }

    let mut bytes = Vec::new();
    for expected in [0, 0, 1] {
        let (snapshot, _) = lane.take(&mut bytes, &mut None).expect("a record");
        drop(lane.finish(Outcome::Written));
        assert!(
            snapshot
                .is_some_and(|snapshot| std::ptr::addr_eq(Arc::as_ptr(&snapshot), Arc::as_ptr(&snapshots[expected])))
        );
    }
    assert!(lane.take(&mut bytes, &mut None).is_none());
}

#[test]
fn the_newest_are_dropped_and_told_before_the_next() {
    let (lane, snapshot) = (lane(Overflow::DropNew, 2), snapshot());
    for text in ["a", "b", "c", "d"] {
        lane.enqueue(&record(text), 0, &snapshot, &mut None);
    }
    let first = [next(&lane), next(&lane)];
    lane.enqueue(&record("e"), 0, &snapshot, &mut None);

    assert_eq!(first, [Some("a".to_owned()), Some("b".to_owned())]);
    assert_eq!(all(&lane), ["<2>", "e"]);
}

#[test]
fn what_was_dropped_last_is_told_though_nothing_follows() {
    let (lane, snapshot) = (lane(Overflow::DropNew, 1), snapshot());
    for text in ["a", "b"] {
        lane.enqueue(&record(text), 0, &snapshot, &mut None);
    }

    assert_eq!(all(&lane), ["a", "<1>"]);
}

#[test]
fn the_oldest_are_dropped_and_told_in_their_place() {
    let (lane, snapshot) = (lane(Overflow::DropOld, 2), snapshot());
    for text in ["a", "b", "c", "d"] {
        lane.enqueue(&record(text), 0, &snapshot, &mut None);
    }

    assert_eq!(all(&lane), ["<2>", "c", "d"]);
}

#[test]
fn a_full_lane_that_blocks_is_waited_for_once() {
    let (lane, snapshot) = (lane(Overflow::Block, 1), snapshot());
    lane.enqueue(&record("a"), 0, &snapshot, &mut None);

    assert_eq!(lane.enqueue(&record("b"), 0, &snapshot, &mut None), EnqueueResult::Full);
    lane.give_up(true);
    assert_eq!(lane.enqueue(&record("c"), 0, &snapshot, &mut None), EnqueueResult::Done);
    next(&lane);
    lane.enqueue(&record("d"), 0, &snapshot, &mut None);

    assert_eq!(lane.enqueue(&record("e"), 0, &snapshot, &mut None), EnqueueResult::Full);
    assert_eq!(lane.tally().dropped[Loss::Overflow as usize], 2);
}

#[test]
fn a_wait_that_was_cut_short_says_nothing_of_the_next() {
    let (lane, snapshot) = (lane(Overflow::Block, 1), snapshot());
    lane.enqueue(&record("a"), 0, &snapshot, &mut None);
    lane.enqueue(&record("b"), 0, &snapshot, &mut None);

    lane.give_up(false);

    assert_eq!(lane.enqueue(&record("c"), 0, &snapshot, &mut None), EnqueueResult::Full);
    assert_eq!(lane.tally().dropped[Loss::Overflow as usize], 1);
}

#[test]
fn every_record_is_counted_once_at_any_moment() {
    let (lane, snapshot) = (lane(Overflow::DropOld, 3), snapshot());
    let mut bytes = Vec::new();
    for outcome in [Outcome::Written, Outcome::Filtered, Outcome::Lost(Loss::SinkError)] {
        for _ in 0..5 {
            lane.enqueue(&record("r"), 0, &snapshot, &mut None);
        }
        while matches!(lane.take(&mut bytes, &mut None), Some((_, Item::Notice(_)))) {
            drop(lane.finish(Outcome::Written));
        }
        assert_eq!(lane.tally().pending(), 3);
        drop(lane.finish(outcome));
    }
    lane.count_lost(Loss::Reentrant);
    lane.counts().add_filtered(1);

    let tally = lane.tally();
    assert_eq!((tally.accepted, tally.written, tally.filtered, tally.pending()), (17, 1, 2, 2));
    assert_eq!(tally.dropped, [10, 0, 1, 1, 0, 0, 0]);
}

#[test]
fn a_record_in_hand_is_waited_for() {
    let (lane, snapshot) = (lane(Overflow::DropOld, 1), snapshot());
    lane.enqueue(&record("a"), 0, &snapshot, &mut None);
    let ticket = lane.enqueued();
    lane.take(&mut Vec::new(), &mut None);
    for text in ["b", "c", "d"] {
        lane.enqueue(&record(text), 0, &snapshot, &mut None);
    }

    assert!(!lane.wait_handled(ticket, Instant::now()));
    drop(lane.finish(Outcome::Written));
    assert!(lane.wait_handled(ticket, Instant::now()));
    assert!(!lane.wait_handled(lane.enqueued(), Instant::now()));
}

#[test]
fn a_closed_lane_takes_nothing_and_its_thread_ends_when_it_is_empty() {
    let (lane, snapshot) = (lane(Overflow::DropNew, 10), snapshot());
    lane.enqueue(&record("a"), 0, &snapshot, &mut None);
    lane.close();

    assert_eq!(lane.enqueue(&record("b"), 0, &snapshot, &mut None), EnqueueResult::Closed);
    assert!(lane.wait(Instant::now() + Duration::from_hours(1)));
    assert_eq!(all(&lane), ["a"]);
    assert!(!lane.wait(Instant::now()));
}

#[test]
fn what_is_given_up_is_counted_with_what_is_in_hand() {
    let (lane, snapshot) = (lane(Overflow::DropNew, 10), snapshot());
    for text in ["a", "b", "c"] {
        lane.enqueue(&record(text), 0, &snapshot, &mut None);
    }
    lane.take(&mut Vec::new(), &mut None);

    assert_eq!(lane.abandon(Loss::ExitTimeout), 3);
    drop(lane.finish(Outcome::Written));

    let tally = lane.tally();
    assert_eq!((tally.written, tally.pending(), tally.dropped[Loss::ExitTimeout as usize]), (0, 0, 3));
}

#[test]
fn the_first_record_finds_nobody_to_empty_the_lane() {
    let lane = Lane::new(QueueOptions::default(), Last::Dropped, false);

    assert_eq!(lane.enqueue(&record("a"), 0, &snapshot(), &mut None), EnqueueResult::Unattended);
    assert_eq!(lane.enqueue(&record("b"), 0, &snapshot(), &mut None), EnqueueResult::Done);
    lane.empty_inline();
    assert_eq!(lane.enqueue(&record("c"), 0, &snapshot(), &mut None), EnqueueResult::Inline);
    assert!(lane.attend() && !lane.attend());
}

#[test]
fn callers_make_way_for_a_lane_that_the_end_of_the_process_waits_for() {
    let (lane, snapshot) = (lane(Overflow::DropNew, 1_000_000), snapshot());

    lane.press(true);
    let pressed = lane.enqueue(&record("a"), 0, &snapshot, &mut None);
    lane.press(false);
    let after = lane.enqueue(&record("b"), 0, &snapshot, &mut None);

    assert_eq!((pressed, after), (EnqueueResult::Pressed, EnqueueResult::Done));
}

#[test]
fn no_thread_is_made_for_a_lane_that_has_somebody() {
    let lane = Lane::new(QueueOptions::default(), Last::Dropped, false);

    assert!(lane.begin());
    assert!(!lane.begin());
    lane.empty_inline();
    assert!(!lane.begin());
    assert!(lane.attend());
}

/// Enqueues a record that takes this many bytes with its load.
fn enqueue_with_load(lane: &Arc<Lane>, snapshot: &Arc<Snapshot>, text: &str, bytes: usize) -> EnqueueResult {
    let record = record(text);
    let mut load = Some(Load { item: Box::new(()), bytes: bytes - record.len(), is_notice: false });
    let result = lane.enqueue(&record, 0, snapshot, &mut load);
    assert_eq!(load.is_none(), result == EnqueueResult::Done);
    result
}

fn lane_of_bytes(overflow: Overflow, bytes: usize) -> Arc<Lane> {
    let lane = Lane::new(QueueOptions { overflow, bytes, ..QueueOptions::default() }, Last::Dropped, false);
    assert!(lane.attend());
    lane
}

#[test]
fn loads_take_room_until_their_records_are_taken() {
    let (lane, snapshot) = (lane_of_bytes(Overflow::Block, 1_000), snapshot());
    let enqueue = |text, bytes| enqueue_with_load(&lane, &snapshot, text, bytes);

    assert_eq!(
        [enqueue("a", 400), enqueue("b", 500), enqueue("c", 101)],
        [EnqueueResult::Done, EnqueueResult::Done, EnqueueResult::Full]
    );
    assert!(lane.wait_for_room(100, Instant::now()));
    next(&lane);
    assert_eq!([enqueue("d", 500), enqueue("e", 101)], [EnqueueResult::Done, EnqueueResult::Full]);
    assert_eq!(all(&lane), ["b", "d"]);
    assert_eq!(enqueue("f", 100_000), EnqueueResult::Done);
}

#[test]
fn old_records_make_room_with_their_loads() {
    let (lane, snapshot) = (lane_of_bytes(Overflow::DropOld, 1_000), snapshot());
    for (text, bytes) in [("a", 500), ("b", 100), ("c", 300), ("d", 600)] {
        enqueue_with_load(&lane, &snapshot, text, bytes);
    }

    assert_eq!(all(&lane), ["<1>", "b", "c", "d"]);
}

#[test]
fn a_lane_is_half_full_with_its_loads() {
    let (lane, snapshot) = (lane_of_bytes(Overflow::DropOld, 1_000), snapshot());
    for text in ["a", "b", "c", "d", "e", "f"] {
        enqueue_with_load(&lane, &snapshot, text, 250);
    }
    let first = next(&lane);
    enqueue_with_load(&lane, &snapshot, "g", 250);
    enqueue_with_load(&lane, &snapshot, "h", 250);

    // A notice was taken just now; the next one comes when the queue is half empty.
    assert_eq!(first.as_deref(), Some("<2>"));
    assert_eq!(all(&lane), ["e", "f", "<2>", "g", "h"]);
}

#[test]
fn records_of_all_sizes_fill_chunks_and_empty_them() {
    let (lane, snapshot) = (lane(Overflow::DropNew, 1_000_000), snapshot());
    let texts: Vec<_> = (0..2_000).map(|number| "x".repeat(number * 7 % 3_000)).collect();
    for text in &texts {
        assert_eq!(lane.enqueue(&record(text), 0, &snapshot, &mut None), EnqueueResult::Done);
    }

    assert_eq!(all(&lane), texts);
}

/// Closes the lanes at the end of a test, even if it fails.
struct Closing<'a>(&'a [Arc<Lane>]);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        for lane in self.0 {
            lane.close();
        }
    }
}

#[test]
fn lanes_that_hang_keep_the_threads_of_no_others_asleep() {
    let (lanes, snapshot): (Vec<_>, _) = ((0..6).map(|_| lane(Overflow::DropNew, 100)).collect(), snapshot());
    let have = |lane: &Arc<Lane>, records| lane.counts().written() >= records || lane.state.lock().is_closed;
    std::thread::scope(|scope| {
        let _closing = Closing(&lanes);
        for (number, lane) in lanes.iter().enumerate() {
            let lanes = &lanes;
            scope.spawn(move || {
                let mut taken = 0;
                while lane.wait(Instant::now()) {
                    while lane.take(&mut Vec::new(), &mut None).is_some() {
                        taken += 1;
                        // Each lane in turn waits in its work for all the others.
                        if taken as usize % lanes.len() == number {
                            let others = lanes.iter().filter(|other| !Arc::ptr_eq(other, lane));
                            others.for_each(|other| wait_for(|| have(other, taken)));
                        }
                        drop(lane.finish(Outcome::Written));
                    }
                }
            });
        }
        for round in 1..=600 {
            for lane in &lanes {
                lane.enqueue(&record("r"), 0, &snapshot, &mut None);
            }
            wait_for(|| lanes.iter().all(|lane| have(lane, round)));
            // Usually all of them are parked before the next round.
            std::thread::sleep(Duration::from_millis(round % 3 * 2));
        }
    });
}

fn wait_for(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < deadline, "a thread sleeps on what it was given");
        std::thread::yield_now();
    }
}
