//! The only error type: the arguments that `add`, `configure` and similar functions refuse, and the reason.
//!
//! Errors are raised only during configuration. Later failures are counted and reported by `report`, never returned to
//! a caller.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The kinds of refused configuration.
#[derive(Debug, Error)]
pub enum Error {
    /// A value of the right type that is not allowed: the argument, the allowed values, the given value.
    #[error("{argument}: expected {expected}, got {got}")]
    Value { argument: String, expected: String, got: String },
    /// A value of the wrong type.
    #[error("{argument}: expected {expected}, got {got}")]
    Type { argument: String, expected: String, got: String },
    /// A mistake in a text that has a grammar: a refused value, the line it is in, and the line with the caret.
    #[error("{argument}: expected {expected}, got {got}\n  {line}\n  {caret}")]
    Source { argument: String, expected: String, got: String, line: String, caret: String },
    /// A name that a program looks up, with the whole text of the error.
    #[error("{0}")]
    Unknown(String),
    /// A file that cannot be opened or created.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A refused value. `got` is shown as given, so quote it if it is text.
    pub fn value(argument: &str, expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self::Value { argument: argument.to_owned(), expected: printable(expected.into()), got: printable(got.into()) }
    }

    /// A refused type.
    pub fn type_(argument: &str, expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self::Type { argument: argument.to_owned(), expected: printable(expected.into()), got: printable(got.into()) }
    }

    /// A mistake in a line, and its column on a terminal, counted from 0.
    pub fn source(argument: &str, expected: String, got: String, line: String, column: usize) -> Self {
        Self::Source {
            argument: argument.to_owned(),
            expected: printable(expected),
            got: printable(got),
            line,
            caret: " ".repeat(column) + "^",
        }
    }

    /// A file that the operating system refused.
    pub fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}

/// The allowed name nearest to `given`, as `" (did you mean \"x\"?)"`; empty if none is near.
pub fn nearest<'a>(given: &str, allowed: impl IntoIterator<Item = &'a str>) -> String {
    let lowered = given.to_lowercase();
    allowed
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&lowered, &name.to_lowercase()), name))
        .filter(|(score, _)| *score >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| format!(" (did you mean \"{name}\"?)"))
        .unwrap_or_default()
}

/// Escapes characters that control a terminal or are invisible on it: `\x1b`, `\u202e`.
pub fn printable(text: String) -> String {
    if !text.contains(is_unseen) {
        return text;
    }
    let escaped = |c: char| match u32::from(c) {
        code @ ..=0xff => format!("\\x{code:02x}"),
        code @ ..=0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    };
    text.chars().map(|c| if is_unseen(c) { escaped(c) } else { c.to_string() }).collect()
}

/// Whether a character is a control or format character, ends a line, or changes the text direction.
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c), 0xad | 0x61c | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff
            | 0xfff9..=0xfffb | 0xe0000..=0xe007f)
}

/// The given text as errors show it: quoted and shortened.
pub fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(80).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    format!("\"{short}\"")
}
