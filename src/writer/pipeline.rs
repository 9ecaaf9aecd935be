//! A pipeline: one queue and the engine that empties it.
//!
//! A background pipeline has a writer thread. The inline one has none: the caller that enqueued runs the engine. It
//! also handles the entries that other callers enqueued before, so that lines keep the order in which records were
//! accepted. A background pipeline works like that too once the process ends, or when no thread can be made.
//!
//! A pipeline belongs to one process. A forked child leaves the parent's pipeline alone and makes its own.

mod ended;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::level::ERROR;
use crate::process::ending::{self, Ending};
use crate::process::exiting;
use crate::process::per_process::ProcessMark;
use crate::queue::oversize::{MARK, Oversize};
use crate::queue::ring::{ProducerLock, Ring, padded};
use crate::queue::timeline::{Event, NO_EVENT, Timeline};
use crate::record::encoded::{Kind, kind_of, length_of, level_no_of};
use crate::sync::{Condvar, Mutex, MutexGuard};
use crate::writer::engine::Engine;
use crate::writer::key::PipelineKey;
use crate::writer::pipeline::ending::LAST_WAIT;
use crate::writer::snapshot::Snapshot;
use crate::writer::ticker;
use crate::writer::writer_thread::{Pumped, Writer};

/// Bytes taken from the queue at a time.
const BATCH: usize = 256 * 1024;

/// A ring that had to be smaller than this gets no thread, because memory is scarce.
const SMALL: usize = 64 * 1024;

pub struct Pipeline {
    pub(super) key: PipelineKey,
    process: ProcessMark,
    pub(super) ring: Ring,
    /// Held by the thread that takes records out of the ring: the engine, or a caller that drops the oldest. It is
    /// never held during a wait.
    pub(super) consumer: Mutex<Vec<u8>>,
    pub(super) oversize: Mutex<Oversize>,
    /// Lines among the entries ever enqueued, each for one sink.
    lines: AtomicU64,
    pub(super) timeline: Mutex<Timeline<Snapshot>>,
    next_event: AtomicU64,
    /// Whether records were dropped that no event reports yet.
    pub(super) has_gap: AtomicBool,
    pub(super) work: Mutex<Work>,
    /// Records that the engine has handled.
    done: AtomicU64,
    /// Flushes requested.
    requested: AtomicU64,
    progress: Mutex<Progress>,
    progressed: Condvar,
    room: Condvar,
    room_lock: Mutex<()>,
    waiting: AtomicU32,
    /// Whether callers run the engine themselves.
    is_inline: AtomicBool,
    is_closing: AtomicBool,
    /// Whether a caller waited in vain; callers do not wait again until records move.
    is_stuck: AtomicBool,
    /// Whether a half full queue wakes the writer, and whether it has done so since the writer's last poll.
    is_eager: bool,
    is_called: AtomicBool,
    /// Whether the ticker checks it every second.
    has_clock: AtomicBool,
    writer: Writer,
}

/// The engine and its batch buffer, for the thread that runs it.
pub(super) struct Work {
    pub(super) engine: Engine,
    batch: Vec<u8>,
}

/// The progress of the writer.
#[derive(Default)]
struct Progress {
    /// The last request that was served.
    served: u64,
    /// Whether every file took everything then.
    is_clean: bool,
}

/// The result of `enqueue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnqueueResult {
    /// Accepted; the writer will handle it.
    Queued,
    /// Accepted; the caller must `pump`.
    MustPump,
    /// No room; the caller waits, or has the entry dropped.
    Full,
    /// No room; the entry was dropped and counted.
    Dropped,
}

