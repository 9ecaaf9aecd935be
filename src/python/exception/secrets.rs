//! Texts and names that hold no secret for certain, among the values of tracebacks.
//!
//! `python/logly/_exceptions/masking.py` has the patterns of secrets and of secret names. Each of them needs one of the
//! words here. The patterns take microseconds, so a text without any of these words is not searched for them.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::python::py::text::utf8;

/// In small letters. A word stands for all words that it is a part of.
const OF_TEXTS: [&str; 29] = [
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

/// As above. Names are compared without the characters that are no letters.
const OF_NAMES: [&str; 19] = [
    "pass", "pw", "secret", "token", "key", "auth", "cookie", "cred", "session", "bearer", "jwt", "csrf", "xsrf",
    "cvv", "card", "pin", "psk", "otp", "ssn",
];

static TEXTS: LazyLock<AhoCorasick> = LazyLock::new(|| finder(&OF_TEXTS));
static NAMES: LazyLock<AhoCorasick> = LazyLock::new(|| finder(&OF_NAMES));

fn finder(words: &[&str]) -> AhoCorasick {
    let built = AhoCorasick::builder().ascii_case_insensitive(true).build(words);
    built.expect("a few short words; this is a bug in logly")
}

/// Whether a text holds no secret for certain. Letters beyond ASCII may be equal to others by their case.
pub fn has_none(text: &str) -> bool {
    text.is_ascii() && !TEXTS.is_match(text)
}

/// Whether a name is not secret for certain.
pub fn is_open_name(name: &str) -> bool {
    let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
    name.is_ascii() && !NAMES.is_match(&letters)
}

/// Whether a text holds no secret for certain.
#[pyfunction(crate = "crate::python::py::trampoline::watched", signature = (text, /))]
pub fn _has_no_secret(text: &Bound<'_, PyString>) -> bool {
    utf8(text.as_borrowed()).is_some_and(has_none)
}
