//! The arguments of `configure` and `level`, applied to the settings. Nothing changes unless all arguments are valid.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PyString, PyTuple};

use crate::config::logger::{LevelSwitches, Settings};
use crate::config::sink::AUTO_FORMAT;
use crate::error::{Error, nearest};
use crate::format::escape::Multiline;
use crate::format::pattern::Pattern;
use crate::format::time::pattern::TimePattern;
use crate::level::Levels;
use crate::logger::core::Core;
use crate::python::call::fields::Fields;
use crate::python::options::parameters;
use crate::python::options::parameters::CONFIGURE_NAMES;
use crate::python::options::rules::module_rules;
use crate::python::value::arguments;
use crate::python::value::arguments::{
    auto_and_json, boolean, canonical, dict, integer, json, level, module, shown, text, wrong_type, wrong_value,
};
use crate::style::theme::Theme;

/// The arguments of `configure` that are not plain settings.
#[derive(Default)]
pub struct ConfigureParts {
    pub console: Option<bool>,
    #[expect(clippy::option_option, reason = "not given, given as None, given as a function")]
    pub color_callback: Option<Option<Py<PyAny>>>,
    pub extra: Option<Py<PyDict>>,
    #[expect(clippy::option_option, reason = "as above")]
    pub patcher: Option<Option<Py<PyAny>>>,
    /// Whether an argument switches levels of the implicit console.
    pub has_console_switches: bool,
}

/// The error for a parameter that `add` takes, and `configure` does not.
fn of_one_sink(given: &str) -> Option<PyErr> {
    let message = format!("configure() got an unexpected keyword argument \"{given}\", which add() takes for one sink");
    parameters::is_of_add(given).then(|| PyTypeError::new_err(message))
}

/// How often `configure` starts again because of changes by other threads.
const MOST_TRIES: u32 = 100;

/// Applies the arguments of `configure`. Returns the arguments that are not plain settings, and the fields of `extra`.
///
/// Reading the text of a value may run Python code, and so let other threads in. Their changes to the settings are not
/// undone: all arguments are parsed again on top of them.
pub fn change(core: &Core, given: &Bound<'_, PyDict>) -> PyResult<(ConfigureParts, Option<Fields>)> {
    let py = given.py();
    let mut tries = 0;
    loop {
        let mut settings = core.settings();
        let parts = ConfigureParts::parse(&mut settings, given)?;
        let fields = |extra: &Py<PyDict>| Fields::new(extra.bind(py), settings.max_message_bytes);
        let extra = parts.extra.as_ref().map(fields).transpose()?;
        if let Some(extra) = &extra {
            settings.extra = extra.encoded.clone().into();
        }
        tries += 1;
        // A value that changes the settings itself would otherwise make this loop endless.
        if core.replace_settings(settings, tries == MOST_TRIES)? {
            return Ok((parts, extra));
        }
    }
}

impl ConfigureParts {
    /// Applies the arguments to `settings`, and returns the rest. The other parameters know the new levels.
    pub fn parse(settings: &mut Settings, given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut parts = Self::default();
        for key in given.keys() {
            let given = text("configure", &key)?;
            canonical("configure", &CONFIGURE_NAMES, given).map_err(|unknown| of_one_sink(given).unwrap_or(unknown))?;
        }
        // None means "not given", so that wrappers can pass their own defaults on.
        let item = |name| Ok::<_, PyErr>(given.get_item(name)?.filter(|value| !value.is_none()));
        if let Some(levels) = item("levels")? {
            define_levels(settings, &levels)?;
        }
        if item("format")?.is_some_and(|format| is_auto(&format)) && item("json")?.is_some() {
            return Err(auto_and_json("configure", "json"));
        }
        for (key, value) in given.iter().filter(|(_, value)| !value.is_none()) {
            parts.set(settings, text("configure", &key)?, &value)?;
        }
        Ok(parts)
    }

    fn set(&mut self, settings: &mut Settings, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        match name {
            // The levels are defined by now, and sinks are added separately.
            "levels" | "sinks" => {}
            "level" => settings.level = level(name, &settings.levels, value)?.no,
            "json" => set_json(settings, value)?,
            "format" => set_format(settings, value)?,
            "pretty_json" => settings.pretty_json = boolean(name, value)?,
            "color" => settings.color = color(name, value)?,
            "theme" => settings.set_theme(Theme::parse(name, text(name, value)?)?),
            "level_colors" => set_level_colors(settings, value)?,
            "color_callback" => self.color_callback = Some(function_or_false(name, value)?),
            "console" | "auto_sink" => {
                settings.has_console = boolean(name, value)?;
                self.console = Some(settings.has_console);
            }
            "log_compact" => settings.is_compact = boolean(name, value)?,
            "show_time" => settings.shown.time = boolean(name, value)?,
            "show_module" => settings.shown.module = boolean(name, value)?,
            "show_function" => settings.shown.function = boolean(name, value)?,
            "show_filename" => settings.shown.filename = boolean(name, value)?,
            "show_lineno" => settings.shown.line = boolean(name, value)?,
            "console_levels" | "time_levels" | "color_levels" | "storage_levels" | "auto_sink_levels" => {
                self.has_console_switches |= matches!(name, "console_levels" | "auto_sink_levels");
                set_switches(settings, name, value)?;
            }
            "max_frames" | "suppress" => set_frames(settings, name, value)?,
            "activation" => activate(settings, value)?,
            "module_levels" => {
                let expected = "a dict of module to level or bool";
                settings.module_levels = module_rules(name, expected, &settings.levels, value)?;
            }
            "patcher" | "patch" => {
                let patcher = function_or_false(name, value)?;
                settings.is_patched = patcher.is_some();
                self.patcher = Some(patcher);
            }
            "extra" => self.extra = Some(dict(name, "a dict", value)?.copy()?.unbind()),
            "multiline" => settings.multiline = Multiline::parse(text(name, value)?)?,
            _ => settings.max_message_bytes = integer(name, value, 64, 1 << 28, "bytes")? as usize,
        }
        Ok(())
    }
}

