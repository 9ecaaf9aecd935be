//! The queue, from the product by links; only the memory of a ring is replaced.

pub mod checksum;
pub mod kept;
pub mod memory;
pub mod relay;
pub mod ring;
pub mod seat;
