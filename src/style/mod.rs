//! Colours and text effects, and the markup that names them.
//!
//! Read `codes` first (names to ANSI codes), then `color` (a style from its text), `markup` (styles within a format)
//! and `theme` (a style for each level). Uses only `error` and `environment`.

pub mod codes;
pub mod color;
pub mod markup;
pub mod theme;
