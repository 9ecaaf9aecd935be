//! python::lane: to be described.

mod abrupt;
pub mod callback;
pub(crate) mod callbacks;
pub mod inline;
pub mod of_sink;
pub mod offer;
pub(crate) mod py_lane;
mod work;
