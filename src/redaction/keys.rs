//! Names whose values are secret: the default list, names and globs.
//!
//! Case never matters. The default list covers the names that tracebacks with values hide (`names.rs`), and more.

use std::sync::LazyLock;

use ahash::AHashSet;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::Regex;
use smallvec::SmallVec;

use crate::error::{Error, Result, quoted};
use crate::redaction::expression;
use crate::redaction::names::{PARTS, WHOLE, WORDS};

/// The name that stands for the default list.
const DEFAULT: &str = "default";

/// Only this many bytes of a name are looked at.
const LONGEST_NAME: usize = 100;

/// Further words that are secret anywhere in a name, without separators.
const MORE: [&str; 14] = [
    "pswd",
    "authkey",
    "sharedkey",
    "masterkey",
    "sessionkey",
    "clientkey",
    "hmackey",
    "passkey",
    "securitycode",
    "recoverycode",
    "verificationcode",
    "socialsecurity",
    "connectionstring",
    "totp",
];

/// A further word that is secret as a word of a name.
const CARD_CODE: &str = "cvc";

/// Endings of names that say something about a secret, such as `TokenError`.
const ABOUT: [&[u8]; 3] = [b"error", b"exception", b"warning"];

/// Endings of names whose numbers are amounts, such as `prompt_tokens`.
const AMOUNTS: [&[u8]; 2] = [b"tokens", b"tokencount"];

static SECRET: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let built = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(WORDS.iter().chain(&MORE));
    built.expect("a few words make a small automaton; this is a bug in logly")
});

type Name = SmallVec<[u8; 128]>;

/// The names that hide their values.
pub struct Keys {
    has_default: bool,
    names: AHashSet<Box<[u8]>>,
    globs: Option<Regex>,
}

impl Keys {
    /// The default list.
    pub fn standard() -> Self {
        Self { has_default: true, names: AHashSet::new(), globs: None }
    }

    /// Reads names and globs. `"default"` stands for the default list.
    pub fn parse<'k>(argument: &str, keys: impl IntoIterator<Item = &'k str>) -> Result<Self> {
        let mut parsed = Self { has_default: false, names: AHashSet::new(), globs: None };
        let mut globs = Vec::new();
        for key in keys {
            if key.is_empty() {
                return Err(Error::value(argument, "names and globs that are not empty", quoted(key)));
            }
            if key == DEFAULT {
                parsed.has_default = true;
            } else if key.contains(['*', '?']) {
                globs.push(expression_of(key));
            } else {
                parsed.names.insert(key.to_lowercase().into_bytes().into());
            }
        }
        if !globs.is_empty() {
            let whole = format!("^(?is:{})$", globs.join("|"));
            parsed.globs = Some(expression::compile(argument, "globs", &whole)?);
        }
        Ok(parsed)
    }

    pub fn is_empty(&self) -> bool {
        !self.has_default && self.names.is_empty() && self.globs.is_none()
    }

    /// Whether a value with this name is hidden.
    ///
    /// A path or an expression, such as `user.iban` and `row["iban"]`, is hidden if one of its parts is.
    pub fn hides(&self, name: &[u8], is_number: bool) -> bool {
        let has_own = !self.names.is_empty() || self.globs.is_some();
        (self.has_default && is_secret(&name[..name.len().min(LONGEST_NAME)], is_number))
            || (has_own && (self.has(name) || parts(name).any(|part| self.has(part))))
    }

    fn has(&self, name: &[u8]) -> bool {
        self.names.contains(&*lowered(name)) || self.globs.as_ref().is_some_and(|globs| globs.is_match(name))
    }
}

/// The names within a path or an expression. There are none in a simple name.
fn parts(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_path = memchr::memchr3(b'.', b'[', b'(', name).is_some();
    let is_between = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'-');
    let parts = name.split(is_between).filter(|part| !part.is_empty());
    parts.take(if is_path { usize::MAX } else { 0 })
}

