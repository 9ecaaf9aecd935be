//! Bits for the work that callers must do for the sinks, and the level from which calls wait for them.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::config::queue::QueueOptions;
use crate::expression::names::Key;
use crate::format::formatter::Layout;
use crate::format::pattern::Item;
use crate::format::shape::kind::Include;
use crate::record::detail::Detail;
use crate::writer::snapshot::{ActiveSink, Sink, Snapshot, Target};

/// The gate of a logger without a listening sink or callback.
pub const CLOSED: i32 = i32::MAX;

/// Bits for the destinations of a record, and for the values that it must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wants(u32);

impl Wants {
    pub(super) const NOTHING: Self = Self(0);

    /// A file is written by the writer and has the default queue.
    pub const QUEUE: Self = Self(1);
    /// A file is written on the caller's thread.
    pub const INLINE: Self = Self(1 << 1);
    /// A file has a queue with options of its own.
    pub const ROUTED: Self = Self(1 << 2);
    /// A callback or sink has a lane.
    pub const LANES: Self = Self(1 << 3);
    /// A sink is Python, or needs Python for its lines.
    pub const PYTHON: Self = Self(1 << 4);
    /// Some calls return only when their record is with the operating system.
    pub const SYNC: Self = Self(1 << 5);
    /// A function serves as filter or format before a file or lane, which gets the record as the function leaves it.
    pub const CHANGES: Self = Self(1 << 6);
    /// Takes the place of `QUEUE` when `CHANGES` is set, so that it does not match calls that look for `QUEUE` alone.
    pub const QUEUE_LATER: Self = Self(1 << 7);

    /// A line is text: unusual values need their `str()`. Without this bit, only the values that the message shows need
    /// it.
    pub const TEXT: Self = Self(1 << 8);
    /// A line is JSON: unusual values need their JSON form.
    pub const JSON: Self = Self(1 << 9);
    pub const THREAD_NAME: Self = Self(1 << 10);
    pub const TASK: Self = Self(1 << 11);
    pub const PROCESS_NAME: Self = Self(1 << 12);
    /// A text shows exceptions beyond the place where they were caught.
    pub const BACKTRACE: Self = Self(1 << 13);
    /// A text shows the values of names.
    pub const DIAGNOSE: Self = Self(1 << 14);
    /// A text shows both.
    pub const FULL: Self = Self(1 << 15);

    /// Calls of some modules do not log.
    pub const ACTIVATION: Self = Self(1 << 16);
    /// A function of the program may change every record.
    pub const PATCHER: Self = Self(1 << 17);
    /// A call needs something that few calls need, such as its exception; set for that one call.
    pub const RARE: Self = Self(1 << 18);
    /// The process may have to take over the logger of its parent, before this call does anything.
    pub const TAKE_OVER: Self = Self(1 << 19);

    /// A file has a queue that outlives the process. It is the first of these files; the others are routed.
    pub const KEPT: Self = Self(1 << 20);

    /// The message of a call is a template string: the call is unfolded, and has no destination itself.
    pub const UNFOLD: Self = Self(1 << 21);

    /// A line shows all fields as a dict, with each value as `repr` shows it.
    pub const REPR: Self = Self(1 << 22);

    /// A line shows the plain text of exceptions, in a form that Python makes.
    pub const PLAIN: Self = Self(1 << 23);

    /// Names that only Python knows.
    pub const NAMES: Self = Self::THREAD_NAME.or(Self::TASK).or(Self::PROCESS_NAME);
    /// Destinations other than the default queue.
    pub const BESIDE_QUEUE: Self = Self::KEPT.or(Self::BESIDE_QUEUES);
    const BESIDE_QUEUES: Self =
        Self::INLINE.or(Self::ROUTED).or(Self::LANES).or(Self::PYTHON).or(Self::SYNC).or(Self::CHANGES);

    /// Whether one of these bits is set, at least.
    #[inline]
    pub const fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    #[inline]
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These bits if the condition holds, or none.
    #[must_use]
    pub const fn when(self, condition: bool) -> Self {
        if condition { self } else { Self::NOTHING }
    }

    /// Whether the default queue and the first that outlives the process are the only destinations.
    #[inline]
    pub const fn is_only_queued(self) -> bool {
        !self.has(Self::BESIDE_QUEUES)
    }

    /// Whether lines are JSON and no line is text.
    #[inline]
    pub const fn is_only_json(self) -> bool {
        self.0 & (Self::TEXT.0 | Self::JSON.0) == Self::JSON.0
    }

    /// Notes that functions may change a record before the default queue gets it.
    fn with_changes(self) -> Self {
        let others = Self(self.0 & !Self::QUEUE.0);
        others.or(Self::QUEUE_LATER.when(self.has(Self::QUEUE))).or(Self::CHANGES)
    }
}

/// The bits of a logger, which callers read while other threads change them.
#[derive(Default)]
pub struct CurrentWants(AtomicU32);

impl CurrentWants {
    #[inline]
    pub fn load(&self) -> Wants {
        Wants(self.0.load(Ordering::Relaxed))
    }

    pub fn store(&self, wants: Wants) {
        self.0.store(wants.0, Ordering::Relaxed);
    }
}

