//! The set of rules that finds the secrets of records, and masks them.

use std::fmt;
use std::ops::Range;

use crate::error::Result;
use crate::redaction::keys::Keys;
use crate::redaction::mask::Mask;
use crate::redaction::pairs;
use crate::redaction::pairs::Scope;
use crate::redaction::patterns::Patterns;

/// How often the rest of a text is searched again. Each round takes linear time.
const MOST_ROUNDS: usize = 8;

/// Finds the secrets of records, and masks them.
pub struct Redactor {
    pub(super) keys: Keys,
    pub(super) patterns: Patterns,
    pub(super) mask: Mask,
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
    pub(super) fn hides(&self, name: &[u8], is_number: bool) -> bool {
        self.keys.hides(name, is_number)
    }

    /// The mask of a secret.
    pub(super) fn masked(&self, secret: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        self.mask.put(secret, &mut out);
        out
    }

    /// The text with masks, or None if nothing in it is secret.
    pub(super) fn changed(&self, text: &[u8]) -> Option<Vec<u8>> {
        self.changed_in(text, Scope::Text)
    }

    pub(super) fn changed_in(&self, text: &[u8], scope: Scope) -> Option<Vec<u8>> {
        let found = self.find(text, scope, Vec::new());
        (!found.is_empty()).then(|| self.replaced(text, &found))
    }

    /// Like `changed`, for the text of an exception or a stack, which has lines of programs in it.
    pub(super) fn traceback(&self, text: &[u8]) -> Option<Vec<u8>> {
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
        let found = self.all(text, found);
        (!found.is_empty()).then(|| self.replaced(text, &found))
    }

    /// The secret parts of a text in order, those in `found` included. Parts that overlap are joined.
    pub(super) fn find(&self, text: &[u8], scope: Scope, mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
        pairs::find(text, &self.keys, &self.mask, scope, &mut found);
        self.patterns.find(text, &mut found);
        self.all(text, found)
    }

    /// The parts in order, with those that only their neighbours hid: `::1` is found in `10.0.0.1::1` once the address
    /// before it has a mask.
    fn all(&self, text: &[u8], found: Vec<Range<usize>>) -> Vec<Range<usize>> {
        let mut found = joined(found);
        let mut more = Vec::new();
        for _ in 0..MOST_ROUNDS {
            let ends = found.iter().map(|part| part.start).chain([text.len()]);
            let starts = std::iter::once(0).chain(found.iter().map(|part| part.end));
            for (start, end) in starts.zip(ends).filter(|(start, end)| start < end && !found.is_empty()) {
                let before = more.len();
                self.patterns.find_kept(&text[start..end], &mut more);
                more[before..].iter_mut().for_each(|part| *part = part.start + start..part.end + start);
            }
            if more.is_empty() {
                break;
            }
            found.append(&mut more);
            found = joined(found);
        }
        found
    }

    /// The text with a mask in place of each part.
    pub(super) fn replaced(&self, text: &[u8], parts: &[Range<usize>]) -> Vec<u8> {
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
