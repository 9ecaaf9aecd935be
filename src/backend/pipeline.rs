//! A pipeline: one queue and the engine behind it.
//!
//! The background pipeline has a writer thread. The inline one has none: the caller that pushed runs the engine, and with it
//! whatever other callers pushed before, so that lines keep the order in which records were accepted. The background one works
//! like that too once the process ends, or when no thread can be made.
//!
//! A pipeline belongs to one process. A forked child leaves the parent's alone and makes its own.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use crate::backend::engine::Engine;
use crate::backend::queue::{ProducerLock, Ring, padded};
use crate::backend::snapshot::Snapshot;
use crate::backend::writer::Writer;
use crate::backend::{fork, ticker, writer};
use crate::level::ERROR;
use crate::record::{Encoder, Kind, header_of, kind_of, length_of};
use crate::sync::Condvar;
use crate::sync::Mutex;
use crate::sync::MutexGuard;

/// Bytes taken from the queue at a time.
const BATCH: usize = 256 * 1024;

/// Bytes of records too large for the ring that may wait beside it.
const MOST_OVERSIZE: usize = 64 * 1024 * 1024;

/// How long a record logged at the very end waits for a writer that is at work.
const LAST_WAIT: Duration = Duration::from_millis(100);

/// No change of the snapshot is waiting.
const NO_CHANGE: u64 = u64::MAX;

/// All pipelines of this process and its parents, for the end of the process.
static LIVE: Mutex<Vec<Weak<Pipeline>>> = Mutex::new(Vec::new());

pub struct Pipeline {
    generation: u32,
    ring: Ring,
    oversize: Mutex<Oversize>,
    /// Snapshots, each with the number of records that still belong to the one before.
    changes: Mutex<VecDeque<(u64, Arc<Snapshot>)>>,
    next_change: AtomicU64,
    work: Mutex<Work>,
    /// Records the engine has handled.
    done: AtomicU64,
    /// Flushes asked for.
    requested: AtomicU64,
    progress: Mutex<Progress>,
    progressed: Condvar,
    room: Condvar,
    room_lock: Mutex<()>,
    waiting: AtomicU32,
    /// Whether callers run the engine themselves.
    is_inline: AtomicBool,
    is_closing: AtomicBool,
    /// Whether a caller waited in vain; until there is room again nobody waits.
    is_stuck: AtomicBool,
    is_background: bool,
    /// Whether it is looked at every second.
    has_clock: AtomicBool,
    writer: Writer,
}

/// What the thread that runs the engine needs.
struct Work {
    engine: Engine,
    batch: Vec<u8>,
}

/// How far the writer came.
#[derive(Default)]
struct Progress {
    /// The last request that is served.
    served: u64,
    /// Whether every file then took everything.
    is_clean: bool,
}

#[derive(Default)]
struct Oversize {
    records: VecDeque<Vec<u8>>,
    bytes: usize,
}

/// What came of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// Accepted; the writer sees to it.
    Queued,
    /// Accepted; the caller must `pump`.
    MustPump,
    /// No room.
    Full,
}

/// What came of waiting for the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flushed {
    /// Everything was handed over; false when some file could not take it.
    Done(bool),
    /// The time was up first.
    Busy,
}

impl Pipeline {
    pub fn new(is_background: bool, snapshot: Arc<Snapshot>, bytes: usize) -> Arc<Self> {
        let first = Arc::clone(&snapshot);
        let pipeline = Arc::new(Self {
            generation: fork::generation(),
            ring: Ring::new(bytes),
            oversize: Mutex::default(),
            changes: Mutex::default(),
            next_change: AtomicU64::new(NO_CHANGE),
            work: Mutex::new(Work { engine: Engine::new(is_background, snapshot), batch: Vec::new() }),
            done: AtomicU64::new(0),
            requested: AtomicU64::new(0),
            progress: Mutex::default(),
            progressed: Condvar::new(),
            room: Condvar::new(),
            room_lock: Mutex::default(),
            waiting: AtomicU32::new(0),
            is_inline: AtomicBool::new(!is_background || writer::is_exiting()),
            is_closing: AtomicBool::new(false),
            is_stuck: AtomicBool::new(false),
            is_background,
            has_clock: AtomicBool::new(false),
            writer: Writer::default(),
        });
        let mut live = LIVE.lock();
        live.retain(|known| known.strong_count() > 0);
        live.push(Arc::downgrade(&pipeline));
        drop(live);
        pipeline.start_clock(&first);
        pipeline
    }

