//! The arguments of `search_log` and `read_lines`, checked and compiled.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::config::search::{Condition, LevelFilter, LineRange, Pattern, Query};
use crate::python::call::state::PyLogger;
use crate::python::value::arguments::{boolean, is_integer, text, wrong_type, wrong_value};

/// The query from the arguments of `search_log`, which are all given, by the names of its parameters.
pub fn query(logger: &PyLogger, pattern: &Bound<'_, PyAny>, given: &Bound<'_, PyDict>) -> PyResult<Query> {
    let value = |name: &str| given.as_any().get_item(name);
    let flag = |name: &str| boolean(name, &value(name)?);
    let count = |name: &str| count(name, &value(name)?);
    let most = if value("max_results")?.is_none() { usize::MAX } else { count("max_results")? };
    Ok(Query {
        pattern: Pattern::parse(text("pattern", pattern)?, flag("case_sensitive")?, flag("use_regex")?)?,
        is_inverted: flag("invert_match")?,
        level: level(logger, &value("level_filter")?)?,
        condition: condition(logger, &value("where")?)?,
        lines: lines(("start_line", &value("start_line")?), ("end_line", &value("end_line")?))?,
        most: if flag("first_only")? { most.min(1) } else { most },
        before: count("context_before")?,
        after: count("context_after")?,
    })
}

/// The range of lines given by two arguments, each with its name.
pub fn lines(start: (&str, &Bound<'_, PyAny>), end: (&str, &Bound<'_, PyAny>)) -> PyResult<LineRange> {
    Ok(LineRange::new((start.0, line(start.0, start.1)?), (end.0, line(end.0, end.1)?))?)
}

fn level(logger: &PyLogger, given: &Bound<'_, PyAny>) -> PyResult<Option<LevelFilter>> {
    if given.is_none() {
        return Ok(None);
    }
    let level = logger.parse_level("level_filter", given)?;
    let levels = logger.core().settings().levels;
    let name = levels.get(level.id).map_or_else(|| format!("Level {}", level.no), |level| level.name.clone());
    Ok(Some(LevelFilter::new(name, &levels)?))
}

fn condition(logger: &PyLogger, given: &Bound<'_, PyAny>) -> PyResult<Option<Condition>> {
    if given.is_none() {
        return Ok(None);
    }
    Ok(Some(Condition::parse("where", text("where", given)?, &logger.core().settings().levels)?))
}

/// A line number. A number beyond the range of `i64` becomes the nearest end of that range.
fn line(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<i64>> {
    if value.is_none() {
        return Ok(None);
    }
    if !is_integer(value) {
        return Err(wrong_type(argument, "a line's number (int) or None", value));
    }
    match value.extract() {
        Ok(line) => Ok(Some(line)),
        Err(_) => Ok(Some(if value.lt(0)? { i64::MIN } else { i64::MAX })),
    }
}

fn count(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<usize> {
    if !is_integer(value) {
        return Err(wrong_type(argument, "a number (int)", value));
    }
    if value.lt(0)? {
        return Err(wrong_value(argument, "a number of 0 or more", value));
    }
    Ok(value.extract().unwrap_or(usize::MAX))
}
