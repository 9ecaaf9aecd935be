//! The queue between callers and the writer.
//!
//! Read `ring` first (bytes without a lock for the caller), then `oversize` (records too large for it), `timeline`
//! (which settings held for which record) and `polling` (when a thread that empties a queue polls it again).

pub mod oversize;
pub mod polling;
pub mod relay;
pub mod ring;
pub mod seat;
pub mod timeline;
