//! logly's access to CPython. Nothing here knows records.
//!
//! Read `gil` first, then `trampoline` (functions that Python calls), `interpreter`, `imports`, `text`, `interrupt`
//! (Ctrl-C and the like), `wait` (waiting without the interpreter lock), `strand` (thread or greenlet), `role` and
//! `inside` (the thread that logs), `recursion`, `context` (context variables), `fork_barrier`, `streams`, `telling`
//! (reports on standard error), `callable` and `times`.

pub(crate) mod callable;
pub(crate) mod context;
pub(crate) mod fork_barrier;
pub mod gil;
pub mod imports;
pub mod inside;
pub(crate) mod interpreter;
pub mod interrupt;
pub mod recursion;
pub mod role;
pub(crate) mod strand;
pub mod streams;
pub(crate) mod telling;
pub mod text;
pub(crate) mod times;
pub mod trampoline;
pub(crate) mod wait;
