//! The values of a record, for expressions.

use std::borrow::Cow;

use crate::expression::datum::Datum;
use crate::expression::names::Key;
use crate::expression::values::Values;
use crate::format::text::put_unescaped;
use crate::level::Levels;
use crate::process::per_process::process_number;
use crate::record::decoded::Record;
use crate::record::encoded::{SetPart, Value};

/// A record, with the values that do not stand in it.
pub struct RecordValues<'r, 'a> {
    pub record: &'r Record<'a>,
    pub levels: &'r Levels,
    /// The time that `elapsed` counts from.
    pub start_ns: i64,
}

impl Values for RecordValues<'_, '_> {
    fn key(&self, key: Key) -> Option<Datum<'_>> {
        let record = self.record;
        let header = &record.header;
        Some(match key {
            Key::Time => Datum::Int(header.time_ns),
            Key::LevelNo => Datum::Int(i64::from(header.level.no)),
            Key::LevelName => match record.level_name(self.levels) {
                Cow::Borrowed(name) => Datum::text(name.as_bytes()),
                Cow::Owned(name) => Datum::text(name.into_bytes()),
            },
            Key::Message => Datum::Text(message(record)),
            Key::Name => Datum::text(record.name()),
            Key::Module => Datum::text(record.location.module),
            Key::Function => Datum::text(record.location.function),
            Key::FileName => Datum::text(record.filename()),
            Key::FilePath => Datum::text(record.location.path),
            Key::Line => Datum::Int(i64::from(record.location.line)),
            Key::Process => Datum::Int(i64::from(record.process(process_number()))),
            Key::ProcessName => Datum::text(record.process_name()),
            Key::Thread => Datum::Int(header.thread.cast_signed()),
            Key::ThreadName => Datum::text(record.thread_name()),
            Key::Task => return Some(record.task).filter(|task| !task.is_empty()).map(Datum::text),
            Key::Elapsed => Datum::Float(self.elapsed()),
            Key::Exception => Datum::text(record.exception?.0),
        })
    }

    fn field(&self, name: &[u8]) -> Option<Datum<'_>> {
        self.record.field(name).map(|field| of_value(field.value))
    }
}

impl RecordValues<'_, '_> {
    #[expect(clippy::cast_precision_loss, reason = "seconds with the precision of a float, as in Python")]
    fn elapsed(&self) -> f64 {
        let set = self.record.set_number(SetPart::Elapsed);
        let nanoseconds = set.unwrap_or_else(|| self.record.header.time_ns.saturating_sub(self.start_ns));
        nanoseconds as f64 / 1e9
    }
}

/// The message, without a copy if the caller finished it.
fn message<'a>(record: &Record<'a>) -> Cow<'a, [u8]> {
    let finished = record.finished();
    if !finished.is_empty() {
        return finished.into();
    }
    let mut text = Vec::new();
    record.message(|value| put_unescaped(&mut text, value));
    text.into()
}

fn of_value(value: Value<'_>) -> Datum<'_> {
    match value {
        Value::None => Datum::None,
        Value::Bool(value) => Datum::Bool(value),
        Value::Int(number) => Datum::Int(number),
        Value::Float(number) => Datum::Float(number),
        Value::Big(digits) => Datum::Big(digits.into()),
        Value::Str(text) => Datum::text(text),
        // JSON that is too deep for the reader is compared as text.
        Value::Odd { display, json } => Datum::of_json(json).unwrap_or_else(|| Datum::text(display)),
    }
}
