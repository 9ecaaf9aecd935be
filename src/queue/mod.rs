//! queue: to be described.

pub mod looks;
pub mod oversize;
pub mod relay;
pub mod ring;
pub mod seat;
pub mod timeline;
