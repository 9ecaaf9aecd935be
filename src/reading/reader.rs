//! A reader of text in blocks of whole lines, and its results: the whole text, a range of lines, or their number.
//!
//! A line ends at LF or CRLF; text after the last line break is a line too. Bytes that are invalid in the encoding
//! become U+FFFD.
//!
//! A few bytes of an archive may expand to gigabytes of text. Memory that depends on the text is therefore requested
//! first, and reading ends with an error if the system refuses it.

use std::collections::TryReserveError;
use std::io::{self, Read};
use std::path::Path;

use memchr::{memchr, memchr_iter, memrchr};

use crate::config::search::Span;
use crate::config::sink::Encoding;

/// Bytes read at a time; a longer line makes the block grow.
const BLOCK: usize = 256 * 1024;

/// The longest line, in bytes. Records of a usual size come nowhere near it.
const LONGEST_LINE: usize = 64 * 1024 * 1024;

/// A consumer of texts, one after the other, block by block.
pub trait Scan: Send {
    /// Begins a file.
    fn begin(&mut self, _path: &Path) {}

    /// Whether the blocks must be whole lines.
    fn is_by_line(&self) -> bool {
        true
    }

    /// Takes a block. Returns false if no more are wanted.
    fn block(&mut self, block: &[u8]) -> io::Result<bool>;

    /// Ends a file.
    fn end(&mut self) {}
}

/// A text as UTF-8, in blocks.
pub struct Blocks {
    reader: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// The number of bytes at the start of the buffer that were returned, and the number of bytes in it.
    given: usize,
    filled: usize,
}

impl Blocks {
    pub fn new(reader: Box<dyn Read + Send>, encoding: Encoding) -> Self {
        let reader = match encoding {
            Encoding::Latin1 => Box::new(Latin1 { reader, left: None }),
            Encoding::Utf8 | Encoding::Ascii => reader,
        };
        Self { reader, buffer: vec![0; BLOCK], given: 0, filled: 0 }
    }

    /// Returns the next piece of the text, wherever it ends.
    pub fn next_piece(&mut self) -> io::Result<Option<&[u8]>> {
        self.fill()?;
        let filled = std::mem::take(&mut self.filled);
        Ok(Some(&self.buffer[..filled]).filter(|piece| !piece.is_empty()))
    }

    /// Returns the next whole lines; at the end of the text this includes a last line without a line break. A line
    /// beyond `LONGEST_LINE` is an error.
    pub fn next_block(&mut self) -> io::Result<Option<&[u8]>> {
        self.buffer.copy_within(self.given..self.filled, 0);
        self.filled -= self.given;
        self.given = 0;
        let mut searched = 0;
        loop {
            let is_end = self.fill()?;
            if let Some(at) = memrchr(b'\n', &self.buffer[searched..self.filled]) {
                self.given = searched + at + 1;
            } else if is_end {
                self.given = self.filled;
            } else {
                searched = self.filled;
                self.grow()?;
                continue;
            }
            return Ok(Some(&self.buffer[..self.given]).filter(|block| !block.is_empty()));
        }
    }

    fn grow(&mut self) -> io::Result<()> {
        let length = self.buffer.len();
        if length >= LONGEST_LINE {
            let mebibytes = LONGEST_LINE / (1024 * 1024);
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a line has more than {mebibytes} MiB")));
        }
        self.buffer.try_reserve_exact(length).map_err(out_of_memory)?;
        self.buffer.resize(length * 2, 0);
        Ok(())
    }

