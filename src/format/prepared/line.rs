//! A prepared line: fixed text, and the values between.

use crate::format::context::FormatContext;
use crate::format::escape::Multiline;
use crate::format::json;
use crate::format::line::Line;
use crate::format::pattern::Piece;
use crate::format::shape::fields::put_field_value;
use crate::format::shape::program::FieldForm;
use crate::format::shape::put::{put_escaped_time, put_filled_message, put_message, put_seconds};
use crate::format::shape::special::Form;
use crate::format::shape::walk::is_object;
use crate::format::text::{put_int, put_named_value, put_value};
use crate::format::time::pattern::{TimeCache, TimePattern};
use crate::format::traceback::palette::Palette;
use crate::level::LevelRef;
use crate::message::{Name, Piece as MessagePiece, Template};
use crate::record::decoded::Record;
use crate::record::detail::Detail;
use crate::record::encoded::Value;

/// The longest records that prepared lines are for. The message of a longer one may have to be cut.
const LONGEST: usize = 64 * 1024;

/// The most pieces of a message that is prepared.
const MOST_PIECES: usize = 64;

/// The most fixed text of a line.
const MOST_TEXT: usize = 4096;

/// The most fields of a record, which have a bit each.
const MOST_FIELDS: usize = 64;

/// A line for the records of one site that have the same level, sections and names.
pub struct PreparedLine {
    level: LevelRef,
    sections: u32,
    /// The number of fields.
    fields: usize,
    /// The names of the fields. None if the site and their number determine them.
    names: Option<Vec<Box<[u8]>>>,
    guards: Vec<Guard>,
    text: Vec<u8>,
    /// Each with its place in the text.
    steps: Vec<(usize, Step)>,
}

/// A fact about the values of a record that decided where a field stands.
pub enum Guard {
    Object(usize, bool),
    /// Whether the value is one that GELF leaves out.
    LeftOut(usize, bool),
    Special(usize, Form, bool),
}

/// A value in a line. Fields are given by their place in the record.
pub enum Step {
    /// The place is that of its cache.
    Time(TimePattern, usize),
    /// A time between quotes; bare if it is logfmt and can be.
    EscapedTime(TimePattern, bool),
    Nanos,
    Seconds,
    Thread,
    /// A message as text.
    TextMessage(Multiline),
    /// A message as JSON, or as logfmt.
    Message(bool),
    /// A message as JSON, with a dash in place of an empty one.
    FilledMessage,
    /// A piece of a pattern that is filled in as always.
    Piece(Box<Piece>, Multiline),
    Text(usize, Multiline),
    /// The value after `key=` in a line of text.
    Named(usize, Multiline),
    /// Inside a JSON string.
    InString(usize),
    Field(usize, FieldForm),
    Special(usize, Form),
}

/// The caches and buffers of a formatter.
pub struct Tools<'t> {
    pub times: &'t mut [TimeCache],
    pub scratch: &'t mut Vec<u8>,
    pub context: &'t FormatContext<'t>,
}

/// A line that is being prepared.
#[derive(Default)]
pub struct Draft {
    pub text: Vec<u8>,
    pub steps: Vec<(usize, Step)>,
    pub guards: Vec<Guard>,
}

impl Draft {
    /// Completes the line for records like this one. None if there is too much of it to keep.
    pub fn finish(self, record: &Record<'_>) -> Option<PreparedLine> {
        let names = || record.fields.iter().map(|field| field.key.into()).collect();
        (self.text.len() <= MOST_TEXT && record.fields.len() <= MOST_FIELDS).then(|| PreparedLine {
            level: record.header.level,
            sections: record.sections,
            fields: record.fields.len(),
            names: (!record.has_fields_of_site_alone()).then(names),
            guards: self.guards,
            text: self.text,
            steps: self.steps,
        })
    }
}

/// The template of a record's message, if the site has it and the writer alone can fill it in.
pub fn template_of<'r>(record: &'r Record<'_>) -> Option<&'r Template> {
    record.site_template().filter(|template| template.pieces.len() <= MOST_PIECES && !template.needs_objects())
}

