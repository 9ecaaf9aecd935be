//! Rules by module, for `filter` and `module_levels`.

use pyo3::prelude::*;
use pyo3::types::PyBool;

use crate::filter::{Rules, Threshold};
use crate::level::Levels;
use crate::python::value::arguments;
use crate::python::value::arguments::{dict, level};

/// A dict of module to the level from which records pass, to True for all records, or to False for none.
pub(super) fn module_rules(
    argument: &str,
    expected: &str,
    levels: &Levels,
    value: &Bound<'_, PyAny>,
) -> PyResult<Rules> {
    let rule = |(module, threshold): (Bound<'_, PyAny>, Bound<'_, PyAny>)| -> PyResult<(Box<[u8]>, Threshold)> {
        let module = if module.is_none() { "" } else { arguments::module(argument, &module)? };
        let threshold = match threshold.cast::<PyBool>() {
            Ok(flag) if flag.is_true() => Threshold::From(i32::MIN),
            Ok(_) => Threshold::Never,
            Err(_) => Threshold::From(level(argument, levels, &threshold)?.no),
        };
        Ok((module.as_bytes().into(), threshold))
    };
    let rules = dict(argument, expected, value)?.iter().map(rule).collect::<PyResult<Vec<_>>>()?;
    Ok(Rules::new(rules, None))
}
