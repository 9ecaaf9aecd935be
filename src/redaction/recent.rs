//! Names and texts of the last records, with the answer for each.
//!
//! A service logs the same names again and again, and many of the same texts: the ids of a request, its user, messages
//! without values. To compare a text with one that was searched takes a tenth of the time of another search. The answer
//! depends on the text and on the redactor alone. Each redactor of an engine therefore has a table of its own.

use crate::redaction::redactor::Redactor;

/// The number of names and of texts in a table, a power of two.
const SLOTS: usize = 128;

/// Longer names and texts are not kept.
const LONGEST: usize = 64;

/// The names and texts of the last records. The default value keeps none.
#[derive(Default)]
pub struct Recent {
    names: Vec<Slot>,
    texts: Vec<Slot>,
}

/// A text, which is empty at first.
#[derive(Clone)]
struct Slot {
    length: u8,
    is_number: bool,
    is_hidden: bool,
    bytes: [u8; LONGEST],
}

impl Slot {
    const EMPTY: Self = Self { length: 0, is_number: false, is_hidden: false, bytes: [0; LONGEST] };

    #[inline]
    fn is(&self, text: &[u8]) -> bool {
        usize::from(self.length) == text.len() && self.bytes[..text.len()] == *text
    }

    fn set(&mut self, text: &[u8]) {
        self.length = text.len() as u8;
        self.bytes[..text.len()].copy_from_slice(text);
    }
}

impl Recent {
    /// A table with room.
    pub fn new() -> Self {
        Self { names: vec![Slot::EMPTY; SLOTS], texts: vec![Slot::EMPTY; SLOTS] }
    }

    /// Whether a value with this name is hidden.
    #[inline]
    pub(super) fn hides(&mut self, redactor: &Redactor, name: &[u8], is_number: bool) -> bool {
        let Some(slot) = slot_of(&mut self.names, name) else { return redactor.hides(name, is_number) };
        if !(slot.is(name) && slot.is_number == is_number) {
            slot.set(name);
            slot.is_number = is_number;
            slot.is_hidden = redactor.hides(name, is_number);
        }
        slot.is_hidden
    }

    /// Whether a search of this text found nothing.
    #[inline]
    pub(super) fn is_clean(&mut self, text: &[u8]) -> bool {
        slot_of(&mut self.texts, text).is_some_and(|slot| slot.is(text))
    }

    /// Notes that a search of this text found nothing.
    pub(super) fn note_clean(&mut self, text: &[u8]) {
        if let Some(slot) = slot_of(&mut self.texts, text) {
            slot.set(text);
        }
    }

    /// The text with masks, or None if nothing in it is secret.
    #[inline]
    pub(super) fn changed(&mut self, redactor: &Redactor, text: &[u8]) -> Option<Vec<u8>> {
        if self.is_clean(text) {
            return None;
        }
        let changed = redactor.changed(text);
        if changed.is_none() {
            self.note_clean(text);
        }
        changed
    }
}

/// The slot of a text. None for an empty or a long one, and in a table without room.
#[inline]
fn slot_of<'s>(slots: &'s mut [Slot], text: &[u8]) -> Option<&'s mut Slot> {
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    slots.get_mut(place_of(text))
}

/// A number below `SLOTS` for the length, the first eight bytes and the last eight. Ids differ in their ends.
#[inline]
fn place_of(text: &[u8]) -> usize {
    let (first, last) = match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_ne_bytes(*first), u64::from_ne_bytes(*last)),
        _ => (text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0),
    };
    let mixed = (first ^ last.rotate_left(29) ^ text.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_those_of_the_redactor() {
        let redactor = Redactor::standard().expect("valid");
        let mut recent = Recent::new();
        for name in ["user", "password", "tokens", "a", "x-api-key", "prompt_tokens"].repeat(3) {
            for is_number in [false, true] {
                let hides = recent.hides(&redactor, name.as_bytes(), is_number);
                assert_eq!(hides, redactor.hides(name.as_bytes(), is_number), "{name}");
            }
        }
        for text in ["ada", "password=abc", "", "Bearer mF_9.B5f-4.1JqM", &"x".repeat(65), "ada "].repeat(3) {
            let changed = recent.changed(&redactor, text.as_bytes());
            assert_eq!(changed, redactor.changed(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn only_clean_texts_are_kept() {
        let redactor = Redactor::standard().expect("valid");
        let mut recent = Recent::new();
        recent.changed(&redactor, b"password=abc");
        recent.changed(&redactor, b"ada");

        assert!(recent.is_clean(b"ada"));
        assert!(!recent.is_clean(b"password=abc"));
        assert!(!Recent::default().is_clean(b"ada"));
    }
}
