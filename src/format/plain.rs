//! Tests for plain text. Most text is printable ASCII and is copied without looking at each character.
//!
//! Eight bytes are tested as one word. Each test tells whether a word has such a byte, but not which one: a borrow or
//! carry may mark the byte above as well.

const ONES: u64 = u64::MAX / 0xff;
const HIGH: u64 = ONES << 7;
const LETTERS: u64 = ONES * b'a' as u64;

/// Whether every byte is printable ASCII.
#[inline]
pub fn is_printable(text: &[u8]) -> bool {
    has_none(text, unprintable)
}

/// Whether every byte is printable ASCII other than a double quote or a backslash.
#[inline]
pub(super) fn is_json_plain(text: &[u8]) -> bool {
    has_none(text, |word| unprintable(word) | equal(word, b'"') | equal(word, b'\\'))
}

/// Whether a field's text is printable ASCII without a space, a quote or `=`.
#[inline]
pub fn is_bare(text: &[u8]) -> bool {
    has_none(text, |word| unprintable(word) | equal(word, b' ') | equal(word, b'"') | equal(word, b'='))
}

/// Whether no word of the text has an odd byte. The last word overlaps the one before, so that it needs no padding.
#[inline]
fn has_none(text: &[u8], odd: impl Fn(u64) -> u64) -> bool {
    let Some(last) = text.last_chunk() else { return odd(short(text)) == 0 };
    let (words, _) = text.as_chunks();
    let found = words.iter().fold(0, |found, word| found | odd(u64::from_ne_bytes(*word)));
    found | odd(u64::from_ne_bytes(*last)) == 0
}

/// Up to seven bytes as a word: two overlapping halves, or the bytes after letters.
#[inline]
fn short(text: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return u64::from(u32::from_ne_bytes(*first)) << 32 | u64::from(u32::from_ne_bytes(*last));
    }
    text.iter().fold(LETTERS, |word, byte| word << 8 | u64::from(*byte))
}

/// Nonzero if a byte is below 0x20 or above 0x7e.
#[inline]
fn unprintable(word: u64) -> u64 {
    let is_low = word.wrapping_sub(ONES * 0x20) & !word;
    let is_high = word.wrapping_add(ONES) | word;
    (is_low | is_high) & HIGH
}

/// Nonzero if a byte of the word equals `byte`.
#[inline]
fn equal(word: u64, byte: u8) -> u64 {
    let differing = word ^ (ONES * u64::from(byte));
    differing.wrapping_sub(ONES) & !differing & HIGH
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn printable(byte: u8) -> bool {
        (0x20..0x7f).contains(&byte)
    }

    /// Tests every byte at every position, in texts of each length that has its own code path.
    #[test]
    fn each_byte_is_found_wherever_it_stands() {
        for length in 1..=25 {
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut text = vec![b'a'; length];
                    text[at] = byte;
                    let is_plain = printable(byte);

                    assert_eq!(is_printable(&text), is_plain, "{byte:#x} at {at} of {length}");
                    assert_eq!(
                        is_json_plain(&text),
                        is_plain && !b"\"\\".contains(&byte),
                        "{byte:#x} at {at} of {length}"
                    );
                    assert_eq!(is_bare(&text), is_plain && !b" \"=".contains(&byte), "{byte:#x} at {at} of {length}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn words_say_what_bytes_say(text in proptest::collection::vec(prop_oneof![0x1eu8..0x24, 0x3cu8..0x3f, 0x5bu8..0x5e, 0x7cu8..0x82, any::<u8>()], 0..40)) {
            prop_assert_eq!(is_printable(&text), text.iter().all(|byte| printable(*byte)));
            prop_assert_eq!(is_json_plain(&text), text.iter().all(|byte| printable(*byte) && !b"\"\\".contains(byte)));
            prop_assert_eq!(is_bare(&text), text.iter().all(|byte| printable(*byte) && !b" \"=".contains(byte)));
        }
    }
}
