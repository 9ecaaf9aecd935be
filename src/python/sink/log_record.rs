//! The attributes of the `LogRecord` that a handler of `logging` gets for a record of logly.
//!
//! `python/logly/_sinks/log_records.py` makes the record from them.

use pyo3::prelude::*;
use pyo3::types::{PyDateAccess, PyDateTime, PyDelta, PyDeltaAccess, PyDict, PyString, PyTimeAccess, PyTuple};

use crate::python::py::interpreter::name;
use crate::python::py::text::{text_bytes, to_python};
use crate::sys::paths::folder_length;

const MICROSECONDS: i64 = 1_000_000;
const SECONDS_A_DAY: i64 = 24 * 3600;

/// Returns the attributes of a record, in the order in which the class sets them. `started` is the time from which
/// `relativeCreated` counts, in seconds. `process` is the name and the number of this process.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (record, message, exc_info, started, process, /))]
pub fn _log_attributes<'py>(
    record: &Bound<'py, PyDict>,
    message: &Bound<'py, PyAny>,
    exc_info: &Bound<'py, PyAny>,
    started: f64,
    process: (Bound<'py, PyAny>, Bound<'py, PyAny>),
) -> PyResult<Bound<'py, PyDict>> {
    let py = record.py();
    let part = |name: &Bound<'py, PyString>| record.as_any().get_item(name);
    let (level, thread, time) = (part(name!(py, "level"))?, part(name!(py, "thread"))?, part(name!(py, "time"))?);
    let path = part(name!(py, "filename"))?;
    let text = text_bytes(&path).unwrap_or_default();
    let file = base(&text);
    let created = seconds(&time)?;
    let microsecond: u32 = time.getattr(name!(py, "microsecond"))?.extract()?;
    let attributes = PyDict::new(py);
    let put = |name: &Bound<'py, PyString>, value: Bound<'py, PyAny>| attributes.set_item(name, value);
    put(name!(py, "name"), part(name!(py, "name"))?)?;
    put(name!(py, "msg"), message.clone())?;
    put(name!(py, "args"), PyTuple::empty(py).into_any())?;
    put(name!(py, "levelname"), level.getattr(name!(py, "name"))?)?;
    put(name!(py, "levelno"), level.getattr(name!(py, "no"))?)?;
    put(name!(py, "pathname"), path.clone())?;
    put(name!(py, "filename"), to_python(py, file))?;
    put(name!(py, "module"), to_python(py, stem(file)))?;
    put(name!(py, "exc_info"), exc_info.clone())?;
    put(name!(py, "exc_text"), py.None().into_bound(py))?;
    put(name!(py, "stack_info"), py.None().into_bound(py))?;
    put(name!(py, "lineno"), part(name!(py, "line"))?)?;
    put(name!(py, "funcName"), part(name!(py, "function"))?)?;
    attributes.set_item(name!(py, "created"), created)?;
    attributes.set_item(name!(py, "msecs"), f64::from(microsecond / 1000))?;
    attributes.set_item(name!(py, "relativeCreated"), (created - started) * 1000.0)?;
    put(name!(py, "thread"), thread.getattr(name!(py, "id"))?)?;
    put(name!(py, "threadName"), thread.getattr(name!(py, "name"))?)?;
    put(name!(py, "processName"), process.0)?;
    put(name!(py, "process"), process.1)?;
    Ok(attributes)
}

/// `os.path.basename`.
fn base(path: &[u8]) -> &[u8] {
    &path[folder_length(path)..]
}

/// The name of a file without its extension, as `os.path.splitext` has it: dots at the start begin no extension.
fn stem(file: &[u8]) -> &[u8] {
    let dots = file.iter().take_while(|byte| **byte == b'.').count();
    memchr::memrchr(b'.', &file[dots..]).map_or(file, |at| &file[..dots + at])
}

/// `time.timestamp()`, which takes Python four times as long.
fn seconds(time: &Bound<'_, PyAny>) -> PyResult<f64> {
    let py = time.py();
    let own = || {
        let time = time.cast::<PyDateTime>().ok()?;
        let offset = time.call_method0(name!(py, "utcoffset")).ok()?.cast_into::<PyDelta>().ok()?;
        let days = days(time.get_year(), time.get_month(), time.get_day()) - i64::from(offset.get_days());
        let clock = [(time.get_hour(), 3600), (time.get_minute(), 60), (time.get_second(), 1)];
        let clock: i64 = clock.into_iter().map(|(part, seconds)| i64::from(part) * seconds).sum();
        let seconds = days * SECONDS_A_DAY + clock - i64::from(offset.get_seconds());
        let microseconds = i64::from(time.get_microsecond()) - i64::from(offset.get_microseconds());
        Some(quotient(seconds * MICROSECONDS + microseconds))
    };
    match own() {
        Some(seconds) => Ok(seconds),
        None => time.call_method0(name!(py, "timestamp"))?.extract(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "times until the year 2255 are exact, and Python rounds later ones too")]
fn quotient(microseconds: i64) -> f64 {
    microseconds as f64 / MICROSECONDS as f64
}

/// The days from 1970-01-01 to a day of the Gregorian calendar.
fn days(year: i32, month: u8, day: u8) -> i64 {
    // Counted from March, a leap day is the last day of its year.
    let (year, month) = (i64::from(year) - i64::from(month <= 2), (i64::from(month) + 9) % 12);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_those_of_python() {
        for (path, file, module) in [
            ("/srv/app/pay.py", "pay.py", "pay"),
            ("pay", "pay", "pay"),
            ("/a.b/.profile", ".profile", ".profile"),
            ("/a/..x.tar.gz", "..x.tar.gz", "..x.tar"),
            ("/a/", "", ""),
            ("<string>", "<string>", "<string>"),
        ] {
            assert_eq!((base(path.as_bytes()), stem(base(path.as_bytes()))), (file.as_bytes(), module.as_bytes()));
        }
    }

    #[test]
    fn days_are_counted_by_the_calendar() {
        assert_eq!(
            [days(1970, 1, 1), days(1969, 12, 31), days(2000, 2, 29), days(2000, 3, 1)],
            [0, -1, 11_016, 11_017]
        );
        assert_eq!([days(1, 1, 1), days(9999, 12, 31)], [-719_162, 2_932_896]);
    }
}
