//! Shapes of structured lines: the JSON of other systems, JSON with changed keys, and logfmt.
//!
//! Read `program` first (a shape is a tree of members), then `kind` (the shapes and their keys), `compile` with
//! `builder` (from settings to a tree) and `put` (from a record to a line). `fields`, `special`, `failure`, `severity`,
//! `logfmt`, `any_value` and `walk` each write or read one kind of value; `names` is a set of keys.

pub mod any_value;
pub mod builder;
pub mod compile;
pub mod failure;
pub mod fields;
pub mod kind;
pub mod logfmt;
pub mod names;
pub mod program;
pub mod put;
pub mod severity;
pub mod special;
pub mod walk;
