//! Reads the arguments of `add`, `configure` and `add_callback` by their tables of parameters, and lists these tables.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use pyo3::wrap_pyfunction;

use crate::config::logger::Settings;
use crate::config::sink::is_form;
use crate::level::Levels;
use crate::python::options::callback_options::{CALLBACK_PARAMETERS, CallbackParts};
use crate::python::options::parameter::{Given, Group, Parameter, find};
use crate::python::options::setting_parameters::SETTING_PARAMETERS;
use crate::python::options::settings::{ConfigureParts, define_levels, form_of};
use crate::python::options::sink_options::SinkParts;
use crate::python::options::sink_parameters::SINK_PARAMETERS;
use crate::python::value::arguments::{form_and_json, text};

impl SinkParts {
    pub fn parse(levels: &Levels, given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut parts = Self::default();
        let mut seen: Vec<(&str, String)> = Vec::new();
        for (key, value) in given.iter() {
            let name = text("add", &key)?;
            let parameter =
                find("add", SINK_PARAMETERS, name).map_err(|unknown| of_all_sinks(name).unwrap_or(unknown))?;
            // None means "not given", so that wrappers can pass their own defaults on.
            if value.is_none() {
                continue;
            }
            if let Some((_, before)) = seen.iter().find(|(known, _)| *known == parameter.name) {
                let message = format!("add() got \"{before}\" and \"{name}\", which mean the same");
                return Err(PyTypeError::new_err(message));
            }
            seen.push((parameter.name, name.to_owned()));
            if parameter.is_shown {
                parts.show(parameter.name, &value);
            }
            (parameter.set)(&mut parts, &Given { name, value: &value, levels })?;
            match parameter.group {
                Group::File => parts.file_only.push(parameter.name),
                group if group.is_of_exports() => parts.export_only.push(parameter.name),
                _ => {}
            }
        }
        match seen.iter().find(|(name, _)| *name == "json") {
            Some((_, json)) => match parts.options.format.as_deref().filter(|format| is_form(format)) {
                Some(format) => Err(form_and_json("add", format, json)),
                None => Ok(parts),
            },
            None => Ok(parts),
        }
    }
}

/// The error for a parameter that `configure` takes, and `add` does not.
fn of_all_sinks(given: &str) -> Option<PyErr> {
    let message =
        format!("add() got an unexpected keyword argument \"{given}\", which configure() takes for all sinks");
    find("configure", SETTING_PARAMETERS, given).is_ok().then(|| PyTypeError::new_err(message))
}

impl ConfigureParts {
    /// Applies the arguments to `settings`. The other parameters know the new levels.
    pub fn parse(settings: Settings, given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut parts = Self::new(settings);
        for key in given.keys() {
            let name = text("configure", &key)?;
            find("configure", SETTING_PARAMETERS, name).map_err(|unknown| of_one_sink(name).unwrap_or(unknown))?;
        }
        // None means "not given", so that wrappers can pass their own defaults on.
        let item = |name| Ok::<_, PyErr>(given.get_item(name)?.filter(|value| !value.is_none()));
        if let Some(levels) = item("levels")? {
            define_levels(&mut parts.settings, &levels)?;
        }
        let form = item("format")?.and_then(|format| form_of(&format));
        if let Some(form) = form.filter(|_| matches!(item("json"), Ok(Some(_)))) {
            return Err(form_and_json("configure", form, "json"));
        }
        let levels = parts.settings.levels.clone();
        for (key, value) in given.iter().filter(|(_, value)| !value.is_none()) {
            let name = text("configure", &key)?;
            let parameter = find("configure", SETTING_PARAMETERS, name)?;
            (parameter.set)(&mut parts, &Given { name, value: &value, levels: &levels })?;
        }
        Ok(parts)
    }
}

/// The error for a parameter that `add` takes, and `configure` does not. A synonym is not one of them.
fn of_one_sink(given: &str) -> Option<PyErr> {
    let message = format!("configure() got an unexpected keyword argument \"{given}\", which add() takes for one sink");
    let is_of_add = SINK_PARAMETERS.iter().any(|parameter| parameter.name == given);
    is_of_add.then(|| PyTypeError::new_err(message))
}

impl CallbackParts {
    pub fn parse(levels: &Levels, given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut parts = Self::default();
        for (name, value) in given {
            let name = name.extract::<String>()?;
            let parameter = find("add_callback", CALLBACK_PARAMETERS, &name)?;
            if !value.is_none() {
                (parameter.set)(&mut parts, &Given { name: &name, value: &value, levels })?;
            }
        }
        Ok(parts)
    }
}

/// The table of one function: for each parameter its name, its synonyms, its group, whether `sink_info` shows it, and
/// whether a configuration file that was found may have it.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
#[pyo3(signature = (function, /))]
fn _parameters<'py>(py: Python<'py>, function: &str) -> PyResult<Vec<Bound<'py, PyTuple>>> {
    match function {
        "add" => rows(py, SINK_PARAMETERS),
        "configure" => rows(py, SETTING_PARAMETERS),
        "add_callback" => rows(py, CALLBACK_PARAMETERS),
        _ => Err(PyValueError::new_err("this function has no table of parameters")),
    }
}

fn rows<'py, Target>(py: Python<'py>, table: &[Parameter<Target>]) -> PyResult<Vec<Bound<'py, PyTuple>>> {
    let row = |parameter: &Parameter<Target>| {
        let synonyms = PyTuple::new(py, parameter.synonyms)?;
        (parameter.name, synonyms, parameter.group.name(), parameter.is_shown, parameter.is_for_found_files)
            .into_pyobject(py)
    };
    table.iter().map(row).collect()
}

pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_parameters, module)?)
}
