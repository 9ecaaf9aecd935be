//! A record's time in the tokens of formats, for Python code that formats it.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use pyo3::prelude::*;
use pyo3::wrap_pyfunction;

use crate::clock::local_zone;
use crate::format::time::pattern::{TimeCache, TimePattern};

/// The text of an instant at an offset in seconds. The zone has its name if the offset is the local zone's.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (pattern, unix_ns, offset, /))]
fn _time_text(pattern: &str, unix_ns: i64, offset: i32) -> PyResult<String> {
    let pattern = TimePattern::parse("time", pattern)?;
    let local = local_zone();
    let instant = Timestamp::from_nanosecond(unix_ns.into()).unwrap_or_default();
    let zone = if local.to_offset(instant).seconds() == offset {
        local
    } else {
        TimeZone::fixed(Offset::from_seconds(offset).unwrap_or(Offset::UTC))
    };
    let mut out = Vec::new();
    TimeCache::new().render(&pattern, unix_ns, &zone, &mut out);
    Ok(String::from_utf8_lossy(&out).into_owned())
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_time_text, module)?)
}