    /// Hands over one record.
    #[inline]
    pub fn push(self: &Arc<Self>, lock: &impl ProducerLock, record: &[u8]) -> Pushed {
        let is_taken = if record.len() <= self.ring.longest() {
            self.ring.push(lock, record)
        } else {
            self.push_oversize(lock, record)
        };
        if !is_taken {
            self.wake_writer();
            return Pushed::Full;
        }
        // The writer sleeps for a moment between looks; waking it costs more than a whole call, so only errors do.
        if self.writer.is_parked() || header_of(record).level.no >= ERROR.no {
            self.wake_writer();
        }
        if self.is_inline.load(Ordering::Relaxed) { Pushed::MustPump } else { Pushed::Queued }
    }

    #[cold]
    fn push_oversize(&self, lock: &impl ProducerLock, record: &[u8]) -> bool {
        let mut oversize = self.oversize.lock();
        if !oversize.records.is_empty() && oversize.bytes + record.len() > MOST_OVERSIZE {
            return false;
        }
        let mut mark = Vec::new();
        Encoder::start(&mut mark, Kind::Oversize, &header_of(record)).finish();
        let is_taken = self.ring.push(lock, &mark);
        if is_taken {
            oversize.bytes += record.len();
            oversize.records.push_back(record.to_vec());
        }
        is_taken
    }

    /// Has the writer at work before the first record.
    pub fn start(self: &Arc<Self>) {
        self.wake_writer();
    }

    #[cold]
    fn wake_writer(self: &Arc<Self>) {
        if !self.is_inline.load(Ordering::Relaxed) && !self.writer.wake(self) {
            self.is_inline.store(true, Ordering::Relaxed);
        }
    }

    /// From here on records follow `snapshot`; those accepted before follow what they were accepted under.
    pub fn change(self: &Arc<Self>, snapshot: &Arc<Snapshot>) {
        self.start_clock(snapshot);
        let mut changes = self.changes.lock();
        let position = self.ring.pushed();
        changes.push_back((position, Arc::clone(snapshot)));
        self.next_change.store(changes[0].0, Ordering::Release);
    }

    /// Has files that callers write rotated when their time is over, though no record comes. The writer does so for its own.
    fn start_clock(self: &Arc<Self>, snapshot: &Snapshot) {
        if self.is_background || !snapshot.has_synchronous_schedule() || self.has_clock.swap(true, Ordering::Relaxed) {
            return;
        }
        let pipeline = Arc::downgrade(self);
        ticker::register(Arc::new(move || pipeline.upgrade().is_some_and(|pipeline| pipeline.tick())));
    }

    /// Runs the engine until the queue is empty; waits for whoever runs it already.
    ///
    /// A background pipeline comes here at the end of the process only; its writer may hang in a file that blocks, and is then
    /// not waited for.
    pub fn pump(&self) {
        let work = if self.is_background { self.work.try_lock_for(LAST_WAIT) } else { Some(self.work.lock()) };
        if let Some(mut work) = work {
            self.drain(&mut work);
            work.engine.flush(true);
        }
    }

