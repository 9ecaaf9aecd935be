//! Expressions such as `level >= WARNING and path != '/health'`, which choose records.
//!
//! They are compiled once, where a sink or a search is configured, and evaluated without Python. The grammar and the
//! results are Python's, with these differences: a missing name is None; values of unlike types do not compare; `~`
//! looks for a regular expression, and `startswith`, `endswith`, `contains` and `exists` are operators.
//!
//! Read `compiled` first. The source becomes tokens (`lexer`), the tokens become a tree (`grammar`, `tree`; `names`
//! has the record's keys, `resolving` turns level names and times into numbers), and `evaluation` computes `values`
//! (`datum`, `json_value`). A `mistake` is shown with an `excerpt` of the source.

pub mod compiled;
pub mod datum;
mod evaluation;
mod excerpt;
mod grammar;
mod json_value;
mod lexer;
mod mistake;
pub mod names;
mod resolving;
mod tree;
pub mod values;
