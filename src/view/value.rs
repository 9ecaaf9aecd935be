//! A value as a line has it, with what it is as a text and in an expression.

use std::borrow::Cow;

use crate::expression::datum::Datum;
use crate::reading::json::{bare_text, on_one_line};

/// A value as the line has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'l> {
    Json(&'l [u8]),
    Text(&'l [u8]),
}

impl<'l> Value<'l> {
    pub fn datum(self) -> Datum<'l> {
        match self {
            Self::Json(json) => match bare_text(json) {
                Some(text) => Datum::text(text),
                None => Datum::of_json(json).unwrap_or_else(|| Datum::text(json)),
            },
            Self::Text(text) => number_in(text).unwrap_or_else(|| Datum::text(text)),
        }
    }

    /// The value as text: a string without its quotes, anything else as it is written.
    pub fn text(self) -> Cow<'l, [u8]> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Json(json) => match bare_text(json) {
                Some(text) => Cow::Borrowed(text),
                None if json.starts_with(b"\"") => match Datum::of_json(json) {
                    Some(Datum::Text(text)) => Cow::Owned(text.into_owned()),
                    _ => Cow::Borrowed(json),
                },
                None if json.contains(&b'\n') => Cow::Owned(on_one_line(json)),
                None => Cow::Borrowed(json),
            },
        }
    }
}

/// The number, truth or absence that a text shows. Texts do not tell them from strings.
fn number_in(text: &[u8]) -> Option<Datum<'_>> {
    match text {
        b"true" | b"True" => Some(Datum::Bool(true)),
        b"false" | b"False" => Some(Datum::Bool(false)),
        b"null" | b"None" => Some(Datum::None),
        _ => Some(text)
            .filter(|text| text.first().is_some_and(|b| b.is_ascii_digit() || *b == b'-'))
            .and_then(Datum::of_json),
    }
}
