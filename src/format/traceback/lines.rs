//! Writing lines of tracebacks as escaped text with styles, and the lines that are Python's own.

use crate::format::escape::{Multiline, put_text};
use crate::style::codes::RESET;

/// Unindented lines that Python prints around frames, whatever the exception.
pub const OWN: [&[u8]; 4] = [
    b"Traceback (most recent call last):",
    b"Stack (most recent call last):",
    b"The above exception was the direct cause of the following exception:",
    b"During handling of the above exception, another exception occurred:",
];

/// Appends text, escaped as the sink wants it.
pub struct Out<'o> {
    pub out: &'o mut Vec<u8>,
    pub is_raw: bool,
}

impl Out<'_> {
    pub fn line_break(&mut self) {
        self.out.push(b'\n');
    }

    /// Appends text without line breaks.
    pub fn plain(&mut self, text: &[u8]) {
        if self.is_raw {
            return put_text(self.out, text, Multiline::Raw);
        }
        for (index, cell) in text.split(|byte| *byte == b'\t').enumerate() {
            if index > 0 {
                self.out.push(b'\t');
            }
            put_text(self.out, cell, Multiline::Escape);
        }
    }

    pub fn styled(&mut self, style: &str, text: &[u8]) {
        if text.is_empty() || style.is_empty() {
            return self.plain(text);
        }
        self.out.extend_from_slice(style.as_bytes());
        self.plain(text);
        self.out.extend_from_slice(RESET.as_bytes());
    }

    /// Appends text that may have line breaks.
    pub fn styled_lines(&mut self, style: &str, text: &[u8]) {
        self.out.extend_from_slice(style.as_bytes());
        for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
            if index > 0 {
                self.line_break();
            }
            self.plain(line);
        }
        self.out.extend_from_slice(RESET.as_bytes());
    }
}