impl Pipeline {
    pub fn new(key: PipelineKey, snapshot: &Arc<Snapshot>) -> Arc<Self> {
        let queue = key.queue();
        let ring = key.ring();
        let is_worth_a_thread = key.is_background() && ring.capacity() >= SMALL.min(queue.bytes);
        let snapshot = &key.part(snapshot);
        let pipeline = Arc::new(Self {
            process: ProcessMark::current(),
            ring,
            consumer: Mutex::default(),
            oversize: Mutex::default(),
            lines: AtomicU64::new(0),
            timeline: Mutex::new(Timeline::new(Arc::clone(snapshot))),
            next_event: AtomicU64::new(NO_EVENT),
            has_gap: AtomicBool::new(false),
            work: Mutex::new(Work { engine: Engine::new(key.clone(), Arc::clone(snapshot)), batch: Vec::new() }),
            done: AtomicU64::new(0),
            requested: AtomicU64::new(0),
            progress: Mutex::default(),
            progressed: Condvar::new(),
            room: Condvar::new(),
            room_lock: Mutex::default(),
            waiting: AtomicU32::new(0),
            is_inline: AtomicBool::new(!is_worth_a_thread || exiting::is_exiting() || exiting::is_abrupt()),
            is_closing: AtomicBool::new(false),
            is_stuck: AtomicBool::new(false),
            is_eager: key.is_background() && queue.is_tight(),
            is_called: AtomicBool::new(false),
            has_clock: AtomicBool::new(false),
            writer: Writer::new(queue.flush_interval),
            key,
        });
        register(&pipeline);
        pipeline.start_clock(snapshot);
        pipeline
    }

    /// Enqueues one entry.
    #[inline]
    pub fn enqueue(self: &Arc<Self>, lock: &impl ProducerLock, entry: &[u8]) -> EnqueueResult {
        if self.has_gap.load(Ordering::Relaxed) && self.has_room_for(lock, entry) {
            self.mark_gap();
        }
        let is_taken = if entry.len() <= self.ring.longest() {
            self.ring.push(lock, entry)
        } else {
            self.enqueue_oversize(lock, entry)
        };
        if !is_taken {
            return self.refuse(lock, entry);
        }
        if kind_of(entry) != Kind::Record {
            self.lines.store(self.lines.load(Ordering::Relaxed) + 1, Ordering::Release);
        }
        // The writer polls again after a short sleep. Waking it costs more than a whole call, so only errors do.
        if self.writer.is_parked() || level_no_of(entry) >= ERROR.no {
            self.rouse_writer(Writer::call);
        } else if self.is_eager && self.ring.is_half_full() {
            self.call_writer();
        }
        if self.is_inline.load(Ordering::Relaxed) { EnqueueResult::MustPump } else { EnqueueResult::Queued }
    }

    #[cold]
    fn enqueue_oversize(&self, lock: &impl ProducerLock, entry: &[u8]) -> bool {
        if !self.has_room_for(lock, entry) {
            return false;
        }
        let mark = self.oversize.lock().push(entry);
        self.ring.push(lock, &mark)
    }

    #[cold]
    pub(super) fn has_room_for(&self, lock: &impl ProducerLock, entry: &[u8]) -> bool {
        if entry.len() <= self.ring.longest() {
            return self.ring.has_room_for(lock, entry.len());
        }
        self.ring.has_room_for(lock, MARK) && self.oversize.lock().has_room_for(entry.len(), self.key.queue().bytes)
    }

    /// Starts the writer before the first record.
    pub fn start(self: &Arc<Self>) {
        self.wake_writer();
    }

    pub(super) fn wake_writer(self: &Arc<Self>) {
        self.rouse_writer(Writer::wake);
    }

    #[cold]
    fn rouse_writer(self: &Arc<Self>, rouse: impl Fn(&Writer, &Arc<Self>) -> bool) {
        if !self.is_inline.load(Ordering::Relaxed) && !rouse(&self.writer, self) {
            self.is_inline.store(true, Ordering::Relaxed);
        }
    }

    /// Wakes the writer, at most once until its next poll.
    pub(super) fn call_writer(self: &Arc<Self>) {
        if !self.is_called.load(Ordering::Relaxed) && !self.is_called.swap(true, Ordering::Relaxed) {
            self.wake_writer();
        }
    }

    /// Has later records follow `snapshot`; records accepted before follow the snapshot they were accepted under.
    pub fn change(self: &Arc<Self>, snapshot: &Arc<Snapshot>) {
        self.start_clock(snapshot);
        self.mark_gap();
        // Dropped without the timeline's lock, as sinks may be dropped with it.
        drop(self.edit_timeline(|timeline| timeline.change(self.ring.pushed(), Arc::clone(snapshot))));
    }

    /// Changes the timeline and has the engine see the change.
    pub(super) fn edit_timeline<T>(&self, edit: impl FnOnce(&mut Timeline<Snapshot>) -> T) -> T {
        let mut timeline = self.timeline.lock();
        let edited = edit(&mut timeline);
        self.next_event.store(timeline.next(), Ordering::Release);
        edited
    }

