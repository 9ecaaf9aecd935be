//! Strings among the values of a traceback: those that hold no secret for certain.
//!
//! `python/logly/_exceptions/masking.py` has the patterns of secrets. Each of them needs one of the words here. A string
//! without any of them is written as it is; the patterns are left for others.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::format::escape::is_bare_text;
use crate::python::py::text::{text_bytes, utf8};

/// The characters of a string that are looked at.
const MOST_OF_TEXT: usize = 1_024;

/// The characters of a string that are written; more than are shown.
const MOST_WRITTEN: usize = 256;

/// In small letters. Parts of words stand for all words that have them.
const WORDS: [&str; 29] = [
    "pass",
    "pw",
    "secret",
    "token",
    "key",
    "auth",
    "cookie",
    "cred",
    "session",
    "bearer",
    "basic",
    "jwt",
    "csrf",
    "xsrf",
    "cvv",
    "card",
    "eyj",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat",
    "glpat",
    "xox",
    "sk-",
    "sk_",
    "-begin",
    "://",
];

static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .build(WORDS)
        .expect("short words; this is a bug in logly")
});

/// The text of a string in quotes, uncut. None if it may hold a secret, or letters beyond ASCII, which case makes equal
/// to others.
pub fn text_of(string: &Bound<'_, PyString>) -> Option<Vec<u8>> {
    let text = utf8(string.as_borrowed())?;
    if text.len() > MOST_OF_TEXT || !text.is_ascii() || FINDER.is_match(text) {
        return None;
    }
    let written = &text[..text.len().min(MOST_WRITTEN)];
    if is_bare_text(written.as_bytes()) {
        return Some([b"'", written.as_bytes(), b"'"].concat());
    }
    let repr = PyString::new(string.py(), written).repr().ok()?;
    text_bytes(repr.as_any())
}
