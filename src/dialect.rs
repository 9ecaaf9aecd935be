//! The dialects of a logger: logly's own, and the one in which a logger behaves as Loguru's does.
//!
//! A logger has one dialect from its start to its end. Code that differs asks for the difference by name, outside the
//! path of common calls.

/// The rules that a logger follows where libraries differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    #[default]
    Logly,
    Loguru,
}

impl Dialect {
    /// Whether `%`-conversions in messages are filled in.
    pub fn has_percent(self) -> bool {
        self == Self::Logly
    }

    /// Whether a keyword `exc_info` gives the exception. Otherwise it is a field like others.
    pub fn has_exc_info(self) -> bool {
        self == Self::Logly
    }

    /// Whether positional arguments that the message does not show become a field.
    pub fn keeps_unused(self) -> bool {
        self == Self::Logly
    }

    /// Whether the options of several `opt` calls add up. Otherwise each call begins with the defaults.
    pub fn adds_options(self) -> bool {
        self == Self::Logly
    }

    /// Whether a bound field wins over a field of the context, which then comes first in the record.
    pub fn prefers_bound(self) -> bool {
        self == Self::Loguru
    }

    /// Whether names of levels are found regardless of case, and numbers find the level that has them.
    pub fn guesses_levels(self) -> bool {
        self == Self::Logly
    }

    /// Whether a record has an exception even if none is being handled. Its text is then `NoneType: None`.
    pub fn records_no_exception(self) -> bool {
        self == Self::Loguru
    }

    /// Whether a filter that raises lets the record pass.
    pub fn passes_unfiltered(self) -> bool {
        self == Self::Logly
    }

    /// Whether templates may show attributes, conversions and nested specs, which Python fills in.
    pub fn shows_attributes(self) -> bool {
        self == Self::Loguru
    }

    /// Whether a line consists of its pattern alone, in which line break and traceback are placed.
    pub fn has_whole_patterns(self) -> bool {
        self == Self::Loguru
    }

    /// Whether tracebacks and records have the form that Loguru gives them.
    pub fn is_loguru(self) -> bool {
        self == Self::Loguru
    }
}
