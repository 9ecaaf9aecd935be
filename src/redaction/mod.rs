//! Redaction: secrets in records are replaced by masks, by the names of values and by patterns in texts.
//!
//! A `Redactor` is made at configuration and never changes. The work takes time linear in the text: every search is a
//! single pass, and no expression backtracks.

mod encoded;
mod expression;
mod json;
mod kept;
mod keys;
mod mask;
mod numbers;
mod pairs;
mod patterns;

use std::fmt;
use std::ops::Range;

pub use encoded::redact;
pub use keys::Keys;
pub use mask::Mask;
pub use patterns::Patterns;

use crate::error::Result;
use crate::redaction::pairs::Scope;

/// Finds the secrets of records, and masks them.
pub struct Redactor {
    keys: Keys,
    patterns: Patterns,
    mask: Mask,
}

/// Shows no part of it: a mask may have a key.
impl fmt::Debug for Redactor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Redactor")
    }
}

impl Redactor {
    pub fn new(keys: Keys, patterns: Patterns, mask: Mask) -> Self {
        Self { keys, patterns, mask }
    }

    /// The default names, and the kept patterns of credentials.
    pub fn standard() -> Result<Self> {
        Ok(Self::new(Keys::standard(), Patterns::standard()?, Mask::default()))
    }

    /// Whether a value with this name is hidden.
    fn hides(&self, name: &[u8], is_number: bool) -> bool {
        self.keys.hides(name, is_number)
    }

    /// The mask of a secret.
    fn masked(&self, secret: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        self.mask.put(secret, &mut out);
        out
    }

    /// The text with masks, or None if nothing in it is secret.
    fn changed(&self, text: &[u8]) -> Option<Vec<u8>> {
        self.changed_in(text, Scope::Text)
    }

    fn changed_in(&self, text: &[u8], scope: Scope) -> Option<Vec<u8>> {
        let found = self.find(text, scope, Vec::new());
        (!found.is_empty()).then(|| self.replaced(text, &found))
    }

    /// Like `changed`, for the text of an exception or a stack, which has lines of programs in it.
    fn traceback(&self, text: &[u8]) -> Option<Vec<u8>> {
        let mut found = Vec::new();
        let mut find = |from: usize, to: usize, scope| {
            let before = found.len();
            pairs::find(&text[from..to], &self.keys, &self.mask, scope, &mut found);
            found[before..].iter_mut().for_each(|part: &mut Range<usize>| *part = part.start + from..part.end + from);
        };
        let (mut start, mut from, mut frame) = (0, 0, None);
        while start < text.len() {
            let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |at| start + at + 1);
            let margin = text[start..end].iter().take_while(|byte| b" |+-\t".contains(byte)).count();
            // A frame without its line is followed by another frame or by the exception, at most as far in.
            if frame.is_some_and(|frame| frame < margin) {
                find(from, start, Scope::Text);
                find(start, end, Scope::Code);
                from = end;
            }
            frame = text[start + margin..end].starts_with(b"File \"").then_some(margin);
            start = end;
        }
        find(from, text.len(), Scope::Text);
        self.patterns.find(text, &mut found);
        let found = joined(found);
        (!found.is_empty()).then(|| self.replaced(text, &found))
    }

    /// The secret parts of a text in order, those in `found` included. Parts that overlap are joined.
    fn find(&self, text: &[u8], scope: Scope, mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
        pairs::find(text, &self.keys, &self.mask, scope, &mut found);
        self.patterns.find(text, &mut found);
        joined(found)
    }

    /// The text with a mask in place of each part.
    fn replaced(&self, text: &[u8], parts: &[Range<usize>]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut done = 0;
        for part in parts {
            out.extend_from_slice(&text[done..part.start]);
            self.mask.put(&text[part.clone()], &mut out);
            done = part.end;
        }
        out.extend_from_slice(&text[done..]);
        out
    }
}

/// The parts in order, with those that overlap joined.
fn joined(mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    if found.len() > 1 {
        found.sort_unstable_by_key(|part| part.start);
        found.dedup_by(|next, before| {
            let is_joined = next.start < before.end;
            if is_joined {
                before.end = before.end.max(next.end);
            }
            is_joined
        });
    }
    found
}

#[cfg(test)]
mod tests;
