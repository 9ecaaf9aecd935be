//! The encoded record: how a caller writes it and how the writer reads it.
//!
//! A record is a fixed header and tagged sections, in native byte order. It refers to no Python object. The same bytes
//! go through the queue, to synchronous sinks and to callbacks. Fields keep their order. If a name occurs in several
//! sections, the innermost wins: call, then context, then bound, then configured.

use crate::level::LevelRef;
use crate::site::Location;

/// The size of a header in bytes: length, kind, level, site, time, thread.
pub const HEADER: usize = 32;

/// The kind of an entry in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Record = 0,
    /// A finished line for one sink, rendered by the caller because it needed Python.
    Line = 1,
    /// Marks the place of a record that is too large for the queue and is stored separately.
    Oversize = 2,
    /// Unused space up to the end of the ring.
    Wrap = 3,
    /// Like `Line`, and it begins a new file.
    FirstLine = 4,
    /// Like `Line`, for a notice of logly's, which is not counted.
    Notice = 5,
}

/// The sections of a record. Sections that hold fields are in the order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Section {
    /// The finished message.
    Message = 1,
    /// A style byte and a message to be filled in.
    Template = 2,
    /// Placeholders that the caller filled in: index, text.
    Rendered = 3,
    Extra = 4,
    Bound = 5,
    Context = 6,
    /// Names and values.
    Call = 7,
    /// Values. The call site has their names.
    CallValues = 8,
    /// Two texts: Python's text, and a JSON object.
    Exception = 9,
    ThreadName = 10,
    Task = 11,
    /// Module, function, path and line, for a site that could not be remembered.
    InlineSite = 12,
    /// Discards the fields so far, which are the configured ones: the record contains all of its own.
    Alone = 13,
    /// The names of the fields that a finished message shows.
    Used = 14,
    /// The style changes in a finished message; see `record/styles.rs`.
    Styles = 15,
    /// Text sinks write only the message, unchanged. The section is empty.
    Raw = 16,
    /// Two texts: the caller's stack as Python shows it, and a JSON array of its frames.
    Stack = 17,
    /// For a record from another library: its process, the name of the process, and the loggers it came through.
    Origin = 18,
    /// The name that `multiprocessing` gives to the process.
    ProcessName = 21,
    /// More texts of the exception: `Detail` as a byte, with `INDENTED` if lines that are not Python's own are
    /// indented.
    Traceback = 20,
    /// Parts that the program set instead of their usual values, each as a `SetPart` byte and a text.
    Set = 22,
    /// The version of the record for sinks with a given id or a higher one: the id, and another record.
    Later = 23,
    /// The parts of a finished message that fields filled in: start, end, and the field's name.
    Filled = 24,
}

/// A part of a record that usually follows from another part, but that the program may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SetPart {
    /// `name`, which otherwise is the module.
    Name = 1,
    FileName = 2,
    LevelName = 3,
    LevelIcon = 4,
    ThreadName = 5,
    ProcessName = 6,
    /// In decimal.
    Process = 7,
    /// Nanoseconds, in decimal.
    Elapsed = 8,
    /// The file's name without its suffix, where that is the module.
    Module = 9,
}

/// A field's value. Text is UTF-8 and may contain lone surrogates (as WTF-8).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(&'a [u8]),
    /// An integer beyond 64 bits, in decimal.
    Big(&'a [u8]),
    /// Any other value: its `str()`, and its JSON form; or `REPR_MARK` and its `repr()`.
    Odd {
        display: &'a [u8],
        json: &'a [u8],
    },
}

impl Value<'_> {
    pub fn is_number(self) -> bool {
        matches!(self, Self::Int(_) | Self::Float(_) | Self::Big(_))
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    pub key: &'a [u8],
    pub value: Value<'a>,
}

/// Writes one record into a buffer.
pub struct Encoder<'b> {
    out: &'b mut Vec<u8>,
    start: usize,
}

