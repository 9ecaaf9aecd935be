//! The parameters of `add` about rotation and archives, checked and turned into types.

use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::{Offset, TimeZone};
use pyo3::prelude::*;
use pyo3::types::{PyDelta, PyDeltaAccess, PyList, PyMapping, PyString, PyTime, PyTimeAccess, PyTuple};

use crate::config::archive::{Adopted, Compression, Retention};
use crate::config::archive_pattern::ArchivePattern;
use crate::config::rotation::Condition;
use crate::config::schedule::Schedule;
use crate::config::sink::Encoding;
use crate::config::{interval, size};
use crate::error::{Error, nearest, quoted};
use crate::python::options::parameter::Given;
use crate::python::options::sink_options::SinkParts;
use crate::python::sink::rotation::RotationFunction;
use crate::python::value::arguments::{dict, is_integer, text, wrong_type, wrong_value};
use crate::sys::support::{HAS_CRASH_FILES, HAS_LINKS, HAS_MODES};

const ROTATION: &str = "a size, an interval, a time of day, a weekday, \"never\", a function or a list of these";
const RETENTION: &str =
    "a number of archives, an age, a size, a dict of count, age and size, a list of these, or a function";
const RETENTION_TEXT: &str = "an age such as \"7 days\" or a size such as \"2 GB\"; a number of archives is an int";
const AGE: &str = "an age such as \"7 days\"";
const COUNT: &str = "a number of archives from 1 to 2**32 - 1";
const COMPRESSION: &str = "a name such as \"gzip\" or \"zstd:9\", or a function";
const ZONE: &str = "a time without a zone, or with a zoneinfo.ZoneInfo known to the system or a datetime.timezone";

/// Permission bits. A number like 644, whose octal prefix was forgotten, is refused.
pub fn set_permissions(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    let bits = given.integer(0, 0o7777, "permission bits such as 0o640")?;
    let has_octal_digits = [bits / 100, bits / 10 % 10, bits % 10].iter().all(|digit| *digit <= 7);
    if bits > 0o777 && has_octal_digits {
        return Err(given.wrong_value(&format!("permission bits such as 0o{bits}")));
    }
    if !HAS_MODES {
        return Err(given.wrong_value("no permissions on this system, where files have access lists"));
    }
    parts.file.permissions = Some(bits as u32);
    Ok(())
}

/// Sets the encoding. `logly.loguru` gives an object for one that only Python knows.
pub(super) fn set_encoding(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.encoder = given.value.getattr_opt("_encode_line")?.map(Bound::unbind);
    if parts.encoder.is_none() {
        parts.file.encoding = Encoding::parse(given.text()?)?;
    }
    Ok(())
}

pub(super) fn set_latest(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.file.has_latest = given.boolean()?;
    if parts.file.has_latest && !HAS_LINKS {
        return Err(given.wrong_value("False on this system, where programs may not make links"));
    }
    Ok(())
}

/// The value is checked only: lines reach the operating system sooner than with any buffering of `open`.
pub(super) fn check_buffering(_: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    given.integer(-1, i64::from(i32::MAX), "a buffering of open()").map(drop)
}

/// The only value says that the queue outlives the process. Without the parameter it does not.
pub(super) fn set_durability(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    match given.text()? {
        "crash" if !HAS_CRASH_FILES => {
            let expected = "no durability on this system";
            Err(Error::value(given.name, expected, "\"crash\"").into())
        }
        "crash" => {
            parts.file.is_kept = true;
            Ok(())
        }
        text => Err(Error::value(given.name, "\"crash\"", quoted(text) + &nearest(text, ["crash"])).into()),
    }
}

pub(super) fn set_rotation(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    for value in items(given.value)? {
        match condition(given.name, &value)? {
            Some(condition) => parts.file.rotation.add(condition),
            None if value.is_callable() => {
                parts.file.rotation.by_function = true;
                parts.rotation_functions.push(RotationFunction::of(&value)?);
            }
            None => return Err(wrong_type(given.name, ROTATION, &value)),
        }
    }
    Ok(())
}

