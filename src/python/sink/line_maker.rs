//! Formats the lines of one Python sink.
//!
//! The thread that writes a line also makes it, with the GIL held, from the encoded record alone.

use std::sync::Arc;

use crate::clock::local_zone;
use crate::format::context::FormatContext;
use crate::format::formatter::{Formatter, Layout};
use crate::process::per_process::process_number;
use crate::record::decoded::Record;
use crate::sync::Mutex;
use crate::writer::snapshot::Snapshot;

/// A formatter in a lock that is never held while Python runs.
#[derive(Default)]
pub struct LineMaker {
    formatter: Mutex<Option<(Arc<Layout>, Formatter)>>,
}

impl LineMaker {
    /// The finished line in UTF-8.
    pub fn make(&self, layout: &Arc<Layout>, record: &Record<'_>, snapshot: &Snapshot) -> Vec<u8> {
        let mut formatter = self.formatter.lock();
        let is_current = formatter.as_ref().is_some_and(|(known, _)| Arc::ptr_eq(known, layout));
        if !is_current {
            *formatter = Some((Arc::clone(layout), Formatter::new((**layout).clone())));
        }
        let zone = local_zone();
        let switches = snapshot.settings.switches(record.header.level.id);
        let context = FormatContext {
            levels: &snapshot.settings.levels,
            zone: &zone,
            process: process_number(),
            start_ns: snapshot.start_ns,
            is_timed: switches.time,
            is_colored: switches.color != Some(false),
        };
        let mut line = Vec::new();
        if let Some((_, formatter)) = formatter.as_mut() {
            formatter.put_line(&mut line, record, &context);
        }
        line
    }
}