/// The contents of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub level: LevelRef,
    pub site: u32,
    pub time_ns: i64,
    pub thread: u64,
}

impl<'b> Encoder<'b> {
    #[inline]
    pub fn start(out: &'b mut Vec<u8>, kind: Kind, header: &Header) -> Self {
        let start = out.len();
        let mut bytes = [0u8; HEADER];
        bytes[4] = kind as u8;
        bytes[6..8].copy_from_slice(&header.level.id.to_ne_bytes());
        bytes[8..12].copy_from_slice(&header.level.no.to_ne_bytes());
        bytes[12..16].copy_from_slice(&header.site.to_ne_bytes());
        bytes[16..24].copy_from_slice(&header.time_ns.to_ne_bytes());
        bytes[24..32].copy_from_slice(&header.thread.to_ne_bytes());
        out.extend_from_slice(&bytes);
        Self { out, start }
    }

    /// Reopens a finished record, which must be the only content of the buffer.
    pub fn resume(out: &'b mut Vec<u8>) -> Self {
        Self { out, start: 0 }
    }

    /// Opens a section. Close it with `end` and the returned mark.
    #[inline]
    pub fn begin(&mut self, section: Section) -> usize {
        self.out.extend_from_slice(&[section as u8, 0, 0, 0, 0]);
        self.out.len()
    }

    #[inline]
    pub fn end(&mut self, mark: usize) {
        let length = (self.out.len() - mark) as u32;
        self.out[mark - 4..mark].copy_from_slice(&length.to_ne_bytes());
    }

    #[inline]
    pub fn section(&mut self, section: Section, content: &[u8]) {
        let mark = self.begin(section);
        self.out.extend_from_slice(content);
        self.end(mark);
    }

    /// Copies a section that was read.
    pub fn copy(&mut self, tag: u8, content: &[u8]) {
        self.out.push(tag);
        put_bytes(self.out, content);
    }

    /// Writes the location of the call, for a site that is not remembered.
    pub fn inline_site(&mut self, location: &Location<'_>) {
        let mark = self.begin(Section::InlineSite);
        put_bytes(self.out, location.module);
        put_bytes(self.out, location.function);
        put_bytes(self.out, location.path);
        self.out.extend_from_slice(&location.line.to_ne_bytes());
        self.end(mark);
    }

    /// The buffer, for writing values with the `put_*` functions.
    #[inline]
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        self.out
    }

    /// Removes the bytes written since `mark`.
    pub fn truncate(&mut self, mark: usize) {
        self.out.truncate(mark);
    }

    /// Writes the length, which completes the record.
    #[inline]
    pub fn finish(self) -> usize {
        let length = self.out.len() - self.start;
        self.out[self.start..self.start + 4].copy_from_slice(&(length as u32).to_ne_bytes());
        length
    }
}

/// The kind of the entry at the start of `record`.
#[inline]
pub fn kind_of(record: &[u8]) -> Kind {
    match record[4] {
        1 => Kind::Line,
        2 => Kind::Oversize,
        3 => Kind::Wrap,
        4 => Kind::FirstLine,
        5 => Kind::Notice,
        _ => Kind::Record,
    }
}

const NONE: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const FLOAT: u8 = 4;
const STR: u8 = 5;
const BIG: u8 = 6;
const ODD: u8 = 7;
/// Like `ODD`, but without a text.
const JSON_ALONE: u8 = 8;

#[inline]
pub fn put_none(out: &mut Vec<u8>) {
    out.push(NONE);
}

#[inline]
pub fn put_bool(out: &mut Vec<u8>, value: bool) {
    out.push(if value { TRUE } else { FALSE });
}

#[inline]
pub fn put_int(out: &mut Vec<u8>, value: i64) {
    let mut bytes = [INT; 9];
    bytes[1..].copy_from_slice(&value.to_ne_bytes());
    out.extend_from_slice(&bytes);
}

