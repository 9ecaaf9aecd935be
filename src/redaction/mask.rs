//! Masks: the text that stands in place of a secret.
//!
//! A hash is HMAC-SHA256 (RFC 2104, FIPS 180-4), so that any language can compute it again from the key and a value.
//! The key keeps others from guessing short values. A keyed BLAKE3 would be faster, but Python's library lacks it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::error::{Error, Result, is_unseen, quoted};

/// The mask of a secret that shows nothing of it.
pub const PLAIN: &[u8] = b"***";

/// The text before the digits of a hash.
const HASH: &[u8] = b"hash:";

/// The hexadecimal digits that a hash shows.
const DIGITS: usize = 16;

/// A secret must have this many characters for its last four to be shown.
const LEAST_FOR_LAST4: usize = 12;

/// The longest text of a mask, in characters.
const LONGEST_TEXT: usize = 100;

pub enum Mask {
    Text(Box<[u8]>),
    /// The state of the hash after its key.
    Hash(Box<Hmac<Sha256>>),
    /// The last four characters, if the secret is long enough.
    Last4,
}

impl Default for Mask {
    fn default() -> Self {
        Self::Text(PLAIN.into())
    }
}

impl Mask {
    /// The fewest bytes of a key.
    pub const LEAST_KEY: usize = 16;

    /// A fixed text.
    pub fn text(argument: &str, text: &str) -> Result<Self> {
        if text.is_empty() || text.contains(is_unseen) || text.chars().count() > LONGEST_TEXT {
            let expected = format!("1 to {LONGEST_TEXT} visible characters, \"hash\" or \"last4\"");
            return Err(Error::value(argument, expected, quoted(text)));
        }
        Ok(Self::Text(text.as_bytes().into()))
    }

    /// A hash with a key, which errors do not show.
    pub fn hash(argument: &str, key: &[u8]) -> Result<Self> {
        if key.len() < Self::LEAST_KEY {
            let expected = format!("a secret key of at least {} bytes", Self::LEAST_KEY);
            return Err(Error::value(argument, expected, format!("one of {}", key.len())));
        }
        let state = Hmac::new_from_slice(key).expect("HMAC takes keys of any length; this is a bug in logly");
        Ok(Self::Hash(Box::new(state)))
    }

    /// Appends the mask of a secret. A mask stays as it is.
    pub fn put(&self, secret: &[u8], out: &mut Vec<u8>) {
        if self.length_at(secret) == Some(secret.len()) {
            return out.extend_from_slice(secret);
        }
        match self {
            Self::Text(text) => out.extend_from_slice(text),
            Self::Hash(state) => put_hash(state, secret, out),
            Self::Last4 => {
                out.extend_from_slice(PLAIN);
                out.extend_from_slice(last4(secret));
            }
        }
    }

    /// The length of the mask that a text begins with, if it begins with one.
    pub(super) fn length_at(&self, text: &[u8]) -> Option<usize> {
        match self {
            Self::Text(mask) => text.starts_with(mask).then_some(mask.len()),
            Self::Hash(_) => {
                let digits = text.strip_prefix(HASH)?.get(..DIGITS)?;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(HASH.len() + DIGITS)
            }
            Self::Last4 => {
                let rest = text.strip_prefix(PLAIN)?;
                Some(PLAIN.len() + chars(rest).take(4).take_while(|char| is_part(char)).map(<[u8]>::len).sum::<usize>())
            }
        }
    }
}

fn put_hash(state: &Hmac<Sha256>, secret: &[u8], out: &mut Vec<u8>) {
    let mut state = state.clone();
    state.update(secret);
    let digest = state.finalize().into_bytes();
    out.extend_from_slice(HASH);
    for byte in &digest[..DIGITS / 2] {
        out.extend([byte >> 4, byte & 15].map(|digit| b"0123456789abcdef"[usize::from(digit)]));
    }
}

/// The last four characters. Empty if the secret is too short, or if they could end a value in a text.
fn last4(secret: &[u8]) -> &[u8] {
    let is_start = |byte: &u8| byte & 0xc0 != 0x80;
    if secret.iter().filter(|byte| is_start(byte)).count() < LEAST_FOR_LAST4 {
        return b"";
    }
    let start = secret.iter().enumerate().rev().filter(|(_, byte)| is_start(byte)).nth(3).map_or(0, |(at, _)| at);
    let last = &secret[start..];
    if chars(last).all(is_part) { last } else { b"" }
}

/// Whether a character may stand in a mask.
fn is_part(char: &[u8]) -> bool {
    char[0] >= 0x80 || char[0].is_ascii_alphanumeric() || b"-_.".contains(&char[0])
}

/// The characters of a text, as bytes.
fn chars(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let length = 1 + rest.get(1..)?.iter().take_while(|byte| *byte & 0xc0 == 0x80).count();
        let (char, after) = rest.split_at(length);
        rest = after;
        Some(char)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(mask: &Mask, secret: &str) -> String {
        let mut out = Vec::new();
        mask.put(secret.as_bytes(), &mut out);
        String::from_utf8(out).expect("utf-8")
    }

    #[test]
    fn last4_shows_the_end_of_long_secrets_only() {
        assert_eq!(masked(&Mask::Last4, "4111 1111 1111 1234"), "***1234");
        assert_eq!(masked(&Mask::Last4, "häßlich-äöüß"), "***äöüß");
        assert_eq!(masked(&Mask::Last4, "hunter2"), "***");
        assert_eq!(masked(&Mask::Last4, "0123456789a bc"), "***");
    }

    #[test]
    fn hash_is_the_published_one() {
        // RFC 4231, test case 1.
        let mask = Mask::hash("mask", &[0x0b; 20]).expect("long enough");

        assert_eq!(masked(&mask, "Hi There"), "hash:b0344c61d8db3853");
    }

    #[test]
    fn masks_are_not_masked_again() {
        let hash = Mask::hash("mask", &[1; 16]).expect("long enough");

        for mask in [Mask::default(), Mask::Last4, hash] {
            let once = masked(&mask, "correct-horse-battery");
            assert_eq!(masked(&mask, &once), once);
        }
    }

    #[test]
    fn short_key_is_refused_and_not_shown() {
        let error = Mask::hash("redact", b"short").err().expect("too short").to_string();

        assert_eq!(error, "redact: expected a secret key of at least 16 bytes, got one of 5");
    }
}
