//! Models of the threads around a queue: loom runs each of them in every order that the memory model allows.
//!
//! `ring`, `seat`, `relay` and `per_process` are the files of the product, by links. The modules that they use are replaced:
//! locks and atomics are those of loom, and the memory of a ring tells loom of each access.

pub mod level;
pub mod process;
pub mod queue;
pub mod record;
pub mod site;
pub mod sync;

