//! The kernel's notifications that the name of a file changed. Only Linux has any that name the change.

mod event;
#[cfg(target_os = "linux")]
mod inotify;
#[cfg(not(target_os = "linux"))]
mod none;

#[cfg(target_os = "linux")]
pub use inotify::*;
#[cfg(not(target_os = "linux"))]
pub use none::*;
