//! The content of a configuration file as values, each with its line number.
//!
//! TOML and JSON are read into the same form. Neither reader knows the meaning of the keys; the code that applies them
//! does.

/// The deepest nesting of tables and arrays.
pub(super) const DEEPEST: usize = 64;

/// A value and its line, from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub line: usize,
    pub value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Only in JSON.
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A string, or a TOML date or time as text.
    Text(String),
    List(Vec<Entry>),
    /// In the order of the file. Each key is there once.
    Table(Vec<(String, Entry)>),
}

/// The position and the reason of an error that makes a file unreadable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub line: usize,
    pub column: usize,
    pub what: String,
}