#[inline]
pub fn put_float(out: &mut Vec<u8>, value: f64) {
    let mut bytes = [FLOAT; 9];
    bytes[1..].copy_from_slice(&value.to_ne_bytes());
    out.extend_from_slice(&bytes);
}

#[inline]
pub fn put_str(out: &mut Vec<u8>, text: &[u8]) {
    out.reserve(5 + text.len());
    out.push(STR);
    put_bytes(out, text);
}

pub fn put_big(out: &mut Vec<u8>, digits: &[u8]) {
    out.push(BIG);
    put_bytes(out, digits);
}

/// Writes a value that has a text and a JSON form. `put_json` appends the JSON form.
pub fn put_odd(out: &mut Vec<u8>, display: &[u8], put_json: impl FnOnce(&mut Vec<u8>)) {
    out.push(ODD);
    put_bytes(out, display);
    put_counted(out, put_json);
}

/// Like `put_odd`, for a value whose text no sink wants. If a sink that wants it has been added since, the JSON form
/// replaces the text.
pub fn put_json_alone(out: &mut Vec<u8>, put_json: impl FnOnce(&mut Vec<u8>)) {
    out.push(JSON_ALONE);
    put_counted(out, put_json);
}

/// Writes content with its length before it.
fn put_counted(out: &mut Vec<u8>, put: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(&[0; 4]);
    let mark = out.len();
    put(out);
    let length = (out.len() - mark) as u32;
    out[mark - 4..mark].copy_from_slice(&length.to_ne_bytes());
}

/// Writes a length and the bytes.
#[inline]
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_ne_bytes());
    out.extend_from_slice(bytes);
}

/// Reads the output of the `put_*` functions.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    #[inline]
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(count);
        self.rest = rest;
        taken
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> [u8; N] {
        self.take(N).try_into().expect("split_at gives N bytes; this is a bug in logly")
    }

    #[inline]
    pub fn byte(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    #[inline]
    pub fn u32(&mut self) -> u32 {
        u32::from_ne_bytes(self.array())
    }

    #[inline]
    pub fn bytes(&mut self) -> &'a [u8] {
        let length = self.u32() as usize;
        self.take(length)
    }

    #[inline]
    pub fn value(&mut self) -> Value<'a> {
        match self.byte() {
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            INT => Value::Int(i64::from_ne_bytes(self.array())),
            FLOAT => Value::Float(f64::from_ne_bytes(self.array())),
            STR => Value::Str(self.bytes()),
            BIG => Value::Big(self.bytes()),
            ODD => Value::Odd { display: self.bytes(), json: self.bytes() },
            JSON_ALONE => {
                let json = self.bytes();
                Value::Odd { display: json, json }
            }
            _ => Value::None,
        }
    }
}

/// The sections of a record, each with its tag.
pub fn sections(record: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut reader = Reader::new(&record[HEADER..]);
    std::iter::from_fn(move || (!reader.is_empty()).then(|| (reader.byte(), reader.bytes())))
}

/// The parts in a `Set` section.
pub fn set_parts(content: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut reader = Reader::new(content);
    std::iter::from_fn(move || (!reader.is_empty()).then(|| (reader.byte(), reader.bytes())))
}

/// The version of the record for the sink with this id. It differs from the original if filters changed it.
pub fn version_for(record: &[u8], sink: u32) -> &[u8] {
    let later = sections(record).find(|(tag, _)| *tag == Section::Later as u8);
    let Some((_, content)) = later else { return record };
    let mut reader = Reader::new(content);
    if reader.u32() > sink { record } else { version_for(reader.bytes(), sink) }
}

/// Appends a value that was read.
pub fn put_value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::None => put_none(out),
        Value::Bool(flag) => put_bool(out, flag),
        Value::Int(number) => put_int(out, number),
        Value::Float(number) => put_float(out, number),
        Value::Str(text) => put_str(out, text),
        Value::Big(digits) => put_big(out, digits),
        Value::Odd { display, json } => put_odd(out, display, |out| out.extend_from_slice(json)),
    }
}