    /// Reads until the buffer is full. Returns true at the end of the text.
    fn fill(&mut self) -> io::Result<bool> {
        while self.filled < self.buffer.len() {
            match self.reader.read(&mut self.buffer[self.filled..]) {
                Ok(0) => return Ok(true),
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }
}

/// A reader that turns Latin-1 into UTF-8.
struct Latin1 {
    reader: Box<dyn Read + Send>,
    /// The second byte of a character, if only the first one fitted into the output.
    left: Option<u8>,
}

impl Read for Latin1 {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let (Some(byte), Some(first)) = (self.left, out.first_mut()) {
            *first = byte;
            self.left = None;
            return Ok(1);
        }
        let mut raw = [0; 8 * 1024];
        let most = raw.len().min(out.len().div_ceil(2));
        let count = self.reader.read(&mut raw[..most])?;
        let mut length = 0;
        for byte in &raw[..count] {
            let mut both = [0; 2];
            for byte in char::from(*byte).encode_utf8(&mut both).bytes() {
                match out.get_mut(length) {
                    Some(room) => *room = byte,
                    None => self.left = Some(byte),
                }
                length += 1;
            }
        }
        Ok(length.min(out.len()))
    }
}

/// Returns the lines of a block, without their line breaks.
pub fn lines(block: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    let mut rest = block;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let (line, after) = rest.split_at(end);
        rest = after;
        Some(without_break(line))
    })
}

/// Returns a line without the line break at its end.
pub(super) fn without_break(line: &[u8]) -> &[u8] {
    match line.strip_suffix(b"\n") {
        Some(line) => line.strip_suffix(b"\r").unwrap_or(line),
        None => line,
    }
}

/// Returns the number of lines in a block.
pub(super) fn count_lines(block: &[u8]) -> u64 {
    let is_torn = block.last().is_some_and(|last| *last != b'\n');
    memchr_iter(b'\n', block).count() as u64 + u64::from(is_torn)
}

pub fn decode(text: &[u8]) -> io::Result<String> {
    let mut decoded = String::new();
    for chunk in text.utf8_chunks() {
        let invalid = if chunk.invalid().is_empty() { "" } else { "\u{fffd}" };
        for part in [chunk.valid(), invalid] {
            decoded.try_reserve(part.len()).map_err(out_of_memory)?;
            decoded.push_str(part);
        }
    }
    Ok(decoded)
}

/// Decodes lines and appends them to a list.
pub(super) fn decode_onto<'a>(list: &mut Vec<String>, lines: impl Iterator<Item = &'a [u8]>) -> io::Result<()> {
    for line in lines {
        list.try_reserve(1).map_err(out_of_memory)?;
        list.push(decode(line)?);
    }
    Ok(())
}

pub(super) fn out_of_memory(_: TryReserveError) -> io::Error {
    io::ErrorKind::OutOfMemory.into()
}

/// The number of lines.
#[derive(Default)]
pub struct LineCount {
    pub lines: u64,
    /// Whether the last line is not ended.
    is_open: bool,
}

impl Scan for LineCount {
    fn is_by_line(&self) -> bool {
        false
    }

    fn block(&mut self, block: &[u8]) -> io::Result<bool> {
        self.lines += memchr_iter(b'\n', block).count() as u64;
        self.is_open = block.last().is_some_and(|last| *last != b'\n');
        Ok(true)
    }

    fn end(&mut self) {
        self.lines += u64::from(std::mem::take(&mut self.is_open));
    }
}

/// The whole text. If a file ends without a line break, one is added before the next file.
#[derive(Default)]
pub struct Whole {
    pub text: Vec<u8>,
}

impl Scan for Whole {
    fn begin(&mut self, _path: &Path) {
        if self.text.last().is_some_and(|last| *last != b'\n') {
            self.text.push(b'\n');
        }
    }

    fn is_by_line(&self) -> bool {
        false
    }

    fn block(&mut self, block: &[u8]) -> io::Result<bool> {
        self.text.try_reserve(block.len()).map_err(out_of_memory)?;
        self.text.extend_from_slice(block);
        Ok(true)
    }
}

/// A range of the lines.
pub struct Range {
    span: Span,
    /// The number of lines passed so far.
    passed: u64,
    pub lines: Vec<String>,
}

impl Range {
    pub fn new(span: Span) -> Self {
        Self { span, passed: 0, lines: Vec::new() }
    }
}

