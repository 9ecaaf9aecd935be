//! The wire format of protobuf, as far as log records need it.
//!
//! Values are written as the reference implementation writes them: lengths and numbers in as few bytes as possible.

/// The wire types.
const VARINT: u8 = 0;
const FIXED_64: u8 = 1;
const LENGTH: u8 = 2;
const FIXED_32: u8 = 5;

/// The most bytes of a number.
const LONGEST: usize = 10;

#[inline]
fn put_tag(out: &mut Vec<u8>, field: u8, wire: u8) {
    // All field numbers are below 16, so that tags are single bytes.
    out.push(field << 3 | wire);
}

/// Appends a number, seven bits a byte.
#[inline]
pub fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// The bytes that `put_varint` appends.
#[inline]
pub(super) fn length_of_varint(number: u64) -> usize {
    (64 - (number | 1).leading_zeros() as usize).div_ceil(7)
}

#[inline]
pub(super) fn put_number(out: &mut Vec<u8>, field: u8, number: u64) {
    put_tag(out, field, VARINT);
    put_varint(out, number);
}

#[inline]
pub(super) fn put_fixed_64(out: &mut Vec<u8>, field: u8, number: u64) {
    put_tag(out, field, FIXED_64);
    out.extend_from_slice(&number.to_le_bytes());
}

#[inline]
pub(super) fn put_fixed_32(out: &mut Vec<u8>, field: u8, number: u32) {
    put_tag(out, field, FIXED_32);
    out.extend_from_slice(&number.to_le_bytes());
}

#[inline]
pub(super) fn put_bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    put_header(out, field, bytes.len());
    out.extend_from_slice(bytes);
}

/// Appends the tag and length of a field whose content comes next.
#[inline]
pub(super) fn put_header(out: &mut Vec<u8>, field: u8, length: usize) {
    put_tag(out, field, LENGTH);
    put_varint(out, length as u64);
}

/// The bytes of a field with a content of this length.
pub(super) fn length_of_field(length: usize) -> usize {
    1 + length_of_varint(length as u64) + length
}

/// Appends a text. Lone surrogates, which protobuf does not allow, become replacement characters.
#[inline]
pub(super) fn put_text(out: &mut Vec<u8>, field: u8, text: &[u8]) {
    put_header(out, field, text.len());
    let start = out.len();
    out.extend_from_slice(text);
    replace_surrogates(out, start);
}

/// Appends a message or text whose content `put` appends.
#[inline]
pub(super) fn put_nested(out: &mut Vec<u8>, field: u8, put: impl FnOnce(&mut Vec<u8>)) {
    put_tag(out, field, LENGTH);
    let mark = out.len();
    out.push(0);
    put(out);
    let length = out.len() - mark - 1;
    if length < 0x80 {
        out[mark] = length as u8;
    } else {
        widen(out, mark, length);
    }
}

/// Moves the content after a length that needs more than one byte.
fn widen(out: &mut Vec<u8>, mark: usize, length: usize) {
    let wide = length_of_varint(length as u64);
    out.extend_from_slice(&[0; LONGEST][..wide - 1]);
    out.copy_within(mark + 1..=mark + length, mark + wide);
    let mut rest = length;
    for byte in &mut out[mark..mark + wide] {
        *byte = rest as u8 | 0x80;
        rest >>= 7;
    }
    out[mark + wide - 1] &= 0x7f;
}

/// Replaces lone surrogates after `start`. A replacement character takes as many bytes as a surrogate.
#[inline]
pub(super) fn replace_surrogates(out: &mut [u8], start: usize) {
    if std::str::from_utf8(&out[start..]).is_err() {
        replace_all(&mut out[start..]);
    }
}

#[cold]
fn replace_all(text: &mut [u8]) {
    let mut at = 0;
    while let Err(error) = std::str::from_utf8(&text[at..]) {
        at += error.valid_up_to();
        match text.get_mut(at..at + 3) {
            Some(surrogate) if surrogate[0] == 0xed => {
                surrogate.copy_from_slice("\u{fffd}".as_bytes());
                at += 3;
            }
            // A text that was cut within a character.
            _ => {
                text[at] = b'?';
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_as_few_bytes_as_possible() {
        for number in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, u64::from(u32::MAX), u64::MAX] {
            let mut out = Vec::new();
            put_varint(&mut out, number);
            assert_eq!(out.len(), length_of_varint(number), "{number}");
        }
    }

    #[test]
    fn lengths_of_nested_messages_are_right() {
        for length in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 1 << 21] {
            let content: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
            let (mut nested, mut plain) = (vec![7], vec![7]);
            put_nested(&mut nested, 3, |out| out.extend_from_slice(&content));
            put_bytes(&mut plain, 3, &content);
            assert_eq!(nested, plain, "{length}");
        }
    }

    #[test]
    fn texts_are_valid() {
        let mut out = Vec::new();
        put_text(&mut out, 1, b"a\xed\xa0\x80b\xc3\xa9\xff");
        assert_eq!(&out[2..], "a\u{fffd}bé?".as_bytes());
    }
}
