//! Redaction of an encoded record.
//!
//! A record in which nothing is secret costs one search and no copy. Otherwise a new record is encoded: its message is
//! finished, because a template's own text and a value may be secret only together, and it holds all fields, those of
//! `configure(extra=)` included.

use std::ops::Range;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::format::escape::Multiline;
use crate::format::text::put_value;
use crate::record::decoded::{Part, Record};
use crate::record::encoded::{
    Encoder, Field, Kind, Reader, Section, Value, put_bytes, put_odd, put_str, put_value as put_encoded, sections,
};
use crate::record::styles::moved;
use crate::redaction::json;
use crate::redaction::pairs::Scope;
use crate::redaction::recent::Recent;
use crate::redaction::redactor::Redactor;

/// The sections that are written again.
const WRITTEN: [Section; 11] = [
    Section::Message,
    Section::Template,
    Section::Rendered,
    Section::Bound,
    Section::Context,
    Section::Call,
    Section::CallValues,
    Section::Alone,
    Section::Used,
    Section::Styles,
    Section::Filled,
];

/// The records as some sinks of an engine see them: with masks, unless there is no redactor.
pub struct View {
    pub redactor: Option<Arc<Redactor>>,
    recent: Recent,
}

impl View {
    pub fn new(redactor: Option<&Arc<Redactor>>) -> Self {
        let recent = if redactor.is_some() { Recent::new() } else { Recent::default() };
        Self { redactor: redactor.cloned(), recent }
    }

    /// Returns the record with masks, or None if nothing in it is secret.
    #[inline]
    pub fn masked(&mut self, bytes: &[u8], record: &Record<'_>) -> Option<Vec<u8>> {
        redact_with(self.redactor.as_ref()?, &mut self.recent, bytes, record)
    }
}

/// Returns the record with masks, or None if nothing in it is secret. `record` is decoded from `bytes`.
pub fn redact(redactor: &Redactor, bytes: &[u8], record: &Record<'_>) -> Option<Vec<u8>> {
    redact_with(redactor, &mut Recent::default(), bytes, record)
}

/// The same, with the answers for the last records.
fn redact_with(redactor: &Redactor, recent: &mut Recent, bytes: &[u8], record: &Record<'_>) -> Option<Vec<u8>> {
    let hidden: SmallVec<[bool; 16]> =
        record.fields.iter().map(|field| recent.hides(redactor, field.key, field.value.is_number())).collect();
    let fields: SmallVec<[Option<Masked>; 16]> =
        record.fields.iter().zip(&hidden).map(|(field, is_hidden)| redactor.field(recent, field, *is_hidden)).collect();
    let message = Message::of(redactor, recent, record, &hidden);
    let has_texts = record.exception.is_some() || record.stack.is_some();
    let texts: SmallVec<[(u8, Vec<u8>); 2]> = if has_texts { redactor.texts(bytes) } else { SmallVec::new() };
    if message.secrets.is_empty() && texts.is_empty() && fields.iter().all(Option::is_none) {
        return None;
    }
    let mut out = Vec::with_capacity(bytes.len() + 64);
    let mut encoder = Encoder::start(&mut out, Kind::Record, &record.header);
    let mut texts = texts.iter().peekable();
    for (index, (tag, content)) in sections(bytes).enumerate() {
        if WRITTEN.iter().any(|section| *section as u8 == tag) {
            continue;
        }
        match texts.next_if(|(at, _)| usize::from(*at) == index) {
            Some((_, masked)) => encoder.copy(tag, masked),
            None => encoder.copy(tag, content),
        }
    }
    message.put(redactor, record, &mut encoder);
    put_fields(record, &fields, &mut encoder);
    encoder.finish();
    Some(out)
}

/// A finished message, and its secret parts.
struct Message {
    text: Vec<u8>,
    secrets: Vec<Range<usize>>,
}

impl Message {
    /// `hidden` says which fields of the record are hidden.
    fn of(redactor: &Redactor, recent: &mut Recent, record: &Record<'_>, hidden: &[bool]) -> Self {
        let is_shown =
            |name: &[u8]| record.fields.iter().zip(hidden).any(|(field, hidden)| field.key == name && !hidden);
        let mut text = Vec::with_capacity(256);
        let mut hidden = Vec::new();
        record.parts(|part| match part {
            Part::Literal(literal) => text.extend_from_slice(literal),
            Part::Value(value, name) => {
                let start = text.len();
                put_plain(&mut text, value);
                if name.is_some_and(|name| !is_shown(name) && redactor.hides_text(name, &text[start..])) {
                    hidden.push(start..text.len());
                }
            }
        });
        for (part, name) in record.filled() {
            if text.get(part.clone()).is_some_and(|value| redactor.hides_text(name, value)) {
                hidden.push(part);
            }
        }
        if hidden.is_empty() && recent.is_clean(&text) {
            return Self { text, secrets: hidden };
        }
        let secrets = redactor.find(&text, Scope::Text, hidden);
        if secrets.is_empty() {
            recent.note_clean(&text);
        }
        Self { text, secrets }
    }

