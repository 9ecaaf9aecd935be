//! The parameters of queues, which `add` and `add_callback` share.

use std::time::Duration;

use pyo3::prelude::*;

use crate::config::queue::{Overflow, QueueOptions};
use crate::python::value::arguments::{integer, text, timeout, wrong_value};

/// Sets one of these parameters; false if `canonical` is another one. Errors call it `name`, as the program did.
pub fn set(options: &mut QueueOptions, canonical: &str, name: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    match canonical {
        "overflow" => options.overflow = Overflow::parse(text(name, value)?)?,
        "block_timeout" => options.block_timeout = block_timeout(name, value)?,
        "buffer_size" => options.bytes = integer(name, value, 4096, 1 << 30, "bytes")? as usize,
        "max_buffered_lines" => options.most_records = Some(integer(name, value, 1, 1 << 30, "lines")? as u64),
        "flush_interval" => {
            let milliseconds = integer(name, value, 0, 3_600_000, "milliseconds")? as u64;
            options.flush_interval = Some(Duration::from_millis(milliseconds)).filter(|interval| !interval.is_zero());
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// The wait in seconds. Infinity waits without limit.
fn block_timeout(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let seconds = timeout(name, Some(value))?.unwrap_or(Duration::MAX);
    if value.lt(0)? {
        return Err(wrong_value(name, "seconds (0 or more)", value));
    }
    Ok(seconds)
}
