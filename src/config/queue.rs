//! The queue before a sink or callback: how much it holds, and what becomes of a record that finds no room.

use std::time::Duration;

use crate::error::{Error, Result, nearest};

/// Bytes of a queue unless `buffer_size` says otherwise.
pub const DEFAULT_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of a callback's queue unless `buffer_size` says otherwise. A callback is slower than a file, and drops what finds no room.
pub const CALLBACK_BYTES: usize = 32 * 1024 * 1024;

/// Bytes of the queue of a background sink whose callers make what it is given, unless `buffer_size` says otherwise. Each record
/// takes some 3 kB of them.
pub const PREPARED_BYTES: usize = 32 * 1024 * 1024;

/// How long a full queue blocks a caller unless `block_timeout` says otherwise.
pub const DEFAULT_BLOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// What a full queue does with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Overflow {
    /// Has its caller wait for room, for `block_timeout` at most.
    Block,
    /// Drops it.
    DropNew,
    /// Drops the oldest ones that wait, to make room for it.
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

/// One queue. Files of a logger that are given the same share one, and the thread behind it; callbacks and Python sinks each have
/// their own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct QueueOptions {
    pub overflow: Overflow,
    pub block_timeout: Duration,
    /// Bytes of records it holds, and of what is beside them.
    pub bytes: usize,
    /// Records it holds; None is as many as fit.
    pub most_records: Option<u64>,
    /// How long records may wait before whoever takes them looks; None is as short as that costs little.
    pub flush_interval: Option<Duration>,
}

impl QueueOptions {
    /// Whether records are dropped, or waited for long, if nobody looks before it is full.
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
        }
    }
}