pub(super) fn set_size_limit(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.file.rotation.add(Condition::Size(limit(given.name, given.value)?));
    Ok(())
}

pub(super) fn set_archive(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.file.archive = Some(ArchivePattern::parse(given.name, given.text()?)?);
    Ok(())
}

pub(super) fn set_adopt(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.file.adopted = Some(adopted(given.name, given.value)?);
    Ok(())
}

pub(super) fn set_retention(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    let rules = &mut parts.file.archives.retention;
    if given.value.is_callable() {
        parts.retention_function = Some(given.object());
        rules.push(Retention::Function);
        return Ok(());
    }
    let name = given.name;
    for value in items(given.value)? {
        if value.is_instance_of::<PyMapping>() {
            rules_of_dict(name, &value, rules)?;
        } else if let Some(age) = age(name, &value)? {
            rules.push(age);
        } else if is_integer(&value) {
            rules.push(count(name, &value)?);
        } else if value.is_instance_of::<PyString>() {
            rules.push(Retention::parse(name, RETENTION_TEXT, text(name, &value)?)?);
        } else {
            return Err(wrong_type(name, RETENTION, &value));
        }
    }
    Ok(())
}

pub(super) fn set_compression(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    let compression = if given.is_text() {
        Compression::parse(given.name, given.text()?)?
    } else if given.value.is_callable() {
        parts.compression_function = Some(given.object());
        Compression::Python { suffix: None, level: None }
    } else {
        return Err(given.wrong_type(COMPRESSION));
    };
    parts.file.archives.compression = Some(compression);
    Ok(())
}

/// Parses the choice of archives that count as the file's own.
pub fn adopted(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Adopted> {
    if value.is_instance_of::<PyString>() {
        return Ok(Adopted::parse(name, text(name, value)?)?);
    }
    Err(wrong_type(name, Adopted::EXPECTED, value))
}

/// The items of a list or tuple, or the value itself.
fn items<'py>(value: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        return value.try_iter()?.collect();
    }
    Ok(vec![value.clone()])
}

