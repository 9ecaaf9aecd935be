//! Names whose values are masked in tracebacks, and texts that hold no secret for certain.
//!
//! `python/logly/_exceptions/masking.py` has the patterns of secrets in texts. Each of them needs one of the words here.
//! The patterns take microseconds, so a text without any of these words is not searched for them.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use smallvec::SmallVec;

use crate::python::py::text::utf8;
use crate::redaction::names::{PARTS, WHOLE, WORDS};

/// The text of a masked value.
pub const MASK: &[u8] = b"'***'";

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

/// Only this many characters of a name are looked at.
const LONGEST_NAME: usize = 100;

/// Characters that are no letters of ASCII, and equal one if case does not matter.
const LIKE_ASCII: [char; 4] = ['\u{130}', '\u{131}', '\u{17f}', '\u{212a}'];

static TEXTS: LazyLock<AhoCorasick> = LazyLock::new(|| finder(&OF_TEXTS));
static NAMES: LazyLock<AhoCorasick> = LazyLock::new(|| finder(&WORDS));
/// The words of all secret names. Most names have none of them.
static ANY_OF_NAMES: LazyLock<AhoCorasick> =
    LazyLock::new(|| finder(&[WORDS.as_slice(), WHOLE.as_slice(), PARTS.as_slice()].concat()));

type Letters = SmallVec<[u8; 128]>;

fn finder(words: &[&str]) -> AhoCorasick {
    let built = AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(words);
    built.expect("a few short words; this is a bug in logly")
}

/// Whether a text holds no secret for certain.
pub fn has_none(text: &str) -> bool {
    (text.is_ascii() || !text.contains(LIKE_ASCII)) && !TEXTS.is_match(text)
}

/// Whether a value with this name is masked. A tuple is a secret name if one of its items is.
pub fn is_secret(name: &Bound<'_, PyAny>) -> bool {
    if let Ok(text) = name.cast::<PyString>() {
        return is_secret_text(text);
    }
    if let Ok(bytes) = name.cast::<PyBytes>() {
        let text: String = bytes.as_bytes().iter().copied().take(LONGEST_NAME).map(char::from).collect();
        return is_secret_name(&text);
    }
    let Ok(names) = name.cast_exact::<PyTuple>() else { return false };
    names.iter().any(|name| !name.is_exact_instance_of::<PyTuple>() && is_secret(&name))
}

fn is_secret_text(text: &Bound<'_, PyString>) -> bool {
    match utf8(text.as_borrowed()) {
        Some(text) => is_secret_name(text),
        // Lone surrogates are no letters.
        None => is_secret_name(&text.to_string_lossy()),
    }
}

/// Whether an item of a command line is an option whose value is the next item, and secret.
pub fn is_option(item: &Bound<'_, PyAny>) -> bool {
    let Ok(text) = item.cast_exact::<PyString>() else { return false };
    utf8(text.as_borrowed()).is_some_and(|text| text.starts_with('-') && !text.contains('=')) && is_secret_text(text)
}

/// Whether a value with this name is masked.
fn is_secret_name(name: &str) -> bool {
    let name = name.char_indices().nth(LONGEST_NAME).map_or(name, |(end, _)| &name[..end]);
    let plain = letters_of(name);
    ANY_OF_NAMES.is_match(&plain)
        && (NAMES.is_match(&plain)
            || WHOLE.iter().any(|word| word.as_bytes() == plain.as_slice())
            || has_secret_part(name.as_bytes()))
}

/// The letters of a name, as small ones.
fn letters_of(name: &str) -> Letters {
    let lowered;
    let name = if name.is_ascii() {
        name
    } else {
        lowered = name.to_lowercase();
        &lowered
    };
    name.bytes().filter(u8::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Whether one of the words of a name, such as `db_pass`, `dbPass` or `DBPass`, is secret.
fn has_secret_part(name: &[u8]) -> bool {
    let mut rest = name;
    while let Some(first) = rest.first() {
        let length = word_length(rest);
        if length > 0 && PARTS.iter().any(|part| part.as_bytes().eq_ignore_ascii_case(&rest[..length])) {
            return true;
        }
        rest = &rest[if first.is_ascii_alphabetic() { length } else { 1 }..];
    }
    false
}

/// The length of the word at the start of a text: capitals, or a letter and the small ones behind it. 0 if there is none.
fn word_length(text: &[u8]) -> usize {
    let count = |text: &[u8], is_part: fn(&u8) -> bool| text.iter().take_while(|byte| is_part(byte)).count();
    let capitals = count(text, u8::is_ascii_uppercase);
    let is_before_small = text.get(capitals).is_some_and(u8::is_ascii_lowercase);
    match capitals {
        // The last capital belongs to the small letters behind it.
        2.. if is_before_small => capitals - 1,
        1.. if !is_before_small => capitals,
        _ => capitals + count(&text[capitals..], u8::is_ascii_lowercase),
    }
}

/// Whether a text holds no secret for certain.
#[pyfunction(crate = "crate::python::py::trampoline::watched", signature = (text, /))]
pub fn _has_no_secret(text: &Bound<'_, PyString>) -> bool {
    utf8(text.as_borrowed()).is_some_and(has_none)
}