impl Scan for Range {
    fn block(&mut self, block: &[u8]) -> io::Result<bool> {
        let Span { first, last } = self.span;
        let count = count_lines(block);
        if self.passed + count >= first {
            let skipped = first.saturating_sub(self.passed + 1);
            let wanted = (last.saturating_sub(self.passed)).saturating_sub(skipped);
            decode_onto(&mut self.lines, lines(block).skip(skipped as usize).take(wanted as usize))?;
        }
        self.passed += count;
        Ok(self.passed < last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    /// Gives its bytes in pieces of the lengths asked for.
    struct Pieces {
        rest: Vec<u8>,
        length: usize,
    }

    impl Read for Pieces {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = self.length.min(self.rest.len()).min(out.len());
            out[..count].copy_from_slice(&self.rest[..count]);
            self.rest.drain(..count);
            Ok(count)
        }
    }

    fn blocks_of(text: &[u8], length: usize, room: usize, encoding: Encoding) -> Vec<Vec<u8>> {
        let mut blocks = Blocks::new(Box::new(Pieces { rest: text.to_vec(), length }), encoding);
        blocks.buffer = vec![0; room];
        std::iter::from_fn(|| blocks.next_block().expect("memory can be read").map(<[u8]>::to_vec)).collect()
    }

    proptest! {
        #[test]
        fn blocks_are_the_text_in_whole_lines(text in "[ab\r\n]{0,60}", length in 1..9usize, room in 1..20usize) {
            let blocks = blocks_of(text.as_bytes(), length, room, Encoding::Utf8);

            prop_assert_eq!(blocks.concat(), text.as_bytes());
            prop_assert!(blocks.iter().rev().skip(1).all(|block| block.ends_with(b"\n")));
        }

        #[test]
        fn latin1_becomes_utf8(text in "[\\x00-\\u{ff}]{0,60}", length in 1..9usize, room in 1..20usize) {
            let raw: Vec<u8> = text.chars().map(|character| character as u8).collect();

            let blocks = blocks_of(&raw, length, room, Encoding::Latin1);

            prop_assert_eq!(blocks.concat(), text.as_bytes());
        }

        #[test]
        fn range_of_lines_is_that_of_the_whole(text in "[ab\n]{0,60}", room in 1..20usize, first in 1..20u64, last in 0..20u64) {
            let mut range = Range::new(Span { first, last });
            for block in blocks_of(text.as_bytes(), 7, room, Encoding::Utf8) {
                if !range.block(&block).expect("memory") {
                    break;
                }
            }

            let numbered = text.lines().zip(1..).filter(|(_, number)| (first..=last).contains(number));
            prop_assert_eq!(range.lines, numbered.map(|(line, _)| line.to_owned()).collect::<Vec<_>>());
        }
    }

    proptest! {
        #[test]
        fn pieces_are_the_text_and_have_its_lines(text in "[ab\n]{0,60}", length in 1..9usize, room in 1..20usize) {
            let mut blocks = Blocks::new(Box::new(Pieces { rest: text.clone().into_bytes(), length }), Encoding::Utf8);
            blocks.buffer = vec![0; room];
            let (mut whole, mut count) = (Whole::default(), LineCount::default());
            while let Some(piece) = blocks.next_piece().expect("memory can be read") {
                whole.block(piece).expect("memory");
                count.block(piece).expect("memory");
            }
            count.end();

            prop_assert_eq!(whole.text, text.as_bytes());
            prop_assert_eq!(count.lines, text.lines().count() as u64);
        }

        #[test]
        fn decoding_is_that_of_the_standard_library(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            prop_assert_eq!(decode(&bytes).expect("memory"), String::from_utf8_lossy(&bytes).into_owned());
        }
    }

    #[test]
    fn a_line_without_end_is_an_error() {
        let mut blocks = Blocks::new(Box::new(io::repeat(0)), Encoding::Utf8);

        let error = blocks.next_block().expect_err("too long");

        assert_eq!(error.to_string(), "a line has more than 64 MiB");
        assert!(blocks.buffer.len() <= LONGEST_LINE);
    }

    #[test]
    fn carriage_return_belongs_to_the_line_break() {
        let found: Vec<_> = lines(b"a\r\n\rb\n\nc\r").collect();

        assert_eq!(found, [&b"a"[..], b"\rb", b"", b"c\r"]);
    }
}
