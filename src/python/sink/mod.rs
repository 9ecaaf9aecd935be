//! python::sink: to be described.

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
