//! Callbacks and sinks in the background: giving them records, and the threads that empty their lanes.
//!
//! Read `offer` first (a record to all lanes), then `py_lane` (a lane as its thread sees it), `batches` (many records
//! at a time), `inline` (waiting, and callers that empty a lane), `of_sink`, `callback` and `callbacks`, `notices`
//! (records that a limit held back), and `abrupt` (processes that may end at any moment).

mod abrupt;
pub mod batches;
pub mod callback;
pub mod callbacks;
pub mod inline;
pub mod notices;
pub mod of_sink;
pub mod offer;
pub mod py_lane;
mod work;