    /// As `pump`, for the writer: respects pauses after failures unless somebody waits. Returns whether there was anything to
    /// do, and whether all is written.
    pub fn pump_background(&self) -> (bool, bool) {
        let ticket = self.requested.load(Ordering::Acquire);
        let mut work = self.work.lock();
        let records = self.drain(&mut work);
        let is_awaited = self.progress.lock().served < ticket;
        let is_clean = work.engine.flush(is_awaited);
        drop(work);
        *self.progress.lock() = Progress { served: ticket, is_clean };
        if is_awaited {
            self.progressed.notify_all();
        }
        (records > 0, is_clean)
    }

    /// What is due without a record. Whoever runs the engine already sees to it better. False when the pipeline ends.
    pub fn tick(&self) -> bool {
        if let Some(mut work) = self.work.try_lock() {
            self.drain(&mut work);
            work.engine.tick();
        }
        !self.is_closing()
    }

    fn drain(&self, work: &mut Work) -> usize {
        let mut total = 0;
        loop {
            work.batch.clear();
            let records = self.ring.pop_into(&mut work.batch, BATCH);
            if records == 0 {
                break;
            }
            self.tell_room();
            self.run(work);
            total += records;
        }
        let done = self.done.load(Ordering::Relaxed);
        if self.next_change.load(Ordering::Acquire) <= done {
            self.apply_changes(&mut work.engine, done);
        }
        total
    }

    fn run(&self, work: &mut Work) {
        let mut rest = work.batch.as_slice();
        let mut done = self.done.load(Ordering::Relaxed);
        while !rest.is_empty() {
            if self.next_change.load(Ordering::Acquire) <= done {
                self.apply_changes(&mut work.engine, done);
            }
            let length = length_of(rest);
            if kind_of(rest) == Kind::Oversize {
                let record = self.pop_oversize();
                work.engine.entry(&record);
            } else {
                work.engine.entry(&rest[..length]);
            }
            rest = &rest[padded(length)..];
            done += 1;
            self.done.store(done, Ordering::Release);
        }
    }

    fn pop_oversize(&self) -> Vec<u8> {
        let mut oversize = self.oversize.lock();
        let record = oversize.records.pop_front().unwrap_or_default();
        oversize.bytes -= record.len();
        record
    }

    #[cold]
    fn apply_changes(&self, engine: &mut Engine, done: u64) {
        loop {
            let mut changes = self.changes.lock();
            let due = changes.front().is_some_and(|(position, _)| *position <= done);
            let change = if due { changes.pop_front() } else { None };
            self.next_change.store(changes.front().map_or(NO_CHANGE, |(position, _)| *position), Ordering::Release);
            drop(changes);
            let Some((_, snapshot)) = change else { return };
            engine.apply(snapshot);
        }
    }

    /// How many records were accepted so far.
    pub fn accepted(&self) -> u64 {
        self.ring.pushed()
    }

    /// How many of them the engine has handled.
    pub fn handled(&self) -> u64 {
        self.done.load(Ordering::Acquire)
    }

    /// Asks for everything accepted before to be written; returns what `wait_flush` waits for.
    ///
    /// The writer writes it, not the caller: a file that blocks must not take the caller with it.
    pub fn request_flush(self: &Arc<Self>) -> u64 {
        let ticket = self.requested.fetch_add(1, Ordering::AcqRel) + 1;
        self.wake_writer();
        ticket
    }

    /// Waits until `until` for what was requested.
    pub fn wait_flush(&self, ticket: u64, until: Instant) -> Flushed {
        if self.is_inline.load(Ordering::Relaxed) {
            return self.work.try_lock_until(until).map_or(Flushed::Busy, |mut work| {
                self.drain(&mut work);
                let is_done = work.engine.flush(true);
                work.engine.verify();
                Flushed::Done(is_done)
            });
        }
        let mut progress = self.progress.lock();
        while progress.served < ticket {
            if self.progressed.wait_until(&mut progress, until).timed_out() && progress.served < ticket {
                return Flushed::Busy;
            }
        }
        Flushed::Done(progress.is_clean)
    }

