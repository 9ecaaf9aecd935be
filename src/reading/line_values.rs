//! The values of a line in a file, for expressions.
//!
//! A JSON line has the values that its object has. Any other line has a message, which is the line, and a level if it
//! shows the name of one.

use std::str::FromStr;

use jiff::Timestamp;

use crate::config::search::Condition;
use crate::expression::datum::Datum;
use crate::expression::names::Key;
use crate::expression::values::Values;

/// A line, read as far as expressions need it.
pub struct LineValues<'l> {
    line: &'l [u8],
    /// The object of a JSON line.
    object: Option<Datum<'static>>,
    condition: &'l Condition,
}

impl<'l> LineValues<'l> {
    pub fn new(line: &'l [u8], condition: &'l Condition) -> Self {
        let is_json = line.trim_ascii_start().starts_with(b"{");
        let object = if is_json { Datum::of_json(line) } else { None };
        Self { line, object, condition }
    }

    /// Whether they meet the condition that they were read for.
    pub fn meet(&self) -> bool {
        self.condition.expression.accepts(self)
    }

    fn member(&self, key: &[u8]) -> Option<Datum<'_>> {
        self.object.as_ref()?.member(key).cloned()
    }

    fn level_name(&self) -> Option<Datum<'_>> {
        match &self.object {
            Some(object) => object.member(b"level").cloned(),
            None => self.condition.names.first(self.line).map(Datum::text),
        }
    }

    /// The number of the level's name; `Level 37` states it.
    fn level_no(&self) -> Option<Datum<'_>> {
        let Datum::Text(name) = self.level_name()? else { return None };
        let name = std::str::from_utf8(&name).ok()?;
        let levels = &self.condition.levels;
        let known = levels.id_of(name).and_then(|id| levels.get(id)).map(|level| level.no);
        let no = known.or_else(|| name.strip_prefix("Level ").and_then(|number| i32::from_str(number).ok()))?;
        Some(Datum::Int(i64::from(no)))
    }

    /// The types and messages of an exception that is an object. The text of its traceback is not in the line.
    fn exception(&self) -> Option<Datum<'_>> {
        let mut text = Vec::new();
        let mut next = self.object.as_ref()?.member(b"exception").filter(|exception| exception.is_true());
        while let Some(exception) = next {
            for key in [b"traceback".as_slice(), b"type", b"message"] {
                if let Some(Datum::Text(part)) = exception.member(key) {
                    text.extend_from_slice(part);
                    text.extend_from_slice(if key == b"type" { b": " } else { b"\n" });
                }
            }
            next = exception.member(b"cause").or_else(|| exception.member(b"context"));
        }
        Some(Datum::text(text)).filter(Datum::is_true)
    }

    fn time(&self) -> Option<Datum<'_>> {
        let Datum::Text(text) = self.member(b"timestamp")? else { return None };
        let time = Timestamp::from_str(std::str::from_utf8(&text).ok()?).ok()?;
        i64::try_from(time.as_nanosecond()).ok().map(Datum::Int)
    }
}

impl Values for LineValues<'_> {
    fn key(&self, key: Key) -> Option<Datum<'_>> {
        match key {
            Key::Time => self.time(),
            Key::LevelNo => self.level_no(),
            Key::LevelName => self.level_name(),
            Key::Message if self.object.is_none() => Some(Datum::text(self.line)),
            Key::Message => self.member(b"message"),
            Key::Name => self.member(b"name").or_else(|| self.member(b"module")),
            Key::Module => self.member(b"module"),
            Key::Function => self.member(b"function"),
            Key::FileName => self.member(b"filename"),
            Key::Line => self.member(b"lineno"),
            Key::Process => self.member(b"process"),
            Key::Thread => self.member(b"thread"),
            Key::Exception => self.exception(),
            Key::FilePath | Key::ProcessName | Key::ThreadName | Key::Task | Key::Elapsed => None,
        }
    }

    /// Fields are members of `fields`. In a flat object they are next to the record's keys.
    fn field(&self, name: &[u8]) -> Option<Datum<'_>> {
        let object = self.object.as_ref()?;
        object.member(b"fields").and_then(|fields| fields.member(name)).or_else(|| object.member(name)).cloned()
    }
}
