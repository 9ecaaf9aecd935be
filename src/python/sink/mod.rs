//! Sinks that are Python objects.
//!
//! Read `py_sink` first, then `stream` (the destination), `line_maker`, `hooks` (filter and format functions),
//! `write_lock` (one line at a time), `rotation`, `enqueue` (records to the queues of files); for lanes `receiver`,
//! `prepared`, `callback_record` and `background`.

mod background;
pub mod callback_record;
pub mod enqueue;
pub mod hooks;
pub mod line_maker;
mod load_size;
mod noting;
pub mod prepared;
pub mod py_sink;
pub mod receiver;
pub mod rotation;
pub mod stream;
pub mod write_lock;
