//! Windows: the same functions as `unix` has. `support` says which features are refused.

pub mod clock;
pub mod content;
pub mod descriptors;
pub mod exit;
pub mod fork;
pub mod library;
pub mod locks;
pub mod mapping;
pub mod metadata;
pub mod names;
pub mod opening;
pub mod paths;
pub mod process;
pub mod signals;
pub mod sockets;
pub mod support;
pub mod thread;
pub mod unwinding;
pub mod zone;
