//! The queue before a sink or callback: its size, and the treatment of records that do not fit.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Result, nearest};

/// The default `buffer_size` of a queue, in bytes.
pub const DEFAULT_BYTES: usize = 8 * 1024 * 1024;

/// The default `buffer_size` of a callback's queue, in bytes. A callback is slower than a file, and its queue drops
/// records that do not fit.
pub const CALLBACK_BYTES: usize = 32 * 1024 * 1024;

/// The default `buffer_size`, in bytes, of a background sink whose callers prepare its input. Each record takes about
/// 3 kB.
pub const PREPARED_BYTES: usize = 32 * 1024 * 1024;

/// The default `block_timeout`: how long a full queue blocks a caller.
pub(super) const DEFAULT_BLOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// The treatment of a record when the queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Overflow {
    /// Makes the caller wait for room, for at most `block_timeout`.
    Block,
    /// Drops it.
    DropNew,
    /// Drops the oldest pending records to make room for it.
    DropOld,
}

impl Overflow {
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "block" => Ok(Self::Block),
            "drop_new" => Ok(Self::DropNew),
            "drop_old" => Ok(Self::DropOld),
            _ => Err(Error::value(
                "overflow",
                "\"block\", \"drop_new\" or \"drop_old\"",
                format!("\"{text}\"{}", nearest(text, ["block", "drop_new", "drop_old"])),
            )),
        }
    }
}

/// The options of one queue. Files of a logger with equal options share a queue and its writer thread. Callbacks and
/// Python sinks each have their own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct QueueOptions {
    pub overflow: Overflow,
    pub block_timeout: Duration,
    /// The capacity in bytes, for records and the data stored with them.
    pub bytes: usize,
    /// The capacity in records; None is as many as fit.
    pub most_records: Option<u64>,
    /// How long records may wait before the consumer polls the queue. None is the shortest time that costs little.
    pub flush_interval: Option<Duration>,
    /// The crash file that holds the queue, for a sink with `durability="crash"`.
    pub kept: Option<KeptQueue>,
}

/// The crash file of one sink's queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeptQueue {
    /// The folder and the name of the log. Crash files stand next to it.
    pub folder: PathBuf,
    pub log: OsString,
    /// Distinguishes sinks of the same log, which have a queue each.
    pub number: u64,
    /// Whether functions of the program decide about its lines.
    pub has_functions: bool,
    pub form: LineForm,
}

/// The form of a log's lines, as options name it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LineForm {
    /// The style of JSON.
    pub json: Option<String>,
    pub format: Option<String>,
}

impl QueueOptions {
    /// Whether records are dropped or delayed for long if the consumer does not poll before the queue is full.
    pub fn is_tight(&self) -> bool {
        self.overflow != Overflow::Block || self.most_records.is_some() || self.flush_interval.is_some()
    }
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            overflow: Overflow::Block,
            block_timeout: DEFAULT_BLOCK_TIMEOUT,
            bytes: DEFAULT_BYTES,
            most_records: None,
            flush_interval: None,
            kept: None,
        }
    }
}