/// Returns the bits of a snapshot. `kept` is the number of the first queue that outlives the process.
pub(super) fn wants_of(snapshot: &Snapshot, kept: Option<u64>) -> Wants {
    let has_lanes = snapshot.lanes.iter().any(|active| active.is_enabled && !active.sink.is_prepared);
    let lanes = Wants::LANES.or(Wants::TEXT).or(Wants::JSON).when(has_lanes);
    let lanes = snapshot.lanes.iter().fold(lanes, |bits, active| bits.or(filter_wants(&active.sink)));
    let bits = snapshot.sinks.iter().filter(|sink| sink.is_enabled).fold(lanes, |bits, active| {
        let sink = &active.sink;
        let text = Wants::TEXT.when(needs_text(sink));
        // Values that functions see are searched for secrets in their JSON form.
        let json = Wants::JSON.when(needs_text(sink) && active.redactor(&snapshot.settings).is_some());
        let names = Wants::NAMES.when(sink.options.has_templates);
        let repr = Wants::REPR.when(sink.options.has_templates && snapshot.settings.dialect.is_loguru());
        let sync = Wants::SYNC.when(sync_level(active).is_some());
        let terminal = active.on_terminal.as_ref().map_or(Wants::NOTHING, |(layout, _)| layout_wants(layout));
        let shown = layout_wants(&active.layout).or(terminal);
        bits.or(destination(sink, kept)).or(text).or(json).or(names).or(repr).or(filter_wants(sink)).or(sync).or(shown)
    });
    if has_changes(snapshot) { bits.with_changes() } else { bits }
}

/// The destination of a sink's records.
fn destination(sink: &Sink, kept: Option<u64>) -> Wants {
    match &sink.target {
        _ if sink.is_prepared => Wants::PYTHON.or(Wants::TEXT),
        _ if sink.lane.is_some() => Wants::LANES,
        Target::File(_) if !sink.is_native() => Wants::PYTHON.or(Wants::TEXT),
        Target::File(_) if !sink.options.is_async => Wants::INLINE,
        Target::File(_) if sink.options.queue == QueueOptions::default() => Wants::QUEUE,
        Target::File(_) if kept.is_some() && number_of(sink) == kept => Wants::KEPT,
        Target::File(_) => Wants::ROUTED,
        Target::Python(_) => Wants::PYTHON,
    }
}

/// The number of a sink's queue, if that outlives the process.
fn number_of(sink: &Sink) -> Option<u64> {
    sink.options.queue.kept.as_ref().map(|kept| kept.number)
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

pub(super) fn sync_level_of(snapshot: &Snapshot) -> i32 {
    snapshot.sinks.iter().filter_map(sync_level).min().unwrap_or(CLOSED)
}

/// The level from which calls wait for this sink; None if they never wait, or if the call writes the file itself.
pub fn sync_level(active: &ActiveSink) -> Option<i32> {
    let is_waited_for = active.is_enabled && active.sink.options.is_async && active.sink.file().is_some();
    active.sink.options.sync_level.filter(|_| is_waited_for)
}

/// The bits for the values that a sink's expression uses. The members of a field are in its JSON form.
fn filter_wants(sink: &Sink) -> Wants {
    let Some(expression) = &sink.options.filter.expression else { return Wants::NOTHING };
    let thread = Wants::THREAD_NAME.when(expression.uses(Key::ThreadName));
    let process = Wants::PROCESS_NAME.when(expression.uses(Key::ProcessName));
    let task = Wants::TASK.when(expression.uses(Key::Task));
    Wants::JSON.when(expression.uses_fields()).or(thread).or(process).or(task)
}

fn layout_wants(layout: &Layout) -> Wants {
    match layout {
        Layout::Json { .. } => Wants::JSON,
        Layout::Nested(text) => layout_wants(text).or(Wants::JSON).or(Wants::THREAD_NAME).or(Wants::PROCESS_NAME),
        Layout::Shaped(shape) => {
            let thread = Wants::THREAD_NAME.when(shape.shows(Include::ThreadName));
            let task = Wants::TASK.when(shape.shows(Include::Task));
            let process = Wants::PROCESS_NAME.when(shape.shows(Include::ProcessName));
            Wants::JSON.or(thread).or(task).or(process)
        }
        Layout::Text { pattern, detail, .. } => {
            let thread = Wants::THREAD_NAME.when(pattern.has(&Item::ThreadName));
            let task = Wants::TASK.when(pattern.has(&Item::Task));
            let process = Wants::PROCESS_NAME.when(pattern.has(&Item::ProcessName));
            let detail = match detail {
                Detail::Plain => Wants::NOTHING,
                Detail::Backtrace => Wants::BACKTRACE,
                Detail::Diagnosed => Wants::DIAGNOSE,
                Detail::Full => Wants::FULL,
            };
            let repr = Wants::REPR.when(pattern.is_exact && pattern.has(&Item::Extra));
            let detail = detail.or(Wants::PLAIN.when(pattern.is_exact && detail == Wants::NOTHING));
            Wants::TEXT.or(thread).or(task).or(process).or(detail).or(repr)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bit_has_one_meaning() {
        let destinations = [Wants::QUEUE, Wants::BESIDE_QUEUE, Wants::QUEUE_LATER];
        let values = [
            Wants::TEXT,
            Wants::JSON,
            Wants::REPR,
            Wants::PLAIN,
            Wants::NAMES,
            Wants::BACKTRACE,
            Wants::DIAGNOSE,
            Wants::FULL,
        ];
        let others = [Wants::ACTIVATION, Wants::PATCHER, Wants::RARE, Wants::TAKE_OVER, Wants::UNFOLD];
        let bits = || destinations.iter().chain(&values).chain(&others).map(|wants| wants.0);

        assert_eq!(bits().map(u32::count_ones).sum::<u32>(), bits().fold(0, |all, bits| all | bits).count_ones());
    }
}
