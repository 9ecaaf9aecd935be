//! One parameter of `add`, `configure` or `add_callback`: its names, its group, and the function that takes its value.

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::expression::compiled::Expression;
use crate::level::Levels;
use crate::python::value::arguments;

/// The sinks that have a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Every,
    /// Any other sink refuses it.
    File,
    /// Sinks that are written in the background.
    Background,
    /// Sinks that send records to a collector of OpenTelemetry.
    Otlp,
    /// Sinks that send records to syslog or to the journal.
    Syslog,
    /// Sinks that send records to another program.
    Network,
}

impl Group {
    /// Whether only sinks that send records to another program have it.
    pub fn is_of_exports(self) -> bool {
        matches!(self, Self::Otlp | Self::Syslog | Self::Network)
    }

    /// Its name in the table that tests and documentation read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Every => "every",
            Self::File => "file",
            Self::Background => "background",
            Self::Otlp => "otlp",
            Self::Syslog => "syslog",
            Self::Network => "network",
        }
    }
}

/// The function that takes the value of a parameter.
type Setter<Target> = fn(&mut Target, &Given<'_, '_>) -> PyResult<()>;

/// One row of a table of parameters. `Target` holds the parsed values.
pub struct Parameter<Target> {
    pub name: &'static str,
    pub synonyms: &'static [&'static str],
    pub group: Group,
    /// Whether `sink_info` shows the value as it was given.
    pub is_shown: bool,
    /// Whether a configuration file may have it that was found, and not named.
    pub is_for_found_files: bool,
    pub set: Setter<Target>,
}

impl<Target> Parameter<Target> {
    /// A parameter of every sink, that a configuration file that was found may not have.
    pub const fn new(name: &'static str, set: Setter<Target>) -> Self {
        Self { name, synonyms: &[], group: Group::Every, is_shown: false, is_for_found_files: false, set }
    }

    pub const fn file(name: &'static str, set: Setter<Target>) -> Self {
        Self { group: Group::File, ..Self::new(name, set) }
    }

    pub const fn background(name: &'static str, set: Setter<Target>) -> Self {
        Self { group: Group::Background, ..Self::new(name, set) }
    }

    pub const fn otlp(name: &'static str, set: Setter<Target>) -> Self {
        Self { group: Group::Otlp, ..Self::new(name, set) }
    }

    pub const fn syslog(name: &'static str, set: Setter<Target>) -> Self {
        Self { group: Group::Syslog, ..Self::new(name, set) }
    }

    pub const fn network(name: &'static str, set: Setter<Target>) -> Self {
        Self { group: Group::Network, ..Self::new(name, set) }
    }

    pub(super) const fn synonyms(self, synonyms: &'static [&'static str]) -> Self {
        Self { synonyms, ..self }
    }

    pub const fn shown(self) -> Self {
        Self { is_shown: true, ..self }
    }

    pub(super) const fn in_found_files(self) -> Self {
        Self { is_for_found_files: true, ..self }
    }

    fn names(&self) -> impl Iterator<Item = &'static str> + use<Target> {
        std::iter::once(self.name).chain(self.synonyms.iter().copied())
    }
}

/// The parameter with this name or synonym, or the error for an unknown one, which suggests the nearest name.
pub fn find<Target>(
    function: &str,
    table: &'static [Parameter<Target>],
    given: &str,
) -> PyResult<&'static Parameter<Target>> {
    let found = table.iter().find(|parameter| parameter.names().any(|name| name == given));
    found.ok_or_else(|| {
        let names: Vec<_> = table.iter().flat_map(Parameter::names).collect();
        arguments::unexpected(function, &names, given)
    })
}

/// A value that a program gave.
pub struct Given<'a, 'py> {
    /// The name that the program used. Errors show it.
    pub name: &'a str,
    pub value: &'a Bound<'py, PyAny>,
    pub levels: &'a Levels,
}

impl Given<'_, '_> {
    pub fn is_text(&self) -> bool {
        self.value.is_instance_of::<PyString>()
    }

    pub fn text(&self) -> PyResult<&str> {
        arguments::text(self.name, self.value)
    }

    pub fn boolean(&self) -> PyResult<bool> {
        arguments::boolean(self.name, self.value)
    }

    pub fn integer(&self, least: i64, most: i64, unit: &str) -> PyResult<i64> {
        arguments::integer(self.name, self.value, least, most, unit)
    }

    /// The number of a level that is given by name or number.
    pub fn level(&self) -> PyResult<i32> {
        Ok(arguments::level(self.name, self.levels, self.value)?.no)
    }

    pub fn expression(&self) -> PyResult<Expression> {
        Ok(Expression::parse(self.name, self.text()?, self.levels)?)
    }

    /// A copy of the reference, to keep.
    pub fn object(&self) -> Py<PyAny> {
        self.value.clone().unbind()
    }

    pub fn wrong_type(&self, expected: &str) -> PyErr {
        arguments::wrong_type(self.name, expected, self.value)
    }

    pub fn wrong_value(&self, expected: &str) -> PyErr {
        arguments::wrong_value(self.name, expected, self.value)
    }
}
