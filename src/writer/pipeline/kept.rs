//! The additional part of a pipeline whose queue outlives the process: notes, recovery, and removal of the crash file.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::crash::notes;
use crate::crash::notes::needs_level;
use crate::queue::kept::Conditions;
use crate::queue::ring::ProducerLock;
use crate::record::encoded::{Kind, header_of, kind_of};
use crate::report;
use crate::site;
use crate::writer::pipeline::ending::LAST_WAIT;
use crate::writer::pipeline::{EnqueueResult, Pipeline, Work};
use crate::writer::snapshot::Snapshot;

impl Pipeline {
    /// Enqueues an entry that another process can read.
    #[inline]
    pub fn enqueue_kept(self: &Arc<Self>, lock: &impl ProducerLock, entry: &[u8]) -> EnqueueResult {
        let header = header_of(entry);
        let is_common = self.ring.knows_site(header.site)
            && !needs_level(header.level)
            && kind_of(entry) == Kind::Record
            && entry.len() <= self.ring.longest_kept()
            && !self.has_gap.load(Ordering::Relaxed);
        if !is_common || !self.ring.push_kept(lock, entry) {
            return self.enqueue_rare(lock, entry);
        }
        self.accept(entry)
    }

    /// Enqueues an entry that needs a note, found no room, or comes after records that were dropped.
    #[cold]
    #[inline(never)]
    fn enqueue_rare(self: &Arc<Self>, lock: &impl ProducerLock, entry: &[u8]) -> EnqueueResult {
        if !self.ring.is_kept() {
            return self.enqueue(lock, entry);
        }
        if self.has_gap.load(Ordering::Relaxed) && self.has_room_to_keep(lock, entry) {
            self.mark_gap();
        }
        self.enqueue_with_note(lock, entry)
    }

    /// Enqueues an entry of a kind that is rare, with the notes it needs.
    #[cold]
    fn enqueue_with_note(self: &Arc<Self>, lock: &impl ProducerLock, entry: &[u8]) -> EnqueueResult {
        if kind_of(entry) == Kind::Record && !self.note(lock, entry) {
            return self.enqueue_whole(lock, &notes::inlined(entry, site::find(header_of(entry).site)));
        }
        self.enqueue_whole(lock, entry)
    }

    /// Enqueues a record that needs no note.
    #[cold]
    fn enqueue_whole(self: &Arc<Self>, lock: &impl ProducerLock, entry: &[u8]) -> EnqueueResult {
        if entry.len() > self.ring.longest_kept() {
            return self.enqueue_large(lock, entry);
        }
        if self.ring.push_kept(lock, entry) { self.accept(entry) } else { self.refuse(lock, entry) }
    }

    /// Enqueues an entry that is too large for the ring. Its call returns once it is written.
    #[cold]
    fn enqueue_large(self: &Arc<Self>, lock: &impl ProducerLock, entry: &[u8]) -> EnqueueResult {
        if !self.has_room_to_keep(lock, entry) {
            return self.refuse(lock, entry);
        }
        let mark = self.oversize.lock().push(entry);
        self.ring.push_kept(lock, &mark);
        self.accept(entry);
        EnqueueResult::MustPump
    }

    #[cold]
    pub(super) fn has_room_to_keep(&self, lock: &impl ProducerLock, entry: &[u8]) -> bool {
        let (longest, most) = (self.ring.longest_kept(), self.key.queue().bytes);
        let is_large = entry.len() > longest;
        self.ring.has_room_to_keep(lock, entry.len().min(longest))
            && (!is_large || self.oversize.lock().has_room_for(entry.len(), most))
    }

    /// Notes what another process must know to read a record. False if there is no room for the note of its site.
    #[cold]
    fn note(&self, lock: &impl ProducerLock, entry: &[u8]) -> bool {
        let header = header_of(entry);
        let Some(seed) = self.ring.seed() else { return true };
        if needs_level(header.level) && !self.ring.knows_level(header.level.id) && !self.ring.is_noted_up() {
            let latest = self.latest();
            // Without room, such a record is read with the number of its level.
            if let Some(level) = latest.settings.levels.get(header.level.id)
                && self.ring.note(lock, &notes::of_level(seed, header.level, &level.name))
            {
                self.ring.learn_level(lock, header.level.id);
            }
        }
        if self.ring.knows_site(header.site) {
            return true;
        }
        if self.ring.is_noted_up() {
            return false;
        }
        let is_noted = self.ring.note(lock, &notes::of_site(seed, header.site, site::find(header.site)));
        if is_noted {
            self.ring.learn_site(lock, header.site);
        }
        is_noted
    }