    /// Writes the sections of the message.
    fn put(&self, redactor: &Redactor, record: &Record<'_>, encoder: &mut Encoder<'_>) {
        encoder.section(Section::Message, &redactor.replaced(&self.text, &self.secrets));
        let mark = encoder.begin(Section::Used);
        for field in record.fields.iter().filter(|field| record.is_shown(field.key)) {
            put_bytes(encoder.buffer(), field.key);
        }
        encoder.end(mark);
        if !record.styles.is_empty() {
            encoder.section(Section::Styles, &moved(record.styles, |at| self.moved(redactor, at)));
        }
    }

    /// The new place of the byte at `at`. A place within a secret moves to its start.
    fn moved(&self, redactor: &Redactor, at: usize) -> usize {
        let mut place = at;
        for secret in self.secrets.iter().filter(|secret| secret.start < at) {
            if at < secret.end {
                return place - (at - secret.start);
            }
            place = place + redactor.masked(&self.text[secret.clone()]).len() - secret.len();
        }
        place
    }
}

/// The masked value of a field.
enum Masked {
    Text(Vec<u8>),
    Odd { display: Vec<u8>, json: Vec<u8> },
}

impl Redactor {
    /// The masked value of a field, or None if it is no secret.
    fn field(&self, recent: &mut Recent, field: &Field<'_>, is_hidden: bool) -> Option<Masked> {
        if is_hidden {
            return self.hidden(field.value);
        }
        match field.value {
            Value::None | Value::Bool(_) => None,
            Value::Str(text) => recent.changed(self, text).map(Masked::Text),
            Value::Int(_) | Value::Float(_) | Value::Big(_) => {
                if !self.patterns.reads_numbers() {
                    return None;
                }
                let mut text = Vec::new();
                put_plain(&mut text, field.value);
                self.changed(&text).map(Masked::Text)
            }
            Value::Odd { display, json } => self.odd(display, json),
        }
    }

    fn hidden(&self, value: Value<'_>) -> Option<Masked> {
        let mut text = Vec::new();
        match value {
            Value::None | Value::Bool(_) | Value::Str(b"") => return None,
            Value::Odd { display: b"", json } => text.extend_from_slice(json),
            other => put_plain(&mut text, other),
        }
        let masked = self.masked(&text);
        let is_masked = matches!(value, Value::Str(text) if text == masked);
        (!is_masked).then_some(Masked::Text(masked))
    }

    fn odd(&self, display: &[u8], json: &[u8]) -> Option<Masked> {
        let new_json = json::redact(self, json, false);
        if std::ptr::eq(display, json) {
            return new_json.map(|json| Masked::Odd { display: json.clone(), json });
        }
        let new_display = self.changed(display);
        if new_json.is_none() && new_display.is_none() {
            return None;
        }
        let kept = |new: Option<Vec<u8>>, old: &[u8]| new.unwrap_or_else(|| old.to_vec());
        Some(Masked::Odd { display: kept(new_display, display), json: kept(new_json, json) })
    }

    /// Whether a text that a message shows is the value of a hidden name.
    fn hides_text(&self, name: &[u8], text: &[u8]) -> bool {
        let is_plain = matches!(text, b"" | b"None" | b"True" | b"False");
        !is_plain && self.hides(name, text[0].is_ascii_digit()) && self.mask.length_at(text) != Some(text.len())
    }

    /// The sections with texts of exceptions and stacks that hold secrets, each with its place among all sections.
    #[cold]
    fn texts(&self, bytes: &[u8]) -> SmallVec<[(u8, Vec<u8>); 2]> {
        let masked = |(at, (tag, content)): (usize, (u8, &[u8]))| {
            let masked = if tag == Section::Exception as u8 || tag == Section::Stack as u8 {
                let mut reader = Reader::new(content);
                self.text_and_json(reader.bytes(), reader.bytes())
            } else if tag == Section::Traceback as u8 {
                let (detail, text) = content.split_first()?;
                self.traceback(text).map(|text| [&[*detail], &*text].concat())
            } else {
                None
            };
            masked.map(|masked| (at as u8, masked))
        };
        sections(bytes).enumerate().filter_map(masked).collect()
    }

    fn text_and_json(&self, text: &[u8], json: &[u8]) -> Option<Vec<u8>> {
        let (new_text, new_json) = (self.traceback(text), json::redact(self, json, true));
        if new_text.is_none() && new_json.is_none() {
            return None;
        }
        let mut out = Vec::new();
        put_bytes(&mut out, new_text.as_deref().unwrap_or(text));
        put_bytes(&mut out, new_json.as_deref().unwrap_or(json));
        Some(out)
    }
}

fn put_fields(record: &Record<'_>, fields: &[Option<Masked>], encoder: &mut Encoder<'_>) {
    encoder.section(Section::Alone, b"");
    let mark = encoder.begin(Section::Call);
    for (field, masked) in record.fields.iter().zip(fields) {
        let out = encoder.buffer();
        put_bytes(out, field.key);
        match masked {
            None => put_encoded(out, field.value),
            Some(Masked::Text(text)) => put_str(out, text),
            Some(Masked::Odd { display, json }) => put_odd(out, display, |out| out.extend_from_slice(json)),
        }
    }
    encoder.end(mark);
}

/// Appends `str(value)`, without escaping.
fn put_plain(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Str(text) | Value::Odd { display: text, .. } => out.extend_from_slice(text),
        other => put_value(out, other, Multiline::Raw),
    }
}
