//! Sinks that are Python objects.
//!
//! Read `py_sink` first, then `stream` (the destination), `line_maker`, `decision` (filter and format functions),
//! `line_up` (one line at a time), `rotation`, `enqueue` (records to the queues of files); for lanes `receiver`,
//! `prepared`, `callback_record` and `background`.

mod background;
pub(crate) mod callback_record;
pub mod decision;
pub(crate) mod enqueue;
pub(crate) mod line_maker;
pub(crate) mod line_up;
mod load_size;
mod noting;
pub(crate) mod prepared;
pub(crate) mod py_sink;
pub(crate) mod receiver;
pub(crate) mod rotation;
pub(crate) mod stream;
