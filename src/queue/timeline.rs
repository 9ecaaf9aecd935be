//! Events between the records of one pipeline: changes of the logger, and gaps.
//!
//! Each event has the number of a record, counted from the first that was enqueued, and takes effect before that
//! record. Callers add events here and the engine takes them. The lock for this is not held during Python code or file
//! access.

use std::collections::VecDeque;
use std::sync::Arc;

/// The position of the next event when there is none.
pub const NO_EVENT: u64 = u64::MAX;

pub enum Event<S> {
    /// The records after this follow another snapshot.
    Change(Arc<S>),
    /// Records were dropped here for lack of room.
    Gap(Gap),
}

/// A place where records are missing, with the number that each sink would have got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub time_ns: i64,
    /// Ids of sinks, and counts.
    pub lost: Vec<(u32, u64)>,
}

/// The events of a pipeline; `S` is a snapshot of its logger.
pub struct Timeline<S> {
    /// The snapshot that the next record of the engine follows, unless an event comes first.
    in_force: Arc<S>,
    /// Ordered by position.
    events: VecDeque<(u64, Event<S>)>,
}

impl<S> Timeline<S> {
    pub fn new(snapshot: Arc<S>) -> Self {
        Self { in_force: snapshot, events: VecDeque::new() }
    }

    /// The position of the first event.
    pub fn next(&self) -> u64 {
        self.events.front().map_or(NO_EVENT, |(position, _)| *position)
    }

    /// The snapshot that the next record to be enqueued follows.
    pub fn latest(&self) -> &Arc<S> {
        self.at(u64::MAX)
    }

    /// The snapshot that the record of this number follows, or followed.
    pub fn at(&self, number: u64) -> &Arc<S> {
        let earlier = self.events.iter().rev().skip_while(|(position, _)| *position > number);
        let mut changes = earlier.filter_map(|(_, event)| match event {
            Event::Change(snapshot) => Some(snapshot),
            Event::Gap(_) => None,
        });
        changes.next().unwrap_or(&self.in_force)
    }

    /// Adds an event after all others; `position` is that of the next record to be enqueued.
    pub fn push(&mut self, position: u64, event: Event<S>) {
        self.events.push_back((position, event));
    }

    /// Changes the snapshot from the next record to be enqueued, which has this position. Returns a replaced snapshot
    /// that no record follows.
    pub fn change(&mut self, position: u64, snapshot: Arc<S>) -> Option<Arc<S>> {
        match self.events.back_mut() {
            Some((known, Event::Change(last))) if *known == position => Some(std::mem::replace(last, snapshot)),
            _ => {
                self.push(position, Event::Change(snapshot));
                None
            }
        }
    }

    /// Notes that the oldest records were dropped, from `first` up to `next`, which is now the oldest. Records dropped
    /// right before them belong to the same gap.
    pub fn push_front_gap(&mut self, first: u64, next: u64, mut gap: Gap) {
        let is_same = |(position, event): &(u64, Event<S>)| *position == first && matches!(event, Event::Gap(_));
        if let Some(at) = self.events.iter().position(is_same)
            && let Some((_, Event::Gap(before))) = self.events.remove(at)
        {
            gap = before.and(gap);
        }
        let at = self.events.iter().position(|(position, _)| *position > next).unwrap_or(self.events.len());
        self.events.insert(at, (next, Event::Gap(gap)));
    }

    /// Takes the first event that is due before the record of this number or an earlier one.
    pub fn take_due(&mut self, number: u64) -> Option<Event<S>> {
        if self.next() > number {
            return None;
        }
        let (_, event) = self.events.pop_front()?;
        if let Event::Change(snapshot) = &event {
            self.in_force = Arc::clone(snapshot);
        }
        Some(event)
    }
}

impl Gap {
    fn and(mut self, later: Self) -> Self {
        for (sink, count) in later.lost {
            match self.lost.iter_mut().find(|(known, _)| *known == sink) {
                Some((_, known)) => *known += count,
                None => self.lost.push((sink, count)),
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::snapshot::Snapshot;

    fn snapshot(start_ns: i64) -> Arc<Snapshot> {
        Arc::new(Snapshot { settings: Arc::default(), sinks: Vec::new(), lanes: Vec::new(), start_ns })
    }

    fn gap(lost: &[(u32, u64)]) -> Gap {
        Gap { time_ns: 0, lost: lost.to_vec() }
    }

    #[test]
    fn a_record_follows_the_last_change_before_it() {
        let mut timeline = Timeline::new(snapshot(1));
        timeline.push(5, Event::Change(snapshot(2)));
        timeline.push(5, Event::Gap(gap(&[])));
        timeline.push(9, Event::Change(snapshot(3)));

        assert_eq!([4, 5, 8, 9].map(|number| timeline.at(number).start_ns), [1, 2, 2, 3]);
        assert_eq!(timeline.latest().start_ns, 3);
    }

    #[test]
    fn changes_without_a_record_between_them_are_one() {
        let mut timeline = Timeline::new(snapshot(1));
        let replaced = [2, 3, 4].map(|start| timeline.change(5, snapshot(start)).map(|held| held.start_ns));
        timeline.change(6, snapshot(5));

        assert_eq!(replaced, [None, Some(2), Some(3)]);
        assert!(matches!(timeline.take_due(5), Some(Event::Change(change)) if change.start_ns == 4));
        assert_eq!((timeline.next(), timeline.latest().start_ns), (6, 5));
    }

    #[test]
    fn events_are_due_in_order_and_not_before_their_record() {
        let mut timeline = Timeline::new(snapshot(1));
        timeline.push(5, Event::Change(snapshot(2)));

        assert!(timeline.take_due(4).is_none());
        assert_eq!(timeline.next(), 5);
        assert!(matches!(timeline.take_due(5), Some(Event::Change(_))));
        assert_eq!((timeline.next(), timeline.at(0).start_ns), (NO_EVENT, 2));
    }

    #[test]
    fn dropped_neighbours_are_one_gap_behind_the_changes_among_them() {
        let mut timeline = Timeline::new(snapshot(1));
        timeline.push(3, Event::Change(snapshot(2)));
        timeline.push(8, Event::Change(snapshot(3)));

        timeline.push_front_gap(0, 2, gap(&[(0, 2)]));
        timeline.push_front_gap(2, 5, gap(&[(0, 3), (1, 2)]));

        assert!(matches!(timeline.take_due(5), Some(Event::Change(_))));
        let Some(Event::Gap(found)) = timeline.take_due(5) else { panic!("expected the gap") };
        assert_eq!(found.lost, [(0, 5), (1, 2)]);
        assert_eq!(timeline.next(), 8);
    }

    #[test]
    fn what_was_dropped_before_records_that_were_taken_is_another_gap() {
        let mut timeline = Timeline::new(snapshot(1));

        timeline.push_front_gap(0, 2, gap(&[(0, 2)]));
        timeline.push_front_gap(4, 5, gap(&[(0, 1)]));

        assert_eq!(timeline.next(), 2);
        assert!(timeline.take_due(2).is_some() && timeline.next() == 5);
    }
}