    /// Whether its records outlive the process.
    pub fn is_kept(&self) -> bool {
        self.ring.is_kept()
    }

    /// Writes the records that dead processes left for the log, before those of this process.
    pub fn recover(self: &Arc<Self>) {
        let mut work = self.work.lock();
        work.look_for_dead();
        self.drain(&mut work);
        work.engine.flush(true);
        drop(work);
        // It looks for processes that die later, although this one may never log.
        self.start();
    }

    /// Tells that the crash file has the records that could not be written. False if it has none.
    pub(super) fn tell_kept(&self) -> bool {
        let Some(crash) = self.crash.as_ref().filter(|_| self.has_file() && !self.ring.is_settled()) else {
            return false;
        };
        let path = crash.path.display();
        report::tell(&format!(
            "{path}: has the records that could not be written; the next one that opens the log writes them"
        ));
        true
    }

    /// Whether the crash file is still that of this queue.
    fn has_file(&self) -> bool {
        !self.is_retired.load(Ordering::Relaxed)
    }

    /// Removes the crash file, if the log has everything.
    pub(super) fn leave_nothing(&self) {
        if let Some(crash) = self.crash.as_ref().filter(|_| self.has_file() && self.ring.is_settled()) {
            crash.remove();
        }
    }

    /// Has readers of the crash file know the conditions of the sink.
    pub(super) fn tell_conditions(&self, snapshot: &Snapshot) {
        for active in &snapshot.sinks {
            let has_rules = active.has_rules(&snapshot.settings);
            self.ring.tell_conditions(Conditions { level: active.level, has_rules });
        }
    }

    /// Gives up the queue of a sink that is gone, after a last try to write it. The crash file keeps the rest for the
    /// next sink of the log. If the writer hangs in its file, it does so later.
    pub fn retire(&self) {
        if self.is_kept()
            && self.is_own()
            && let Some(mut work) = self.work.try_lock_for(LAST_WAIT)
        {
            self.retire_with(&mut work);
        }
    }

    /// Like `retire`, if no thread of its own does so.
    pub fn retire_inline(&self) {
        if self.is_inline.load(Ordering::Relaxed) {
            self.retire();
        }
    }

    pub(super) fn retire_with(&self, work: &mut Work) {
        if !self.is_kept() || !self.has_file() {
            return;
        }
        // A child may have died since the last look.
        work.look_for_dead();
        self.drain(work);
        work.engine.flush(true);
        self.leave_nothing();
        work.engine.close();
        self.is_retired.store(true, Ordering::Relaxed);
        if let Some(crash) = &self.crash {
            crash.release();
            self.ring.leave_file();
        }
    }

    /// Whether records may be taken out of the queue.
    pub(super) fn is_ready(&self, work: &mut Work) -> bool {
        self.has_file() && work.is_ready()
    }

    /// Has callers write from here on, after the queue was emptied, and removes the crash file.
    pub(super) fn write_inline(&self) {
        self.is_inline.store(true, Ordering::Relaxed);
        if self.is_kept()
            && let Some(mut work) = self.work.try_lock()
        {
            // A child may have died since the last look.
            work.look_for_dead();
            self.drain(&mut work);
            work.engine.flush(true);
            self.leave_nothing();
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        if self.is_own() {
            self.leave_nothing();
        }
    }
}

impl Work {
    /// Looks for processes that died since the last look.
    pub(super) fn look_for_dead(&mut self) {
        if let Some(recovery) = &mut self.recovery {
            recovery.look();
        }
    }

    /// Whether records may be taken out of the queue: those of dead processes are written, and the file takes lines.
    fn is_ready(&mut self) -> bool {
        match &mut self.recovery {
            Some(recovery) => recovery.run(&mut self.engine) && !self.engine.is_laden(),
            None => true,
        }
    }
}