/// Reads the fixed part of a record.
#[inline]
pub fn header_of(bytes: &[u8]) -> Header {
    // One check of the length for all parts.
    let bytes: &[u8; HEADER] = bytes.first_chunk().expect("a header; this is a bug in logly");
    let array4 = |at: usize| -> [u8; 4] { [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]] };
    let array8 = |at: usize| -> [u8; 8] { std::array::from_fn(|index| bytes[at + index]) };
    Header {
        level: LevelRef { id: u16::from_ne_bytes([bytes[6], bytes[7]]), no: i32::from_ne_bytes(array4(8)) },
        site: u32::from_ne_bytes(array4(12)),
        time_ns: i64::from_ne_bytes(array8(16)),
        thread: u64::from_ne_bytes(array8(24)),
    }
}

/// Only the level's number, which every enqueue needs.
#[inline]
pub fn level_no_of(bytes: &[u8]) -> i32 {
    i32::from_ne_bytes(bytes[8..12].try_into().expect("a header; this is a bug in logly"))
}

/// The length of the record at the start of `bytes`, from its header.
#[inline]
pub fn length_of(bytes: &[u8]) -> usize {
    u32::from_ne_bytes(bytes[..4].try_into().expect("a header; this is a bug in logly")) as usize
}

#[cfg(test)]
mod tests {
    use crate::record::decoded::Record;
    use std::fmt::Write;

    use super::*;
    use crate::level::INFO;
    use crate::site::{NO_SITE, Site};

    fn header() -> Header {
        Header { level: INFO, site: NO_SITE, time_ns: -5, thread: 7 }
    }

    fn message(record: &Record<'_>) -> String {
        let mut out = String::new();
        record.message(|value| match value {
            Value::Str(text) => out.push_str(std::str::from_utf8(text).expect("utf-8")),
            other => write!(out, "{other:?}").expect("writing to a string cannot fail"),
        });
        out
    }

    #[test]
    fn what_was_written_is_read() {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::start(&mut bytes, Kind::Record, &header());
        encoder.section(Section::Message, b"hello");
        let mark = encoder.begin(Section::Call);
        for (key, put) in
            [("a", put_none as fn(&mut Vec<u8>)), ("b", |out| put_int(out, -3)), ("c", |out| put_float(out, 0.5))]
        {
            put_bytes(encoder.buffer(), key.as_bytes());
            put(encoder.buffer());
        }
        encoder.end(mark);
        let length = encoder.finish();
        let site = Site::unknown();

        let record = Record::decode(&bytes, &site, &[]);

        assert_eq!(length_of(&bytes), length);
        assert_eq!(record.header, header());
        assert_eq!(message(&record), "hello");
        let values: Vec<_> = record.fields.iter().map(|field| field.value).collect();
        assert_eq!(values, [Value::None, Value::Int(-3), Value::Float(0.5)]);
    }

    #[test]
    fn inner_fields_win_and_the_message_uses_them() {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::start(&mut bytes, Kind::Record, &header());
        encoder.section(Section::Template, b"\0{user} {gone} {n:>3}");
        encoder.section(Section::Rendered, &[2u32.to_ne_bytes().as_slice(), &3u32.to_ne_bytes(), b"  1"].concat());
        for (section, value) in [(Section::Bound, 1), (Section::Call, 2)] {
            let mark = encoder.begin(section);
            put_bytes(encoder.buffer(), b"user");
            put_int(encoder.buffer(), value);
            encoder.end(mark);
        }
        encoder.finish();
        let site = Site::unknown();

        let record = Record::decode(&bytes, &site, &[]);

        assert_eq!(message(&record), "Int(2) {gone}   1");
        assert_eq!(record.fields.len(), 1);
        assert!(record.is_shown(b"user") && !record.is_shown(b"gone, too"));
    }
}
