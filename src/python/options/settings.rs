//! The parsed arguments of `configure`, and the functions that take the values of its parameters. Also `level`.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PyString, PyTuple};

use crate::config::logger::{LevelSwitches, Settings};
use crate::config::sink::{AUTO_FORMAT, LOGFMT_FORMAT, is_form};
use crate::error::{Error, nearest};
use crate::format::pattern::Pattern;
use crate::format::time::pattern::TimePattern;
use crate::level::{LevelRef, Levels};
use crate::python::call::field_source::FieldSource;
use crate::python::call::from_var::FromVar;
use crate::python::options::parameter::Given;
use crate::python::options::rules::module_rules;
use crate::python::py::context_variable::Variable;
use crate::python::value::arguments::{
    boolean, dict, integer, json, level, module, shown, text, wrong_type, wrong_value,
};

/// The settings as `configure` changes them, and its arguments that are not plain settings.
pub struct ConfigureParts {
    pub settings: Settings,
    pub console: Option<bool>,
    #[expect(clippy::option_option, reason = "not given, given as None, given as a function")]
    pub color_callback: Option<Option<Py<PyAny>>>,
    pub extra: Option<Py<PyDict>>,
    pub context: Option<Vec<FieldSource>>,
    #[expect(clippy::option_option, reason = "as above")]
    pub patcher: Option<Option<Py<PyAny>>>,
    /// Whether an argument switches levels of the implicit console.
    pub has_console_switches: bool,
}

impl ConfigureParts {
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            console: None,
            color_callback: None,
            extra: None,
            context: None,
            patcher: None,
            has_console_switches: false,
        }
    }
}

/// `"auto"` and `"logfmt"` themselves say whether lines are JSON, so the last one of them and `json` holds.
pub(super) fn set_json(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.settings.json = json(given.name, given.value)?;
    parts.settings.format.take_if(|format| is_form(format));
    Ok(())
}

pub fn set_format(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    if is_false(given.value) {
        parts.settings.format = None;
        return Ok(());
    }
    if !given.is_text() {
        return Err(given.wrong_type("a pattern (str), \"auto\", \"logfmt\" or False"));
    }
    let format = given.text()?;
    if is_form(format) {
        parts.settings.json = None;
    } else {
        Pattern::parse(given.name, format, &TimePattern::rfc3339_local())?;
    }
    parts.settings.format = Some(format.to_owned());
    Ok(())
}

/// `"auto"` leaves the choice to the environment and the terminal.
pub(super) fn set_color(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.settings.color = if is_auto(given.value) {
        None
    } else {
        let flag = given.value.cast::<PyBool>().map_err(|_| given.wrong_type("True, False or \"auto\""))?;
        Some(flag.is_true())
    };
    Ok(())
}

pub(super) fn set_color_callback(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.color_callback = Some(function_or_false(given)?);
    Ok(())
}

pub(super) fn set_console(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.settings.has_console = given.boolean()?;
    parts.console = Some(parts.settings.has_console);
    Ok(())
}

pub(super) fn set_patcher(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    let patcher = function_or_false(given)?;
    parts.settings.is_patched = patcher.is_some();
    parts.patcher = Some(patcher);
    Ok(())
}

pub(super) fn set_extra(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.extra = Some(dict(given.name, "a dict", given.value)?.copy()?.unbind());
    Ok(())
}

/// `{"request_id": var, "user": from_var(var, function)}`: replaces all earlier ones.
pub(super) fn set_context(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    let expected = "a dict of name to contextvars.ContextVar or logly.from_var(var, function)";
    let source = |(name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        let name = name.cast::<PyString>().map_err(|_| wrong_type(given.name, expected, &name))?;
        if let Ok(from_var) = value.cast::<FromVar>() {
            let FromVar { variable, function } = from_var.get();
            let py = value.py();
            return Ok(FieldSource::of_function(name, variable.clone_ref(py), function.clone_ref(py)));
        }
        let variable = Variable::of(&value)?.ok_or_else(|| {
            let (argument, name) = (given.name, name.to_string_lossy());
            wrong_type(
                &format!("{argument}: {name}"),
                "a contextvars.ContextVar or logly.from_var(var, function)",
                &value,
            )
        })?;
        Ok(FieldSource::of_value(name, variable))
    };
    let fields = dict(given.name, expected, given.value)?;
    parts.context = Some(fields.iter().map(source).collect::<PyResult<_>>()?);
    Ok(())
}