    /// Has files that callers write rotated when their time is over, although no record comes. The writer does so for
    /// its own files.
    fn start_clock(self: &Arc<Self>, snapshot: &Snapshot) {
        let is_needed = !self.is_background() && snapshot.has_synchronous_schedule();
        if !is_needed || self.has_clock.swap(true, Ordering::Relaxed) {
            return;
        }
        let pipeline = Arc::downgrade(self);
        ticker::register(Arc::new(move || pipeline.upgrade().is_some_and(|pipeline| pipeline.tick())));
    }

    /// Runs the engine until it has handled everything enqueued before. Waits for the thread that already runs it.
    ///
    /// At the end of the process, the writer of a background pipeline may hang in a file that blocks, so the wait is
    /// limited.
    pub fn pump(&self) {
        let work = if self.is_background() && exiting::is_exiting() {
            self.work.try_lock_for(LAST_WAIT)
        } else {
            Some(self.work.lock())
        };
        if let Some(mut work) = work {
            self.drain(&mut work);
            work.engine.flush(true);
        }
    }

    /// Like `pump`, for the writer: respects pauses after failures unless a thread waits. Returns whether there was
    /// anything to do, and whether everything is written.
    pub(super) fn pump_background(&self) -> (bool, bool) {
        let ticket = self.requested.load(Ordering::Acquire);
        let mut work = self.work.lock();
        let records = self.drain(&mut work);
        let is_awaited = self.progress.lock().served < ticket;
        if is_awaited {
            work.engine.tell_due();
        }
        let is_clean = work.engine.flush(is_awaited);
        drop(work);
        *self.progress.lock() = Progress { served: ticket, is_clean };
        if is_awaited {
            self.is_stuck.store(false, Ordering::Relaxed);
            self.progressed.notify_all();
        }
        (records > 0, is_clean)
    }

    /// Handles work that is due without a record. It is left to a thread that already runs the engine. False when the
    /// pipeline ends.
    pub fn tick(&self) -> bool {
        if let Some(mut work) = self.work.try_lock() {
            self.drain(&mut work);
            work.engine.tick();
        }
        !self.is_closing()
    }

    /// Handles everything enqueued before. Later records are left for the next call, so producers that never pause do
    /// not make a thread wait.
    pub(super) fn drain(&self, work: &mut Work) -> usize {
        let mark = self.ring.pushed();
        let mut total = 0;
        while self.ring.popped() < mark {
            let records = self.take_batch(work);
            if records == 0 {
                break;
            }
            self.tell_room();
            self.run(work);
            total += records;
        }
        self.meet_events(&mut work.engine, self.done.load(Ordering::Relaxed));
        total
    }

    /// Takes the oldest records. Earlier ones that the engine has not had were dropped, and count as done.
    fn take_batch(&self, work: &mut Work) -> usize {
        work.batch.clear();
        self.is_called.store(false, Ordering::Relaxed);
        let consumer = self.consumer.lock();
        self.done.store(self.ring.popped(), Ordering::Release);
        let records = self.ring.pop_into(&mut work.batch, BATCH);
        drop(consumer);
        records
    }

    fn run(&self, work: &mut Work) {
        work.engine.follow_zone();
        let mut rest = work.batch.as_slice();
        let mut done = self.done.load(Ordering::Relaxed);
        while !rest.is_empty() {
            self.meet_events(&mut work.engine, done);
            let length = length_of(rest);
            if kind_of(rest) == Kind::Oversize {
                let record = self.oversize.lock().pop(rest);
                work.engine.entry(&record);
            } else {
                work.engine.entry(&rest[..length]);
            }
            rest = &rest[padded(length)..];
            done += 1;
            self.done.store(done, Ordering::Release);
        }
    }

    /// Has the engine handle the events before the record of this number.
    #[inline]
    fn meet_events(&self, engine: &mut Engine, number: u64) {
        if self.next_event.load(Ordering::Acquire) <= number {
            self.take_events(engine, number);
        }
    }

    #[cold]
    fn take_events(&self, engine: &mut Engine, number: u64) {
        while let Some(event) = self.edit_timeline(|timeline| timeline.take_due(number)) {
            match event {
                Event::Change(snapshot) => engine.apply(snapshot),
                Event::Gap(gap) => engine.tell_gap(&gap),
            }
        }
    }

