//! The parameters of queues, which `add` and `add_callback` share.

use std::time::Duration;

use pyo3::prelude::*;

use crate::config::queue::{Overflow, QueueOptions};
use crate::python::options::parameter::Given;
use crate::python::value::arguments::timeout;

pub(super) fn set_overflow(queue: &mut QueueOptions, given: &Given<'_, '_>) -> PyResult<()> {
    queue.overflow = Overflow::parse(given.text()?)?;
    Ok(())
}

/// The wait in seconds. Infinity waits without limit.
pub(super) fn set_block_timeout(queue: &mut QueueOptions, given: &Given<'_, '_>) -> PyResult<()> {
    queue.block_timeout = timeout(given.name, Some(given.value))?.unwrap_or(Duration::MAX);
    if given.value.lt(0)? {
        return Err(given.wrong_value("seconds (0 or more)"));
    }
    Ok(())
}

pub(super) fn set_bytes(queue: &mut QueueOptions, given: &Given<'_, '_>) -> PyResult<()> {
    queue.bytes = given.integer(4096, 1 << 30, "bytes")? as usize;
    Ok(())
}

pub(super) fn set_most_records(queue: &mut QueueOptions, given: &Given<'_, '_>) -> PyResult<()> {
    queue.most_records = Some(given.integer(1, 1 << 30, "lines")? as u64);
    Ok(())
}

pub(super) fn set_flush_interval(queue: &mut QueueOptions, given: &Given<'_, '_>) -> PyResult<()> {
    let milliseconds = given.integer(0, 3_600_000, "milliseconds")? as u64;
    queue.flush_interval = Some(Duration::from_millis(milliseconds)).filter(|interval| !interval.is_zero());
    Ok(())
}
