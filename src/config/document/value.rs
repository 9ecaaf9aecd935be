//! A configuration file as what it says, each value with the line it stands in.
//!
//! TOML and JSON are read into the same form. Neither knows what the keys mean: that is for whoever applies them.

/// How deep tables and arrays may be in each other.
pub(super) const DEEPEST: usize = 64;

/// A value and its line, from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub line: usize,
    pub value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// JSON's alone.
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A text, or a time of TOML's as it is written.
    Text(String),
    List(Vec<Entry>),
    /// In the order of the file, each key once.
    Table(Vec<(String, Entry)>),
}

/// Why a file cannot be read: where, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub line: usize,
    pub column: usize,
    pub what: String,
}
