//! A pipeline: one queue and the engine that empties it.
//!
//! A background pipeline has a writer thread. The inline one has none: the caller that enqueued runs the engine. It
//! also handles the entries that other callers enqueued before, so that lines keep the order in which records were
//! accepted. A background pipeline works like that too once the process ends, or when no thread can be made.
//!
//! A pipeline belongs to one process. A forked child leaves the parent's pipeline alone and makes its own.

mod ended;
mod kept;
mod pumped;
mod waiting;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use crate::crash::own::CrashFile;
use crate::level::ERROR;
use crate::process::ending::{self, Ending};
use crate::process::exiting;
use crate::process::per_process::ProcessMark;
use crate::queue::kept::take_position;
use crate::queue::oversize::{MARK, Oversize};
use crate::queue::ring::{ProducerLock, Ring, padded};
use crate::queue::timeline::{Event, NO_EVENT, Timeline};
use crate::record::encoded::{Kind, kind_of, length_of, level_no_of};
use crate::sync::{Condvar, Mutex};
use crate::writer::engine::Engine;
use crate::writer::key::PipelineKey;
use crate::writer::pipeline::ending::LAST_WAIT;
use crate::writer::recovery::Recovery;
use crate::writer::snapshot::Snapshot;
use crate::writer::ticker;
use crate::writer::writer_thread::Writer;

/// Bytes taken from the queue at a time.
const BATCH: usize = 256 * 1024;

/// A ring that had to be smaller than this gets no thread, because memory is scarce.
const SMALL: usize = 64 * 1024;

pub struct Pipeline {
    pub(super) key: PipelineKey,
    process: ProcessMark,
    pub(super) ring: Ring,
    /// The file that holds the ring, if it outlives the process.
    crash: Option<CrashFile>,
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
    /// Records whose lines are all written.
    written: AtomicU64,
    /// Flushes requested.
    requested: AtomicU64,
    progress: Mutex<Progress>,
    progressed: Condvar,
    room: Condvar,
    room_lock: Mutex<()>,
    waiting: AtomicU32,
    /// Callers whose record has found no room yet.
    blocked: AtomicU32,
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
    /// Whether its crash file was given up for the next sink of the log, with the records in it.
    is_retired: AtomicBool,
    writer: Writer,
    /// Makes a thread the only producer where no GIL does. Changes that must not fall between two steps of a producer
    /// hold it too.
    pub producers: Mutex<()>,
}

