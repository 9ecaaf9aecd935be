//! Sinks that are Python objects.
//!
//! Read `py_sink` first, then `stream` (the destination), `item` (the line, for both threads that write), `line_maker`,
//! `hooks` (filter and format functions), `write_lock` (one line at a time), `outcome` (counts and reports),
//! `rotation`, `enqueue` (records to the queues of files), `log_record` (for handlers of `logging`); for lanes `receiver`,
//! `lane_entry`, `callback_record`, `background`, `export_sink` (records for other programs), `datagrams` (the socket of some) and `parent_sink` (for
//! the parent process).

mod background;
pub mod callback_record;
pub mod datagrams;
pub mod enqueue;
pub mod export_sink;
pub mod hooks;
pub mod item;
pub mod lane_entry;
pub mod line_maker;
mod load_size;
pub mod log_record;
pub mod outcome;
pub mod parent_sink;
pub mod py_sink;
pub mod receiver;
pub mod rotation;
pub mod stream;
pub mod write_lock;