    /// The number of records enqueued so far, without finished lines.
    pub fn records(&self) -> u64 {
        let lines = self.lines.load(Ordering::Acquire);
        self.ring.pushed() - lines
    }

    /// Bytes of the queue that are in use.
    pub fn queued_bytes(&self) -> u64 {
        self.ring.used() as u64
    }

    /// Asks for everything accepted before to be written; returns the ticket for `wait_flush`.
    ///
    /// The writer writes it, not the caller: a file that blocks must not block the caller too.
    pub fn request_flush(self: &Arc<Self>) -> u64 {
        self.mark_gap();
        let ticket = self.requested.fetch_add(1, Ordering::AcqRel) + 1;
        self.wake_writer();
        ticket
    }

    /// Waits until `until` for a requested flush. Returns whether every file took everything; None if the time ran out.
    pub fn wait_flush(&self, ticket: u64, until: Instant) -> Option<bool> {
        if !self.is_own() {
            // A signal handler forked during the wait: the child has nothing to write, and no writer.
            return Some(true);
        }
        if self.is_inline.load(Ordering::Relaxed) {
            return self.work.try_lock_until(until).map(|mut work| {
                self.drain(&mut work);
                work.engine.tell_due();
                let is_done = work.engine.flush(true);
                work.engine.verify();
                is_done
            });
        }
        let mut progress = self.progress.lock();
        while progress.served < ticket {
            if self.progressed.wait_until(&mut progress, until).timed_out() && progress.served < ticket {
                return None;
            }
        }
        Some(progress.is_clean)
    }

    /// Waits until `until` for room in the queue, or makes room.
    pub fn wait_for_room(&self, until: Instant) {
        if self.is_inline.load(Ordering::Relaxed) {
            return self.pump();
        }
        let mut guard: MutexGuard<'_, ()> = self.room_lock.lock();
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.room.wait_until(&mut guard, until);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }

    fn tell_room(&self) {
        self.is_stuck.store(false, Ordering::Relaxed);
        if self.waiting.load(Ordering::SeqCst) > 0 {
            drop(self.room_lock.lock());
            self.room.notify_all();
        }
    }

    pub fn is_stuck(&self) -> bool {
        self.is_stuck.load(Ordering::Relaxed)
    }

    pub fn set_stuck(&self) {
        self.is_stuck.store(true, Ordering::Relaxed);
    }

    pub fn is_background(&self) -> bool {
        self.key.is_background()
    }

    /// How long a full queue blocks a caller.
    pub fn block_timeout(&self) -> Duration {
        self.key.queue().block_timeout
    }

    /// Whether so many bytes wait that the writer must not pause.
    pub fn is_behind(&self) -> bool {
        self.ring.used() > BATCH.min(self.ring.longest())
    }

    pub fn is_idle(&self) -> bool {
        self.ring.is_empty()
    }

    /// Whether a requested flush is still to come.
    pub(super) fn has_requests(&self) -> bool {
        self.progress.lock().served < self.requested.load(Ordering::Acquire)
    }

    /// Whether its sinks are gone. If so, everything enqueued before they went is visible.
    pub fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Acquire)
    }

    /// Whether it belongs to this process and was not inherited.
    pub fn is_own(&self) -> bool {
        self.process.is_current()
    }

    /// Lets the writer finish the queued entries and end; the files are closed with the last reference.
    pub fn close(self: &Arc<Self>) {
        self.is_closing.store(true, Ordering::Release);
        if self.is_own() {
            self.wake_writer();
        }
    }
}

/// Registers a new pipeline for the end of the process.
fn register(pipeline: &Arc<Pipeline>) {
    let pipeline: Arc<dyn Ending> = Arc::clone(pipeline) as Arc<dyn Ending>;
    ending::register(&Arc::downgrade(&pipeline));
}

impl Pumped for Pipeline {
    fn writer(&self) -> &Writer {
        &self.writer
    }

    fn prepare(&self) {
        self.ring.populate();
    }

    fn pump_background(&self) -> (bool, bool) {
        Self::pump_background(self)
    }

    fn tick(&self) -> bool {
        Self::tick(self)
    }

    fn is_behind(&self) -> bool {
        Self::is_behind(self)
    }

    fn is_idle(&self) -> bool {
        Self::is_idle(self)
    }

    fn has_requests(&self) -> bool {
        Self::has_requests(self)
    }

    fn is_closing(&self) -> bool {
        Self::is_closing(self)
    }
}