/// The engine and its batch buffer, for the thread that runs it.
pub(super) struct Work {
    pub(super) engine: Engine,
    batch: Vec<u8>,
    /// Only if the queue outlives the process.
    recovery: Option<Recovery>,
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
        let (ring, crash) = key.ring(snapshot.start_ns);
        let is_worth_a_thread = key.is_background() && ring.capacity() >= SMALL.min(queue.bytes);
        let snapshot = &key.part(snapshot);
        let mut engine = Engine::new(key.clone(), Arc::clone(snapshot));
        engine.keep(crash.as_ref().and_then(|file| file.journal(&ring)));
        let recovery = key.crash_names().map(|names| Recovery::new(names, crash.as_ref()));
        let pipeline = Arc::new(Self {
            process: ProcessMark::current(),
            ring,
            crash,
            consumer: Mutex::default(),
            oversize: Mutex::default(),
            lines: AtomicU64::new(0),
            timeline: Mutex::new(Timeline::new(Arc::clone(snapshot))),
            next_event: AtomicU64::new(NO_EVENT),
            has_gap: AtomicBool::new(false),
            work: Mutex::new(Work { engine, batch: Vec::new(), recovery }),
            done: AtomicU64::new(0),
            written: AtomicU64::new(0),
            requested: AtomicU64::new(0),
            progress: Mutex::default(),
            progressed: Condvar::new(),
            room: Condvar::new(),
            room_lock: Mutex::default(),
            waiting: AtomicU32::new(0),
            blocked: AtomicU32::new(0),
            is_inline: AtomicBool::new(!is_worth_a_thread || exiting::is_exiting() || exiting::is_abrupt()),
            is_closing: AtomicBool::new(false),
            is_stuck: AtomicBool::new(false),
            is_eager: key.is_background() && queue.is_tight(),
            is_called: AtomicBool::new(false),
            has_clock: AtomicBool::new(false),
            is_retired: AtomicBool::new(false),
            writer: Writer::new(queue.flush_interval),
            producers: Mutex::default(),
            key,
        });
        register(&pipeline);
        pipeline.start_clock(snapshot);
        pipeline.tell_conditions(snapshot);
        pipeline
    }

    /// Enqueues one entry.
    #[inline]
    pub fn enqueue(self: &Arc<Self>, lock: &impl ProducerLock, entry: &[u8]) -> EnqueueResult {
        if self.has_gap.load(Ordering::Relaxed) && self.has_room_for(lock, entry) {
            self.mark_gap();
        }
        if entry.len() > self.ring.longest() {
            return self.enqueue_elsewhere(lock, entry);
        }
        if !self.ring.push(lock, entry) {
            return self.refuse(lock, entry);
        }
        self.accept(entry)
    }

    /// Counts an entry that the queue took, and has the writer see it.
    #[expect(clippy::inline_always, reason = "part of every call")]
    #[inline(always)]
    fn accept(self: &Arc<Self>, entry: &[u8]) -> EnqueueResult {
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

    /// Enqueues an entry that is too large for the ring, or whose ring outlives the process.
    #[inline(never)]
    fn enqueue_elsewhere(self: &Arc<Self>, lock: &impl ProducerLock, entry: &[u8]) -> EnqueueResult {
        if self.ring.is_kept() {
            return self.enqueue_kept(lock, entry);
        }
        if !self.has_room_for(lock, entry) {
            return self.refuse(lock, entry);
        }
        let mark = self.oversize.lock().push(entry);
        self.ring.push(lock, &mark);
        self.accept(entry)
    }

    #[cold]
    pub(super) fn has_room_for(&self, lock: &impl ProducerLock, entry: &[u8]) -> bool {
        if self.ring.is_kept() {
            return self.has_room_to_keep(lock, entry);
        }
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
        self.tell_conditions(snapshot);
        let alone = self.producers.lock();
        self.mark_gap();
        let before = self.edit_timeline(|timeline| timeline.change(self.ring.pushed(), Arc::clone(snapshot)));
        drop(alone);
        // Dropped without a lock, as sinks may be dropped with it.
        drop(before);
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
    pub fn pump(&self) {
        if self.is_background() {
            return self.pump_for_writer();
        }
        let mut work = self.work.lock();
        self.drain_with::<false>(&mut work);
        work.engine.flush(true);
    }

    /// Like `pump`, for a queue that a writer empties at other times.
    ///
    /// At the end of the process, the writer may hang in a file that blocks, so the wait is limited.
    #[cold]
    fn pump_for_writer(&self) {
        let work = if exiting::is_exiting() { self.work.try_lock_for(LAST_WAIT) } else { Some(self.work.lock()) };
        if let Some(mut work) = work {
            self.drain(&mut work);
            let is_clean = work.engine.flush(true);
            self.note_written(is_clean);
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
        self.note_written(is_clean);
        if !is_clean && self.is_closing() {
            self.retire_with(&mut work);
        }
        drop(work);
        if self.ring.is_kept() {
            self.tell_room();
        }
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
            work.look_for_dead();
            self.drain(&mut work);
            work.engine.tick();
        }
        !self.is_closing()
    }

    /// Handles everything enqueued before. Later records are left for the next call, so producers that never pause do
    /// not make a thread wait.
    pub(super) fn drain(&self, work: &mut Work) -> usize {
        self.drain_with::<true>(work)
    }

    /// Like `drain`. `MAY_KEEP` says whether the queue may outlive the process; callers do not pay for those that do not.
    fn drain_with<const MAY_KEEP: bool>(&self, work: &mut Work) -> usize {
        let mark = self.ring.pushed();
        let mut total = 0;
        let mut is_ready = !MAY_KEEP || self.is_ready(work);
        while is_ready && self.ring.popped() < mark {
            let records = self.take_batch(work);
            if records == 0 {
                break;
            }
            self.tell_room();
            self.run::<MAY_KEEP>(work);
            total += records;
            is_ready = !MAY_KEEP || self.is_ready(work);
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

    fn run<const MAY_KEEP: bool>(&self, work: &mut Work) {
        work.engine.follow_zone();
        let is_kept = MAY_KEEP && self.ring.is_kept();
        let mut rest = work.batch.as_slice();
        let mut done = self.done.load(Ordering::Relaxed);
        while !rest.is_empty() {
            self.meet_events(&mut work.engine, done);
            let position = is_kept.then(|| take_position(&mut rest));
            if let Some(position) = position {
                work.engine.expect_position(position);
            }
            let length = length_of(rest);
            if kind_of(rest) == Kind::Oversize {
                let record = self.oversize.lock().pop(rest);
                work.engine.entry(&record);
            } else {
                work.engine.entry(&rest[..length]);
            }
            if let Some(position) = position {
                work.engine.mark_position(position);
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

    pub fn is_background(&self) -> bool {
        self.key.is_background()
    }

    /// How long a full queue blocks a caller.
    pub fn block_timeout(&self) -> Duration {
        self.key.queue().block_timeout
    }

    /// Whether so many bytes wait that the writer must not pause.
    pub fn is_behind(&self) -> bool {
        self.ring.used() > BATCH.min(self.ring.longest_kept())
    }

    pub fn is_idle(&self) -> bool {
        self.ring.is_empty() || self.is_retired.load(Ordering::Relaxed)
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

    /// Lets the writer finish the queued entries and end; the files are closed with the last reference. Called by an
    /// attached thread, so that no caller finds it open and enqueues after this.
    pub fn close(self: &Arc<Self>) {
        let alone = self.producers.lock();
        self.is_closing.store(true, Ordering::Release);
        drop(alone);
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