    /// Waits a while for room in the queue, or makes it.
    pub fn wait_for_room(&self, most: Duration) {
        if self.is_inline.load(Ordering::Relaxed) {
            return self.pump();
        }
        let mut guard: MutexGuard<'_, ()> = self.room_lock.lock();
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.room.wait_for(&mut guard, most);
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
        self.is_background
    }

    pub fn is_idle(&self) -> bool {
        self.ring.is_empty()
    }

    pub fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Relaxed)
    }

    /// Lets the writer finish what is queued and end; the files are closed with the last reference.
    pub fn close(self: &Arc<Self>) {
        self.is_closing.store(true, Ordering::Relaxed);
        if self.generation == fork::generation() {
            self.wake_writer();
        }
    }

    /// The writer's first work.
    pub fn prepare(&self) {
        self.ring.populate();
    }

    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// The end of the process: has what is queued written until `deadline`; later records are written by their callers.
    /// Returns how many records were not.
    fn finish(self: &Arc<Self>, deadline: Instant) -> u64 {
        let flushed = self.wait_flush(self.request_flush(), deadline);
        self.is_inline.store(true, Ordering::Relaxed);
        match flushed {
            Flushed::Done(true) => 0,
            Flushed::Done(false) => self.work.try_lock_until(deadline).map_or(0, |mut work| work.engine.abandon()),
            Flushed::Busy => self.accepted() - self.handled(),
        }
    }
}

/// Drains every pipeline of this process within `timeout` over all, and has later records written by their callers.
/// Returns how many records could not be written.
pub fn finish_all(timeout: Duration) -> u64 {
    let deadline = Instant::now() + timeout;
    let live: Vec<_> = LIVE.lock().iter().filter_map(Weak::upgrade).collect();
    let mine = live.iter().filter(|pipeline| pipeline.generation == fork::generation());
    let lost = mine.map(|pipeline| pipeline.finish(deadline)).sum();
    writer::begin_exit();
    lost
}

/// The last of the process: writes what daemon threads still logged, and lets no thread begin a write that the end would cut.
pub fn seal_all() {
    let Some(live) = LIVE.try_lock_for(LAST_WAIT) else { return };
    for pipeline in live.iter().filter_map(Weak::upgrade).filter(|pipeline| pipeline.generation == fork::generation()) {
        if let Some(mut work) = pipeline.work.try_lock_for(LAST_WAIT) {
            pipeline.drain(&mut work);
            work.engine.flush(true);
            work.engine.verify();
            // Held for ever: whoever comes now waits until the process is gone.
            std::mem::forget(work);
        }
    }
}

/// Where a logger keeps a pipeline: the parent's, then the child's after a fork, and so on. Found without a lock.
pub struct PipelineSlot {
    is_background: bool,
    pipeline: OnceLock<Arc<Pipeline>>,
    after_fork: OnceLock<Box<PipelineSlot>>,
}

impl PipelineSlot {
    pub fn new(is_background: bool) -> Self {
        Self { is_background, pipeline: OnceLock::new(), after_fork: OnceLock::new() }
    }

    /// This process's pipeline, made at first use.
    #[inline]
    pub fn get(&self, make: impl Fn() -> (Arc<Snapshot>, usize)) -> &Arc<Pipeline> {
        let mut slot = self;
        loop {
            let pipeline = slot.pipeline.get_or_init(|| {
                let (snapshot, bytes) = make();
                Pipeline::new(slot.is_background, snapshot, bytes)
            });
            if pipeline.generation == fork::generation() {
                return pipeline;
            }
            slot = slot.after_fork.get_or_init(|| Box::new(Self::new(slot.is_background)));
        }
    }

    /// This process's pipeline, if it has one.
    pub fn existing(&self) -> Option<&Arc<Pipeline>> {
        let mut slot = self;
        loop {
            let pipeline = slot.pipeline.get()?;
            if pipeline.generation == fork::generation() {
                return Some(pipeline);
            }
            slot = slot.after_fork.get()?;
        }
    }
}
