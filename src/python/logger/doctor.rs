//! Answers for `python -m logly doctor`: why a sink would not show a call of some module and level, and whether a
//! stream takes colours.

use pyo3::prelude::*;
use pyo3::wrap_pyfunction;

use crate::config::logger::Settings;
use crate::level::{ERROR, LevelRef};
use crate::python::call::state::PyLogger;
use crate::python::sink::hooks::PythonHooks;
use crate::site::Location;
use crate::style::color::is_color_wanted;
use crate::writer::snapshot::ActiveSink;

/// For each sink, its id and the reason why it would not show such a call. The reason is empty if the sink would show
/// it.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (logger, module, level, /))]
fn _reasons_hidden(
    logger: &Bound<'_, PyLogger>,
    module: &str,
    level: &Bound<'_, PyAny>,
) -> PyResult<Vec<(u32, &'static str)>> {
    let logger = logger.get();
    let level = logger.parse_level("level", level)?;
    let (core, settings) = (logger.core(), logger.core().settings());
    let sinks = core.sinks();
    let whole = if !settings.activation.allows(module.as_bytes()) {
        Some("disable() or activation switches the module off")
    } else if core.lowest() == i32::MAX && sinks.iter().any(|active| active.is_enabled) {
        Some("disable() switches the whole logger off")
    } else {
        None
    };
    let reason = |active: &ActiveSink| whole.unwrap_or_else(|| reason(active, &settings, level, module));
    Ok(sinks.iter().map(|active| (active.sink.id, reason(active))).collect())
}

fn reason(active: &ActiveSink, settings: &Settings, level: LevelRef, module: &str) -> &'static str {
    let location = Location { module: module.as_bytes(), function: b"", path: b"", line: 0 };
    let filter = &active.sink.options.filter;
    let hooks = PythonHooks::of(&active.sink);
    if !active.is_enabled {
        "disable_sink() switches it off"
    } else if level.no < active.own_level.unwrap_or(i32::MIN) {
        "its level is higher"
    } else if active.sink.switch(settings.switches(level.id)) == Some(false) {
        "console_levels, auto_sink_levels or storage_levels switch the level off"
    } else if settings.module_levels.is_empty() && level.no < active.level {
        "the level of configure() is higher"
    } else if !active.is_plain && !active.accepts_module(settings, level, location.module) {
        "module_levels, or the level of configure(), is higher"
    } else if filter.function.is_some() {
        "filter_function decides by the function"
    } else if !filter.accepts(level.no, location.module, &location) {
        "its filter leaves the module out"
    } else if filter.expression.is_some() {
        "where decides by the record"
    } else if hooks.is_some_and(|hooks| hooks.filter.is_some()) {
        "its filter is a function, which decides by the record"
    } else if active.sink.volume.is_some() && level.no < ERROR.no {
        "its sample or limit may leave the record out"
    } else {
        ""
    }
}

/// Whether a stream takes colours, according to the environment and the terminal.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _takes_color(is_terminal: bool) -> bool {
    is_color_wanted(None, is_terminal)
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_reasons_hidden, module)?)?;
    module.add_function(wrap_pyfunction!(_takes_color, module)?)
}