/// A condition that does not need Python. None for any other object.
fn condition(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<Condition>> {
    if value.is_instance_of::<PyString>() {
        return Ok(Some(Condition::parse(name, text(name, value)?)?));
    }
    if is_integer(value) {
        return Ok(Some(Condition::Size(limit(name, value)?)));
    }
    if let Ok(delta) = value.cast::<PyDelta>() {
        let seconds = microseconds(delta).filter(|micros| micros % 1_000_000 == 0).map(|micros| micros / 1_000_000);
        let schedule = interval::seconds_schedule(seconds.unwrap_or(0));
        let schedule = schedule.map_err(|expected| wrong_value(name, expected, value))?;
        return Ok(Some(Condition::Schedule(counted(value, schedule)?)));
    }
    value.cast::<PyTime>().ok().map(|time| time_of_day(name, time).map(Condition::Schedule)).transpose()
}

/// The interval of a `timedelta`. It counts from the making of the file if the object says so, as those of Loguru do.
fn counted(value: &Bound<'_, PyAny>, schedule: Schedule) -> PyResult<Schedule> {
    let is_since = !value.is_exact_instance_of::<PyDelta>() && value.hasattr("_since_file_was_made")?;
    Ok(match schedule {
        Schedule::Seconds(every) if is_since => Schedule::Since { every, made_ns: 0 },
        schedule => schedule,
    })
}

/// The microseconds of a `timedelta`. None if it is negative.
fn microseconds(delta: &Bound<'_, PyDelta>) -> Option<u128> {
    let seconds = i128::from(delta.get_days()) * i128::from(interval::DAY) + i128::from(delta.get_seconds());
    u128::try_from(seconds * 1_000_000 + i128::from(delta.get_microseconds())).ok()
}

fn time_of_day(name: &str, value: &Bound<'_, PyTime>) -> PyResult<Schedule> {
    let [hour, minute, second] = [value.get_hour(), value.get_minute(), value.get_second()].map(u8::cast_signed);
    let time = Time::new(hour, minute, second, 0).ok().filter(|_| value.get_microsecond() == 0);
    let time = time.ok_or_else(|| wrong_value(name, "a time of whole seconds", value))?;
    let tzinfo = value.getattr("tzinfo")?;
    if tzinfo.is_none() {
        return Ok(Schedule::At { weekday: None, time, zone: None });
    }
    let zone = zone(&tzinfo)?.ok_or_else(|| wrong_value(name, ZONE, value))?;
    Ok(Schedule::At { weekday: None, time, zone: Some(zone) })
}

/// The zone of a `ZoneInfo` by its key, or of a `datetime.timezone` by its offset. None for any other zone.
fn zone(tzinfo: &Bound<'_, PyAny>) -> PyResult<Option<TimeZone>> {
    let py = tzinfo.py();
    if tzinfo.is_instance(&py.import("datetime")?.getattr("timezone")?)? {
        let offset = tzinfo.call_method1("utcoffset", (py.None(),))?.cast_into::<PyDelta>()?;
        let seconds = offset.get_days() * interval::DAY.cast_signed() + offset.get_seconds();
        let offset = Offset::from_seconds(seconds).ok().filter(|_| offset.get_microseconds() == 0);
        return Ok(offset.map(TimeZone::fixed));
    }
    let key = tzinfo.getattr_opt("key")?.and_then(|key| key.extract::<String>().ok());
    Ok(key.and_then(|key| TimeZone::get(&key).ok()))
}

/// A size as text, or as a number of bytes.
pub(super) fn limit(name: &str, value: &Bound<'_, PyAny>) -> PyResult<u64> {
    if value.is_instance_of::<PyString>() {
        return Ok(size::limit(name, text(name, value)?)?);
    }
    if !is_integer(value) {
        return Err(wrong_type(name, size::EXPECTED, value));
    }
    let bytes = value.extract::<u64>().ok().and_then(size::checked);
    bytes.ok_or_else(|| wrong_value(name, size::ALLOWED, value))
}

/// A `timedelta` as an age. None for any other object.
fn age(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<Retention>> {
    let Ok(delta) = value.cast::<PyDelta>() else { return Ok(None) };
    let micros = microseconds(delta).and_then(|micros| u64::try_from(micros).ok());
    let age = micros.map(Duration::from_micros).and_then(interval::checked_age);
    age.map(|age| Some(Retention::Age(age))).ok_or_else(|| wrong_value(name, interval::ALLOWED_AGE, value))
}

fn count(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Retention> {
    if !is_integer(value) {
        return Err(wrong_type(name, COUNT, value));
    }
    let count = value.extract::<u32>().ok().filter(|count| *count > 0);
    count.map(|count| Retention::Count(count.into())).ok_or_else(|| wrong_value(name, COUNT, value))
}

/// The rules of a dict with `count`, `age` and `size`.
fn rules_of_dict(name: &str, value: &Bound<'_, PyAny>, rules: &mut Vec<Retention>) -> PyResult<()> {
    for (key, value) in dict(name, RETENTION, value)?.iter() {
        let key = text(name, &key)?;
        if value.is_none() {
            continue;
        }
        rules.push(match key {
            "count" => count(name, &value)?,
            "size" => Retention::Size(limit(name, &value)?),
            "age" => age_of_dict(name, &value)?,
            _ => {
                let got = quoted(key) + &nearest(key, ["count", "age", "size"]);
                return Err(Error::value(name, "the keys count, age and size", got).into());
            }
        });
    }
    Ok(())
}

fn age_of_dict(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Retention> {
    if let Some(age) = age(name, value)? {
        return Ok(age);
    }
    if !value.is_instance_of::<PyString>() {
        return Err(wrong_type(name, &format!("{AGE} or a timedelta"), value));
    }
    match Retention::parse(name, AGE, text(name, value)?)? {
        age @ Retention::Age(_) => Ok(age),
        _ => Err(wrong_value(name, AGE, value)),
    }
}
