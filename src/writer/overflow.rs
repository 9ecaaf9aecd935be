//! Records that find no room: handling them, and telling their sinks.
//!
//! This runs on the caller's thread. Every dropped record is counted by each sink that it was for: as dropped if the
//! sink wanted it, as filtered if not. The sinks that lost records get a notice in their place, once there is room.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::config::queue::Overflow;
use crate::queue::kept::POSITION;
use crate::queue::ring::ProducerLock;
use crate::queue::timeline::{Event, Gap};
use crate::record::decoded::Record;
use crate::record::encoded::{Kind, header_of, kind_of, length_of, version_for};
use crate::stats::Loss;
use crate::writer::key::PipelineKey;
use crate::writer::pipeline::{EnqueueResult, Pipeline};
use crate::writer::snapshot::Snapshot;
use crate::{clock, site};

/// Whether a dropped record was in the queue, and so is already counted as accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Was {
    Queued,
    New,
}

impl Pipeline {
    /// Applies the queue's `Overflow` to an entry that found no room.
    #[cold]
    pub(super) fn refuse(self: &Arc<Self>, lock: &impl ProducerLock, entry: &[u8]) -> EnqueueResult {
        self.call_writer();
        match self.key.queue().overflow {
            Overflow::Block => return EnqueueResult::Full,
            Overflow::DropOld if self.make_room(lock, entry) => return self.enqueue(lock, entry),
            Overflow::DropOld | Overflow::DropNew => self.drop_new(entry),
        }
        EnqueueResult::Dropped
    }

    /// Drops an entry that found no room, and counts it.
    pub fn drop_new(&self, entry: &[u8]) {
        let snapshot = self.latest();
        count(&snapshot, &self.key, entry, Was::New, Loss::Overflow);
        self.has_gap.store(true, Ordering::Relaxed);
    }

    /// Counts an entry whose sinks are gone; `before` is the snapshot that still had them.
    pub fn drop_closed(&self, before: &Snapshot, entry: &[u8]) {
        count(before, &self.key, entry, Was::New, Loss::Closed);
    }

    /// The snapshot that the next record would follow.
    pub fn latest(&self) -> Arc<Snapshot> {
        Arc::clone(self.timeline.lock().latest())
    }

    /// Whether an entry would reach a sink. False when the sinks are gone, and for a line whose own sink is gone.
    pub fn is_awaited(&self, entry: &[u8]) -> bool {
        let has_sink = |id| self.latest().sinks.iter().any(|active| active.sink.id == id);
        !self.is_closing() && (kind_of(entry) == Kind::Record || has_sink(header_of(entry).site))
    }

    /// Drops the oldest records until there is room for another; false when the engine holds all that are left.
    fn make_room(&self, lock: &impl ProducerLock, entry: &[u8]) -> bool {
        let mut oldest = self.consumer.lock();
        let first = self.ring.popped();
        while !self.has_room_for(lock, entry) && self.drop_oldest(&mut oldest, Loss::Overflow) {}
        let next = self.ring.popped();
        if next > first {
            self.edit_timeline(|timeline| {
                let lost = take_untold(timeline.at(next), &self.key);
                timeline.push_front_gap(first, next, Gap { time_ns: clock::now_ns(), lost });
            });
        }
        self.has_room_for(lock, entry)
    }

    /// Drops one record; `oldest` is the consumer's buffer. False when none waits.
    fn drop_oldest(&self, oldest: &mut Vec<u8>, loss: Loss) -> bool {
        oldest.clear();
        let number = self.ring.popped();
        if self.ring.pop_into(oldest, 1) == 0 {
            return false;
        }
        if self.ring.is_kept() {
            oldest.drain(..POSITION);
        }
        oldest.truncate(length_of(oldest));
        if kind_of(oldest) == Kind::Oversize {
            let record = self.oversize.lock().pop(oldest);
            *oldest = record;
        }
        // Counted under the lock: the last reference to a snapshot must not be dropped while the consumer's lock is
        // held.
        count(self.timeline.lock().at(number), &self.key, oldest, Was::Queued, loss);
        true
    }

    /// Drops all waiting entries.
    pub(super) fn discard(&self, loss: Loss) {
        let mut oldest = self.consumer.lock();
        while self.drop_oldest(&mut oldest, loss) {}
    }

    /// Notes a gap before the next record that is accepted.
    pub(super) fn mark_gap(&self) {
        if !self.has_gap.load(Ordering::Relaxed) || !self.has_gap.swap(false, Ordering::Relaxed) {
            return;
        }
        self.edit_timeline(|timeline| {
            let lost = take_untold(timeline.latest(), &self.key);
            if !lost.is_empty() {
                timeline.push(self.ring.pushed(), Event::Gap(Gap { time_ns: clock::now_ns(), lost }));
            }
        });
    }
}

/// Takes how many records each of the pipeline's sinks lost since its last notice. Sinks that lost none are left out.
fn take_untold(snapshot: &Snapshot, key: &PipelineKey) -> Vec<(u32, u64)> {
    let sinks = snapshot.sinks.iter().map(|active| &active.sink).filter(|sink| key.serves(sink));
    sinks.map(|sink| (sink.id, sink.counts().take_untold())).filter(|(_, count)| *count > 0).collect()
}

/// Counts a dropped entry with each sink it was for. A line was made for one sink, which counted it as accepted.
fn count(snapshot: &Snapshot, key: &PipelineKey, entry: &[u8], was: Was, loss: Loss) {
    let header = header_of(entry);
    let sinks = snapshot.sinks.iter().filter(|active| key.serves(&active.sink));
    if kind_of(entry) != Kind::Record {
        let records = u64::from(kind_of(entry) != Kind::Notice);
        sinks
            .filter(|active| active.sink.id == header.site)
            .for_each(|active| active.sink.counts().add_dropped(loss, records));
        return;
    }
    for active in sinks.filter(|active| active.sink.is_native()) {
        let counts = active.sink.counts();
        if was == Was::New {
            counts.add_accepted(1);
        }
        let version = version_for(entry, active.sink.id);
        let record = Record::decode(version, site::find(header_of(version).site), &snapshot.settings.extra);
        let is_wanted = active.takes(&snapshot.settings, record.header.level) && active.accepts(snapshot, &record);
        let is_in_sample = || active.sink.volume.as_ref().is_none_or(|volume| volume.keeps(&record));
        match is_wanted {
            false => counts.add_filtered(1),
            true if is_in_sample() => counts.add_dropped(loss, 1),
            true => counts.add_dropped(Loss::Sampled, 1),
        }
    }
}
