//! The process: forks, its end, and threads at its end.
//!
//! Read `fork` first, then `per_process` (one value for each process), `inherited` (descriptors a child lets go of),
//! `gate` (threads on their way back to Python), `parking` (threads that CPython ends), `exit` (after the interpreter)
//! and `thread_time`.
//!
//! The end of a process, in order:
//!
//! 1. CPython ends the main thread: `python/logly/_lanes/ending.py` has callbacks called while threads can still be
//!    made.
//! 2. `atexit`: `python/logly/_process/lifecycle.py` runs the rest.
//! 3. `python::module::_finish` empties lanes and queues within a deadline; from then on callers write by themselves.
//! 4. `_stop_sinks` ends Python sinks; loops and the archiver's thread end.
//! 5. `gate::seal`: no thread goes back to Python any more.
//! 6. After the interpreter, `exit` seals the pipelines: no write is cut.

pub mod ending;
pub mod exit;
pub mod exiting;
pub mod fork;
pub mod gate;
pub mod inherited;
pub mod parking;
pub mod per_process;
pub mod thread_time;
