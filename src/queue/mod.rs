//! The queue between callers and the writer.
//!
//! Read `ring` first (bytes without a lock for the caller), then `memory` and `kept` (its bytes, and those that
//! outlive the process), `checksum` (how torn bytes are found), `oversize` (records too large for it), `timeline`
//! (which settings held for which record) and `polling` (when a thread that empties a queue polls it again).

pub mod checksum;
pub mod kept;
pub mod memory;
pub mod oversize;
pub mod polling;
pub mod relay;
pub mod ring;
pub mod seat;
pub mod timeline;
