//! The queue between callers and the writer.
//!
//! Read `ring` first (bytes without a lock for the caller), then `oversize` (records too large for it), `timeline`
//! (which settings held for which record) and `looks` (when a thread that empties a queue looks again).

pub mod looks;
pub mod oversize;
pub mod relay;
pub mod ring;
pub mod seat;
pub mod timeline;
