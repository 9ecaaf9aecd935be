//! The only folder that knows Python. Its modules stand in the order a call meets them.

pub mod call;
pub mod entry;
pub mod exception;
pub mod files;
pub mod lane;
pub mod logger;
mod module;
pub mod options;
pub mod py;
pub mod record;
pub mod sink;
pub mod value;
