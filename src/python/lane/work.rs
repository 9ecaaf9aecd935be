//! The state of a lane's thread while it empties the lane.

use std::sync::{Arc, Weak};

use crate::lane::pacing::Pace;
use crate::lane::queue::Nudge;
use crate::python::sink::callback_record::RecordMaker;
use crate::python::sink::export_sink::Gathered;
use crate::sys::thread::ThreadId;
use crate::writer::snapshot::{ActiveSink, Sink, Snapshot};

#[derive(Default)]
pub struct Work {
    pub pace: Pace,
    pub record: Vec<u8>,
    pub maker: RecordMaker,
    /// The encoded records that are sent next, if the sink sends records.
    pub gathered: Gathered,
    /// The snapshot that the record taken last was logged under.
    pub followed: Option<Followed>,
    /// Whether the item handed out last is to be finished as written.
    pub is_out: bool,
    /// The thread that waited last.
    pub waiter: Option<ThreadId>,
    /// Another lane that is to be woken. Its thread would have to wait for the interpreter if it was woken before this
    /// thread releases it.
    pub nudge: Nudge,
}

/// The part of a snapshot that concerns one lane. The whole snapshot would keep all other lanes alive that are removed
/// while this lane gets no records.
pub struct Followed {
    pub whole: Weak<Snapshot>,
    pub part: Arc<Snapshot>,
    pub active: ActiveSink,
}

impl Work {
    pub fn follow(&mut self, snapshot: &Arc<Snapshot>, sink: &Arc<Sink>) {
        if self.followed.as_ref().is_some_and(|known| known.whole.as_ptr() == Arc::as_ptr(snapshot)) {
            return;
        }
        let found = snapshot.lanes.iter().find(|active| active.sink.id == sink.id).cloned();
        self.followed =
            found.map(|active| Followed { whole: Arc::downgrade(snapshot), part: Arc::new(snapshot.alone()), active });
    }
}