/// `"auto"` itself decides between text and JSON, so the last one of `format="auto"` and `json` holds.
fn set_json(settings: &mut Settings, value: &Bound<'_, PyAny>) -> PyResult<()> {
    settings.json = json("json", value)?;
    settings.format.take_if(|format| *format == AUTO_FORMAT);
    Ok(())
}

fn set_format(settings: &mut Settings, value: &Bound<'_, PyAny>) -> PyResult<()> {
    if is_false(value) {
        settings.format = None;
        return Ok(());
    }
    if !value.is_instance_of::<PyString>() {
        return Err(wrong_type("format", "a pattern (str), \"auto\" or False", value));
    }
    let format = text("format", value)?;
    if is_auto(value) {
        settings.json = None;
    } else {
        Pattern::parse("format", format, &TimePattern::rfc3339_local())?;
    }
    settings.format = Some(format.to_owned());
    Ok(())
}

/// `"auto"` leaves the choice to the environment and the terminal.
fn color(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
    if is_auto(value) {
        Ok(None)
    } else {
        value
            .cast::<PyBool>()
            .map(|value| Some(value.is_true()))
            .map_err(|_| wrong_type(name, "True, False or \"auto\"", value))
    }
}

/// Whether the value is False, which takes back an earlier value of a setting that is not a switch itself.
fn is_false(value: &Bound<'_, PyAny>) -> bool {
    value.cast::<PyBool>().is_ok_and(|value| !value.is_true())
}

fn function_or_false(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    if is_false(value) {
        return Ok(None);
    }
    if !value.is_callable() {
        return Err(wrong_type(name, "a function, or False for none", value));
    }
    Ok(Some(value.clone().unbind()))
}

fn is_auto(format: &Bound<'_, PyAny>) -> bool {
    format.cast::<PyString>().is_ok_and(|format| format.to_string_lossy() == AUTO_FORMAT)
}

fn set_level_colors(settings: &mut Settings, value: &Bound<'_, PyAny>) -> PyResult<()> {
    for (name, color) in dict("level_colors", "a dict of level to colour", value)?.iter() {
        let level = level("level_colors", &settings.levels, &name)?;
        let known = settings.levels.get(level.id).map(|level| level.name.clone());
        let known = known.ok_or_else(|| wrong_value("level_colors", "levels that have a name", &name))?;
        settings.levels.define("level_colors", &known, None, Some(text("level_colors", &color)?), None)?;
    }
    Ok(())
}

/// `{"DEBUG": False}`: levels that are not named stay as they are.
fn set_switches(settings: &mut Settings, argument: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    for (name, flag) in dict(argument, "a dict of level to True or False", value)?.iter() {
        let level = level(argument, &settings.levels, &name)?;
        if settings.levels.get(level.id).is_none() {
            return Err(wrong_value(argument, "levels that have a name", &name));
        }
        if argument == "auto_sink_levels" && flag.is_instance_of::<PyString>() {
            let file = shown(&flag);
            let expected = format!("True or False; add({file}, level={}) writes a file", shown(&name));
            return Err(Error::type_(argument, expected, file).into());
        }
        let flag = boolean(argument, &flag)?;
        let id = usize::from(level.id);
        if settings.switches.len() <= id {
            settings.switches.resize(id + 1, LevelSwitches::default());
        }
        let switches = &mut settings.switches[id];
        match argument {
            "console_levels" => switches.console = Some(flag),
            "time_levels" => switches.time = Some(flag),
            "color_levels" => switches.color = Some(flag),
            "auto_sink_levels" => switches.auto_sink = Some(flag),
            _ => switches.storage = Some(flag),
        }
    }
    Ok(())
}

/// `[("app.db", False)]`: acts like `enable` and `disable`, one pair after the other.
fn activate(settings: &mut Settings, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let expected = "a list of pairs of name and True or False";
    if !is_list(value) {
        return Err(wrong_type("activation", expected, value));
    }
    for pair in value.try_iter()? {
        let pair = pair?;
        if !is_list(&pair) || pair.len()? != 2 {
            return Err(wrong_type("activation", expected, &pair));
        }
        let is_active = boolean("activation", &pair.get_item(1)?)?;
        settings.activation.set(module("activation", &pair.get_item(0)?)?, is_active);
    }
    Ok(())
}

fn set_frames(settings: &mut Settings, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    if name == "max_frames" {
        let most = || integer(name, value, 1, 1_000_000, "frames").map(|most| most as usize);
        settings.frames.most = if is_false(value) { None } else { Some(most()?) };
        return Ok(());
    }
    let expected = "a list of modules' names";
    if !is_list(value) {
        return Err(wrong_type(name, expected, value));
    }
    let modules = value.try_iter()?.map(|module| Ok(arguments::module(name, &module?)?.as_bytes().into()));
    settings.frames.suppressed = modules.collect::<PyResult<Vec<Box<[u8]>>>>()?;
    Ok(())
}

/// `[{"name": "AUDIT", "no": 35, "color": "cyan", "icon": "A"}]`.
fn define_levels(settings: &mut Settings, value: &Bound<'_, PyAny>) -> PyResult<()> {
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
