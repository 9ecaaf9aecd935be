//! A text that is read in pieces, of which a part at a time is in memory.

use std::io::{self, Read};

/// Bytes read at a time.
const BLOCK: usize = 256 * 1024;

/// The most bytes in memory. A longer line is cut.
pub const MOST: usize = 8 * 1024 * 1024;

pub struct Input {
    reader: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// The part of the buffer that is not passed yet.
    start: usize,
    end: usize,
    is_over: bool,
    /// Whether no more is read, whatever is added to the text.
    is_last: bool,
}

impl Input {
    pub fn new(reader: Box<dyn Read + Send>) -> Self {
        Self { reader, buffer: vec![0; BLOCK], start: 0, end: 0, is_over: false, is_last: false }
    }

    /// The bytes that were read and not passed.
    pub fn unread(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Whether the last read found the end of the text. A text that grows may have more later.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    pub fn is_last(&self) -> bool {
        self.is_last
    }

    pub fn set_last(&mut self) {
        self.is_last = true;
    }

    pub fn pass(&mut self, count: usize) {
        self.start += count;
        debug_assert!(self.start <= self.end);
    }

    /// Reads more. Returns false if there is no more now, or no room for it.
    pub fn read_more(&mut self) -> io::Result<bool> {
        if self.start > 0 && self.end + BLOCK / 2 > self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            if self.buffer.len() >= MOST {
                return Ok(false);
            }
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(count) => {
                    self.end += count;
                    self.is_over = count == 0;
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether there is no room for more of the line at the start.
    pub fn is_full(&self) -> bool {
        self.start == 0 && self.end >= MOST
    }
}
