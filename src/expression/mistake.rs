//! A mistake in the source of an expression, and its place.

use std::ops::Range;

use crate::error::{Error, quoted};
use crate::expression::excerpt::excerpt;

#[derive(Debug)]
pub(super) struct Mistake {
    pub expected: String,
    /// The place in the source in bytes; empty if the source ends too early.
    pub at: Range<usize>,
    /// A hint such as the nearest match; empty or beginning with a space.
    pub hint: String,
}

impl Mistake {
    pub fn new(expected: impl Into<String>, at: Range<usize>) -> Self {
        Self { expected: expected.into(), at, hint: String::new() }
    }

    pub(super) fn with_hint(self, hint: String) -> Self {
        Self { hint, ..self }
    }

    /// The error that shows the source with a caret under the mistake.
    pub(super) fn into_error(self, argument: &str, source: &str) -> Error {
        let got = match &source[self.at.clone()] {
            "" => "the end".to_owned(),
            given => quoted(given),
        };
        let (line, column) = excerpt(source, self.at.start);
        Error::source(argument, self.expected, got + &self.hint, line, column)
    }
}
