//! Numbers and texts, read from the bytes of an input.
//!
//! Every input is valid: after its end come zeros and empty texts. Texts end at a byte that no UTF-8 has, so that kept
//! inputs can be read by people, and a fuzzer can change a text without moving the others.

use std::str;

/// The byte that ends a text.
const END: u8 = 0xff;

/// A lone surrogate in WTF-8.
const SURROGATE: &[u8] = b"\xed\xa0\x80";

/// The bytes of an input that are not read yet.
pub(super) struct Input<'d> {
    rest: &'d [u8],
}

impl<'d> Input<'d> {
    pub fn new(bytes: &'d [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// A number below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    pub fn u64(&mut self) -> u64 {
        let bytes: [u8; 8] = std::array::from_fn(|_| self.byte());
        u64::from_le_bytes(bytes)
    }

    pub fn i64(&mut self) -> i64 {
        self.u64() as i64
    }

    /// The bytes up to the end of a text.
    pub fn bytes(&mut self) -> &'d [u8] {
        let length = memchr::memchr(END, self.rest).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest.get(1..).unwrap_or_default();
        text
    }

    /// A text, which is the valid start of its bytes.
    pub fn text(&mut self) -> &'d str {
        let bytes = self.bytes();
        str::from_utf8(bytes)
            .unwrap_or_else(|error| str::from_utf8(&bytes[..error.valid_up_to()]).expect("valid up to there"))
    }

    /// A text as Python has them: lone surrogates stand for the bytes that are not valid.
    pub fn wide_text(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        for chunk in self.bytes().utf8_chunks() {
            text.extend_from_slice(chunk.valid().as_bytes());
            if !chunk.invalid().is_empty() {
                text.extend_from_slice(SURROGATE);
            }
        }
        text
    }
}
