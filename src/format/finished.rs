//! Messages that their caller finishes, because they contain colour markup or Python formats them.
//!
//! Markup is read only in the message's own text, never in the values filled in.

use std::ops::Range;

use crate::format::escape::Multiline;
use crate::format::text::put_value;
use crate::record::decoded::{Part, Record};
use crate::record::encoded::{Encoder, HEADER, Section, Value, put_bytes, sections};
use crate::record::styles::put_change;
use crate::style::markup::{Markup, MarkupParser};

/// The length of most messages, in bytes.
const USUAL_TEXT: usize = 128;

/// A finished message without escaping: its text, its style changes, and the names of the fields it shows.
#[derive(Debug, Default)]
pub struct Finished {
    pub text: Vec<u8>,
    styles: Vec<u8>,
    used: Vec<u8>,
    filled: Vec<u8>,
    markup: Option<MarkupParser>,
    /// The number of styles that are open at the end of the text.
    open: usize,
}

impl Finished {
    /// An empty message, to be filled by `literal` and `value`.
    pub fn new(has_markup: bool) -> Self {
        Self { markup: has_markup.then(MarkupParser::new), ..Self::default() }
    }

    /// Finishes the message of a record.
    pub fn of(record: &Record<'_>, has_markup: bool) -> Self {
        let mut finished = Self { text: Vec::with_capacity(USUAL_TEXT), ..Self::new(has_markup) };
        record.parts(|part| match part {
            Part::Literal(text) => finished.literal(text),
            Part::Value(value, name) => {
                let start = finished.text.len();
                finished.value(value);
                name.inspect(|name| finished.fills(start, name));
            }
        });
        // The message may be a finished one, which says so itself.
        record.filled().for_each(|(part, name)| finished.put_filled(part, name));
        for field in record.fields.iter().filter(|field| record.is_shown(field.key)) {
            finished.uses(field.key);
        }
        finished
    }

    /// Appends a part of the message's own text.
    pub fn literal(&mut self, text: &[u8]) {
        let (Some(markup), Ok(text)) = (&mut self.markup, std::str::from_utf8(text)) else {
            return self.text.extend_from_slice(text);
        };
        for piece in markup.feed(text) {
            match &piece {
                Markup::Text(text) => self.text.extend_from_slice(text.as_bytes()),
                Markup::Close => self.open -= 1,
                Markup::Open(_) | Markup::OpenLevel => self.open += 1,
            }
            put_change(&mut self.styles, self.text.len(), &piece);
        }
    }

    pub fn value(&mut self, value: Value<'_>) {
        match value {
            Value::Str(part) | Value::Odd { display: part, .. } => self.text.extend_from_slice(part),
            other => put_value(&mut self.text, other, Multiline::Raw),
        }
    }

    /// Records that the text from `start` on is the value of a field.
    pub fn fills(&mut self, start: usize, name: &[u8]) {
        self.put_filled(start..self.text.len(), name);
    }

    fn put_filled(&mut self, part: Range<usize>, name: &[u8]) {
        self.filled.extend_from_slice(&(part.start as u32).to_ne_bytes());
        self.filled.extend_from_slice(&(part.end as u32).to_ne_bytes());
        put_bytes(&mut self.filled, name);
    }

    /// Records that the message shows a field.
    pub fn uses(&mut self, name: &[u8]) {
        put_bytes(&mut self.used, name);
    }

    /// Copies the encoded record with this message in place of the original, and without the sections in `left_out`.
    pub fn replace_in(self, record: &[u8], left_out: &[Section]) -> Vec<u8> {
        let own = self.text.len() + self.styles.len() + self.used.len() + self.filled.len();
        let mut bytes = Vec::with_capacity(record.len() + own + USUAL_TEXT);
        bytes.extend_from_slice(&record[..HEADER]);
        let mut encoder = Encoder::resume(&mut bytes);
        let message = [Section::Message, Section::Template, Section::Rendered, Section::Used, Section::Filled];
        for (tag, content) in sections(record) {
            if !message.iter().chain(left_out).any(|section| *section as u8 == tag) {
                encoder.copy(tag, content);
            }
        }
        self.put(&mut encoder);
        encoder.finish();
        bytes
    }

    /// Writes the sections of the message. Styles that are still open end with it.
    fn put(mut self, encoder: &mut Encoder<'_>) {
        for _ in 0..self.open {
            put_change(&mut self.styles, self.text.len(), &Markup::Close);
        }
        encoder.section(Section::Message, &self.text);
        encoder.section(Section::Used, &self.used);
        if !self.filled.is_empty() {
            encoder.section(Section::Filled, &self.filled);
        }
        if !self.styles.is_empty() {
            encoder.section(Section::Styles, &self.styles);
        }
    }
}
