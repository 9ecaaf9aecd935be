//! Values of a program in tracebacks: short, within a budget, and with secrets masked.
//!
//! No code of the program runs. Objects are shown by their attributes, and `repr()` is called only for Python's own simple
//! types. A value is masked if its name as a variable, a key or an attribute is secret. Texts are also masked by their
//! content, such as `token=...` and the passwords of URLs.
//!
//! Read `text` first, then `single` (values without parts) and `parts` (containers and objects). `attributes` and
//! `classes` read objects without their code. `budget` bounds all values of an exception, and `lines` the text of one.

mod attributes;
pub mod budget;
mod classes;
pub mod for_python;
pub mod lines;
mod parts;
mod single;
pub mod text;

pub use classes::has_plain_repr;