pub(super) fn set_module_levels(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    let expected = "a dict of module to level or bool";
    parts.settings.module_levels = module_rules(given.name, expected, given.levels, given.value)?;
    Ok(())
}

/// Whether the value is False, which takes back an earlier value of a setting that is not a switch itself.
fn is_false(value: &Bound<'_, PyAny>) -> bool {
    value.cast::<PyBool>().is_ok_and(|value| !value.is_true())
}

fn function_or_false(given: &Given<'_, '_>) -> PyResult<Option<Py<PyAny>>> {
    if is_false(given.value) {
        return Ok(None);
    }
    if !given.value.is_callable() {
        return Err(given.wrong_type("a function, or False for none"));
    }
    Ok(Some(given.object()))
}

fn is_auto(color: &Bound<'_, PyAny>) -> bool {
    color.cast::<PyString>().is_ok_and(|color| color.to_string_lossy() == "auto")
}

/// A format that itself says whether lines are JSON.
pub fn form_of(format: &Bound<'_, PyAny>) -> Option<&'static str> {
    let format = format.cast::<PyString>().ok()?;
    [AUTO_FORMAT, LOGFMT_FORMAT].into_iter().find(|form| format.to_string_lossy() == *form)
}

pub(super) fn set_level_colors(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    let settings = &mut parts.settings;
    for (name, color) in dict("level_colors", "a dict of level to colour", given.value)?.iter() {
        let level = level("level_colors", &settings.levels, &name)?;
        let known = settings.levels.get(level.id).map(|level| level.name.clone());
        let known = known.ok_or_else(|| wrong_value("level_colors", "levels that have a name", &name))?;
        settings.levels.define("level_colors", &known, None, Some(text("level_colors", &color)?), None)?;
    }
    Ok(())
}

pub(super) fn set_time_levels(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    set_switches(&mut parts.settings, given, |switches| &mut switches.time)
}

pub(super) fn set_color_levels(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    set_switches(&mut parts.settings, given, |switches| &mut switches.color)
}

pub(super) fn set_storage_levels(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    set_switches(&mut parts.settings, given, |switches| &mut switches.storage)
}

pub(super) fn set_console_levels(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.has_console_switches = true;
    set_switches(&mut parts.settings, given, |switches| &mut switches.console)
}

pub(super) fn set_auto_sink_levels(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.has_console_switches = true;
    refuse_files(given)?;
    set_switches(&mut parts.settings, given, |switches| &mut switches.auto_sink)
}

/// Refuses the name of a file for a level, unless another entry before it is wrong.
fn refuse_files(given: &Given<'_, '_>) -> PyResult<()> {
    for (name, file) in dict(given.name, SWITCHES, given.value)?.iter() {
        named_level(given.name, given.levels, &name)?;
        if file.is_instance_of::<PyString>() {
            let file = shown(&file);
            let expected = format!("True or False; add({file}, level={}) writes a file", shown(&name));
            return Err(Error::type_(given.name, expected, file).into());
        }
        boolean(given.name, &file)?;
    }
    Ok(())
}

const SWITCHES: &str = "a dict of level to True or False";

/// `{"DEBUG": False}`: levels that are not named stay as they are.
fn set_switches(
    settings: &mut Settings,
    given: &Given<'_, '_>,
    switch: fn(&mut LevelSwitches) -> &mut Option<bool>,
) -> PyResult<()> {
    for (name, flag) in dict(given.name, SWITCHES, given.value)?.iter() {
        let id = usize::from(named_level(given.name, given.levels, &name)?.id);
        let flag = boolean(given.name, &flag)?;
        if settings.switches.len() <= id {
            settings.switches.resize(id + 1, LevelSwitches::default());
        }
        *switch(&mut settings.switches[id]) = Some(flag);
    }
    Ok(())
}

/// A level that has a name, given by name or number.
fn named_level(argument: &str, levels: &Levels, value: &Bound<'_, PyAny>) -> PyResult<LevelRef> {
    let level = level(argument, levels, value)?;
    levels.get(level.id).map(|_| level).ok_or_else(|| wrong_value(argument, "levels that have a name", value))
}

/// `[("app.db", False)]`: acts like `enable` and `disable`, one pair after the other.
pub(super) fn set_activation(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    let expected = "a list of pairs of name and True or False";
    if !is_list(given.value) {
        return Err(given.wrong_type(expected));
    }
    for pair in given.value.try_iter()? {
        let pair = pair?;
        if !is_list(&pair) || pair.len()? != 2 {
            return Err(wrong_type(given.name, expected, &pair));
        }
        let is_active = boolean(given.name, &pair.get_item(1)?)?;
        parts.settings.activation.set(module(given.name, &pair.get_item(0)?)?, is_active);
    }
    Ok(())
}

pub(super) fn set_max_frames(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    let most = || given.integer(1, 1_000_000, "frames").map(|most| most as usize);
    parts.settings.frames.most = if is_false(given.value) { None } else { Some(most()?) };
    Ok(())
}

pub(super) fn set_suppress(parts: &mut ConfigureParts, given: &Given<'_, '_>) -> PyResult<()> {
    if !is_list(given.value) {
        return Err(given.wrong_type("a list of modules' names"));
    }
    let modules = given.value.try_iter()?.map(|name| Ok(module(given.name, &name?)?.as_bytes().into()));
    parts.settings.frames.suppressed = modules.collect::<PyResult<Vec<Box<[u8]>>>>()?;
    Ok(())
}

/// `[{"name": "AUDIT", "no": 35, "color": "cyan", "icon": "A"}]`.
pub(super) fn define_levels(settings: &mut Settings, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let expected = "a list of dicts with name, no, color and icon";
    if !is_list(value) {
        return Err(wrong_type("levels", expected, value));
    }
    for entry in value.try_iter()? {
        let entry = dict("levels", expected, &entry?)?;
        let names = [("name", "name"), ("no", "no"), ("color", "color"), ("icon", "icon")];
        for key in entry.keys() {
            let given = text("levels", &key)?.to_owned();
            if !names.iter().any(|(name, _)| *name == given) {
                let near = nearest(&given, names.map(|(name, _)| name));
                return Err(
                    Error::value("levels", "the keys name, no, color and icon", format!("\"{given}\"{near}")).into()
                );
            }
        }
        let name =
            entry.get_item("name")?.ok_or_else(|| wrong_value("levels", "a name in every entry", entry.as_any()))?;
        let (no, color, icon) = (entry.get_item("no")?, entry.get_item("color")?, entry.get_item("icon")?);
        define_level(&mut settings.levels, &name, no.as_ref(), color.as_ref(), icon.as_ref())
            .map_err(|error| within("levels", value.py(), &error))?;
    }
    Ok(())
}

fn is_list(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>()
}

/// The same error, with the name of the parameter in which it lies.
fn within(argument: &str, py: Python<'_>, error: &PyErr) -> PyErr {
    PyErr::from_type(error.get_type(py), format!("{argument}: {}", error.value(py)))
}

/// Adds or edits one level.
pub fn define_level(
    levels: &mut Levels,
    name: &Bound<'_, PyAny>,
    no: Option<&Bound<'_, PyAny>>,
    color: Option<&Bound<'_, PyAny>>,
    icon: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let given = |value: Option<&Bound<'_, PyAny>>| value.is_some_and(|value| !value.is_none());
    let no =
        no.filter(|_| given(no)).map(|no| integer("no", no, 0, i64::from(i32::MAX), "a level's number")).transpose()?;
    let color = color.filter(|_| given(color)).map(|color| text("color", color)).transpose()?;
    let icon = icon.filter(|_| given(icon)).map(|icon| text("icon", icon)).transpose()?;
    Ok(levels.define("color", text("name", name)?, no.map(|no| no as i32), color, icon)?)
}