/// Appends a message: its own text by `literal`, and for each value the step that `value` returns.
pub fn put_template(
    (text, steps): (&mut Vec<u8>, &mut Vec<(usize, Step)>),
    record: &Record<'_>,
    template: &Template,
    literal: impl Fn(&mut Vec<u8>, &[u8]),
    value: impl Fn(usize) -> Step,
) {
    for piece in &template.pieces {
        match piece {
            MessagePiece::Literal(own) => literal(text, own),
            MessagePiece::Placeholder(placeholder) => match &placeholder.name {
                Name::Key(key) if let Some(at) = place_of(record, key) => steps.push((text.len(), value(at))),
                _ => literal(text, &placeholder.source),
            },
        }
    }
}

/// The place of a field in a record.
pub fn place_of(record: &Record<'_>, key: &[u8]) -> Option<usize> {
    record.fields.iter().position(|field| field.key == key)
}

impl PreparedLine {
    /// Whether it is the line of this record too.
    #[inline]
    pub fn fits(&self, record: &Record<'_>) -> bool {
        record.sections == self.sections
            && record.header.level == self.level
            && record.length <= LONGEST
            && record.fields.len() == self.fields
            && self.names.as_ref().is_none_or(|names| has_names(record, names))
            && self.guards.iter().all(|guard| guard.holds(record))
    }

    /// Appends the line of a record that it fits.
    pub fn put(&self, out: &mut Vec<u8>, record: &Record<'_>, tools: &mut Tools<'_>) {
        let mut done = 0;
        for (at, step) in &self.steps {
            out.extend_from_slice(&self.text[done..*at]);
            done = *at;
            step.put(out, record, tools);
        }
        out.extend_from_slice(&self.text[done..]);
    }
}

fn has_names(record: &Record<'_>, names: &[Box<[u8]>]) -> bool {
    record.fields.iter().zip(names).all(|(field, name)| *field.key == **name)
}

impl Guard {
    fn holds(&self, record: &Record<'_>) -> bool {
        let value = |at: &usize| record.fields[*at].value;
        match self {
            Self::Object(at, wanted) => is_object_value(value(at)) == *wanted,
            Self::LeftOut(at, wanted) => FieldForm::Gelf.leaves_out(value(at)) == *wanted,
            Self::Special(at, form, wanted) => form.accepts(value(at)) == *wanted,
        }
    }
}

pub fn is_object_value(value: Value<'_>) -> bool {
    matches!(value, Value::Odd { json, .. } if is_object(json))
}

impl Step {
    #[inline]
    fn put(&self, out: &mut Vec<u8>, record: &Record<'_>, tools: &mut Tools<'_>) {
        let value = |at: &usize| record.fields[*at].value;
        let (time_ns, zone) = (record.header.time_ns, tools.context.zone);
        match self {
            Self::Time(pattern, cache) => tools.times[*cache].render(pattern, time_ns, zone, out),
            Self::Text(at, multiline) => put_value(out, value(at), *multiline),
            Self::TextMessage(multiline) => record.message(|value| put_value(out, value, *multiline)),
            Self::Named(at, multiline) => put_named_value(out, value(at), *multiline),
            Self::InString(at) => json::put_in_string(out, value(at)),
            Self::Field(at, FieldForm::Json) => json::put_value(out, value(at)),
            Self::Field(at, form) => put_field_value(out, *form, value(at)),
            Self::Special(at, form) => form.put(out, value(at)),
            Self::EscapedTime(pattern, is_logfmt) => {
                let time = (&mut tools.times[0], &mut *tools.scratch);
                put_escaped_time(out, pattern, (time_ns, zone), time, *is_logfmt);
            }
            Self::Nanos => put_int(out, time_ns.max(0)),
            Self::Seconds => put_seconds(out, time_ns),
            Self::Thread => put_int(out, record.header.thread as i64),
            Self::Message(is_logfmt) => put_message(out, record, tools.scratch, *is_logfmt),
            Self::FilledMessage => put_filled_message(out, record, tools.scratch),
            Self::Piece(piece, multiline) => line(record, tools.context, *multiline).put_piece(out, piece),
        }
    }
}

/// A line of text without times, colours and exceptions.
pub fn line<'l, 'a>(record: &'l Record<'a>, context: &'l FormatContext<'l>, multiline: Multiline) -> Line<'l, 'a> {
    let (stack, palette, detail) = (None, &Palette::PLAIN, Detail::default());
    Line { times: [].iter_mut(), stack, palette, multiline, detail, record, context }
}
