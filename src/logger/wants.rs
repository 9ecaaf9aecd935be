//! Bits for the work that callers must do for the sinks, and the level from which calls wait for them.

use crate::config::queue::QueueOptions;
use crate::format::formatter::Layout;
use crate::format::pattern::Item;
use crate::record::detail::Detail;
use crate::writer::snapshot::{ActiveSink, Sink, Snapshot, Target};

/// The gate of a logger without a listening sink or callback.
pub const CLOSED: i32 = i32::MAX;

/// A file is written by the writer and has the default queue.
pub const QUEUE: u32 = 1;
/// A file is written on the caller's thread.
pub const INLINE: u32 = 1 << 1;
/// A sink is Python, or needs Python for its lines.
pub const PYTHON: u32 = 1 << 2;
/// A line is text: unusual values need their `str()`. Without this bit, only the values that the message shows need it.
pub const TEXT: u32 = 1 << 3;
/// A line is JSON: unusual values need their JSON form.
pub const JSON: u32 = 1 << 4;
pub const THREAD_NAME: u32 = 1 << 5;
pub const TASK: u32 = 1 << 6;
pub const PROCESS_NAME: u32 = 1 << 12;
/// Calls of some modules do not log.
pub const ACTIVATION: u32 = 1 << 7;
/// A callback or sink has a lane.
pub const LANES: u32 = 1 << 8;
/// A file has a queue with options of its own.
pub const ROUTED: u32 = 1 << 9;
/// Some calls return only when their record is with the operating system.
pub const SYNC: u32 = 1 << 10;
/// A function serves as filter or format before a file or lane, which gets the record as the function leaves it.
pub const CHANGES: u32 = 1 << 13;
/// Takes the place of `QUEUE` when `CHANGES` is set, so that it does not match calls that look for `QUEUE` alone.
pub const QUEUE_LATER: u32 = 1 << 14;
/// A text shows exceptions beyond the place where they were caught.
pub const BACKTRACE: u32 = 1 << 16;
/// A text shows the values of names.
pub const DIAGNOSE: u32 = 1 << 17;
/// A text shows both.
pub const FULL: u32 = 1 << 18;
/// A call needs something that few calls need, such as its exception; set for that one call.
pub const RARE: u32 = 1 << 31;
/// A function of the program may change every record.
pub const PATCHER: u32 = 1 << 11;

pub fn wants_of(snapshot: &Snapshot) -> u32 {
    let lanes = snapshot.lanes.iter().any(|active| active.is_enabled && !active.sink.is_prepared);
    let lanes = if lanes { LANES | TEXT | JSON } else { 0 };
    let bits = snapshot.sinks.iter().filter(|sink| sink.is_enabled).fold(lanes, |bits, active| {
        let sink = &active.sink;
        let delivery = match &sink.target {
            _ if sink.is_prepared => PYTHON | TEXT,
            _ if sink.lane.is_some() => LANES,
            Target::File(_) if !sink.is_native() => PYTHON | TEXT,
            Target::File(_) if !sink.options.is_async => INLINE,
            Target::File(_) if sink.options.queue == QueueOptions::default() => QUEUE,
            Target::File(_) => ROUTED,
            Target::Python(_) => PYTHON,
        };
        let python = if needs_text(sink) { TEXT } else { 0 };
        let names = if sink.options.has_templates { THREAD_NAME | TASK | PROCESS_NAME } else { 0 };
        let sync = if sync_level(active).is_some() { SYNC } else { 0 };
        let terminal = active.on_terminal.as_ref().map_or(0, |(layout, _)| layout_wants(layout));
        bits | delivery | python | names | sync | layout_wants(&active.layout) | terminal
    });
    if !has_changes(snapshot) {
        return bits;
    }
    let queue = if bits & QUEUE == 0 { 0 } else { QUEUE_LATER };
    bits & !QUEUE | queue | CHANGES
}

/// Whether functions of the program may see values as text, whatever the lines are.
fn needs_text(sink: &Sink) -> bool {
    sink.hooks.is_some() || sink.lane.is_some() || (sink.file().is_none() && !sink.is_console)
}

fn has_changes(snapshot: &Snapshot) -> bool {
    let enabled = snapshot.sinks.iter().filter(|active| active.is_enabled);
    let asked = enabled.clone().find(|active| active.sink.hooks.is_some() && active.sink.is_met_by_callers());
    let Some(asked) = asked.map(|active| active.sink.id) else { return false };
    let lanes = snapshot.lanes.iter().filter(|active| active.is_enabled && !active.sink.is_prepared);
    enabled.filter(|active| active.sink.is_native()).chain(lanes).any(|active| active.sink.id > asked)
}

pub fn sync_level_of(snapshot: &Snapshot) -> i32 {
    snapshot.sinks.iter().filter_map(sync_level).min().unwrap_or(CLOSED)
}

/// The level from which calls wait for this sink; None if they never wait, or if the call writes the file itself.
pub fn sync_level(active: &ActiveSink) -> Option<i32> {
    let is_waited_for = active.is_enabled && active.sink.options.is_async && active.sink.file().is_some();
    active.sink.options.sync_level.filter(|_| is_waited_for)
}

fn layout_wants(layout: &Layout) -> u32 {
    match layout {
        Layout::Json { .. } => JSON,
        Layout::Text { pattern, detail, .. } => {
            let thread = if pattern.has(&Item::ThreadName) { THREAD_NAME } else { 0 };
            let task = if pattern.has(&Item::Task) { TASK } else { 0 };
            let process = if pattern.has(&Item::ProcessName) { PROCESS_NAME } else { 0 };
            let detail = match detail {
                Detail::Plain => 0,
                Detail::Backtrace => BACKTRACE,
                Detail::Diagnosed => DIAGNOSE,
                Detail::Full => FULL,
            };
            TEXT | thread | task | process | detail
        }
    }
}
