//! Rules by module, for `filter` and `module_levels`.

use pyo3::prelude::*;
use pyo3::types::PyBool;

use crate::filter::{Rules, Verdict};
use crate::level::Levels;
use crate::python::value::arguments;
use crate::python::value::arguments::{dict, level};

/// A dict of module to the level from which records pass, to True for all records, or to False for none.
pub fn module_rules(argument: &str, expected: &str, levels: &Levels, value: &Bound<'_, PyAny>) -> PyResult<Rules> {
    let rule = |(module, verdict): (Bound<'_, PyAny>, Bound<'_, PyAny>)| -> PyResult<(Box<[u8]>, Verdict)> {
        let module = if module.is_none() { "" } else { arguments::module(argument, &module)? };
        let verdict = match verdict.cast::<PyBool>() {
            Ok(flag) if flag.is_true() => Verdict::From(i32::MIN),
            Ok(_) => Verdict::Never,
            Err(_) => Verdict::From(level(argument, levels, &verdict)?.no),
        };
        Ok((module.as_bytes().into(), verdict))
    };
    let rules = dict(argument, expected, value)?.iter().map(rule).collect::<PyResult<Vec<_>>>()?;
    Ok(Rules::new(rules, None))
}