/// The expression that matches the same names as a glob.
fn expression_of(glob: &str) -> String {
    regex::escape(glob).replace(r"\*", ".*").replace(r"\?", ".")
}

fn lowered(name: &[u8]) -> Name {
    match std::str::from_utf8(name) {
        Ok(text) if !text.is_ascii() => Name::from_slice(text.to_lowercase().as_bytes()),
        _ => name.iter().map(u8::to_ascii_lowercase).collect(),
    }
}

/// Whether the default list has the name, which has at most `LONGEST_NAME` bytes.
fn is_secret(name: &[u8], is_number: bool) -> bool {
    let mut letters = [0; LONGEST_NAME];
    let mut count = 0;
    for byte in name {
        // A separator is written over by the next letter.
        letters[count.min(LONGEST_NAME - 1)] = byte | 0x20;
        count += usize::from(byte.is_ascii_alphabetic());
    }
    let plain = &letters[..count];
    if count < 2 {
        return false;
    }
    let is_known = SECRET.is_match(plain) || WHOLE.iter().any(|name| name.as_bytes() == plain) || has_secret_part(name);
    is_known
        && !ABOUT.iter().any(|ending| plain.ends_with(ending))
        && !(is_number && AMOUNTS.iter().any(|ending| plain.ends_with(ending)))
}

/// Whether one of the words of a name, such as `db_pass` or `dbPass`, is secret.
fn has_secret_part(name: &[u8]) -> bool {
    let mut start = 0;
    for at in 0..=name.len() {
        let is_letter = name.get(at).is_some_and(u8::is_ascii_alphabetic);
        let is_hump = at > start && is_letter && name[at].is_ascii_uppercase() && name[at - 1].is_ascii_lowercase();
        if is_letter && !is_hump {
            continue;
        }
        let word = &name[start..at];
        if (2..=4).contains(&word.len())
            && PARTS.iter().chain([&CARD_CODE]).any(|part| word.eq_ignore_ascii_case(part.as_bytes()))
        {
            return true;
        }
        start = if is_letter { at } else { at + 1 };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hides(keys: &[&str], name: &str) -> bool {
        Keys::parse("keys", keys.iter().copied()).expect("valid").hides(name.as_bytes(), false)
    }

    #[test]
    fn default_list_knows_names_in_any_spelling() {
        for name in
            ["password", "DB_PASSWORD", "apiKey", "X-Api-Key", "dbPass", "db_pw", "session", "Set-Cookie", "pin"]
        {
            assert!(hides(&["default"], name), "{name}");
        }
    }

    #[test]
    fn default_list_leaves_other_names() {
        for name in
            ["user", "passenger", "compass", "spinner", "session_count", "author", "TokenError", "path", "x", ""]
        {
            assert!(!hides(&["default"], name), "{name}");
        }
    }

    #[test]
    fn numbers_of_tokens_are_amounts() {
        let keys = Keys::standard();

        assert!(!keys.hides(b"prompt_tokens", true));
        assert!(keys.hides(b"tokens", false));
        assert!(keys.hides(b"token", true));
    }

    #[test]
    fn names_and_globs_match_whole_names_in_any_case() {
        assert!(hides(&["iban"], "IBAN"));
        assert!(!hides(&["iban"], "iban_country"));
        assert!(hides(&["STRAßE"], "Straße"));
        assert!(hides(&["cust_*"], "Cust_id"));
        assert!(hides(&["*key?"], "my_key1"));
        assert!(!hides(&["cust_*"], "a_cust_id"));
        assert!(!hides(&["a.c*"], "abc"));
    }

    #[test]
    fn paths_and_expressions_are_hidden_by_their_parts() {
        for name in ["user.iban", "row['IBAN']", "rows[0][\"iban\"]", "get('iban')", "user.iban.upper()"] {
            assert!(hides(&["iban"], name), "{name}");
        }
        assert!(hides(&["*-ban"], "headers['x-ban']"));
        assert!(!hides(&["iban"], "user.iban_country"));
        assert!(!hides(&["iban"], "iban country"));
    }
}
