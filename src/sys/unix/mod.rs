//! Linux and macOS. Parts that only one of them has are marked in each file.

pub mod clock;
pub mod exit;
pub mod fork;
pub mod library;
pub mod mapping;
pub mod process;
pub mod signals;
pub mod thread;
pub mod unwinding;
pub mod zone;
