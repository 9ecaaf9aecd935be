//! logly's access to CPython. Nothing here knows records.
//!
//! Read `gil` first, then `abi` (what depends on the version), `trampoline` (functions that Python calls), `interpreter`, `imports`, `text`, `interrupt`
//! (Ctrl-C and the like), `wait` and `poll` (waiting without the interpreter lock), `strand` (thread or greenlet),
//! `role` and
//! `inside` (the thread that logs), `recursion`, `context_variable`, `fork_barrier`, `streams`, `telling`
//! (reports on standard error), `callable`, `times` and `peek` (the state of dicts and classes).

pub mod abi;
pub mod callable;
pub mod context_variable;
pub mod fork_barrier;
pub mod gil;
pub mod imports;
pub mod inside;
pub mod interpreter;
pub mod interrupt;
pub mod peek;
pub mod poll;
pub mod recursion;
pub mod role;
pub mod strand;
pub mod streams;
pub mod telling;
pub mod text;
pub mod times;
pub mod trampoline;
pub mod wait;
