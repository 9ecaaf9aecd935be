//! An entry of a log: a record of any library, as far as its line tells.

use smallvec::SmallVec;

use super::pairs;
use super::roles::{Role, role_of};
use super::severity::{name_of, number_of, number_of_number};
use super::times::{self, Times};
use super::value::Value;
use crate::expression::datum::Datum;
use crate::expression::names::Key;
use crate::expression::values::Values;
use crate::level::STANDARD_NUMBERS;
use crate::reading::json::{Members, bare_text};

/// A part of an entry, with the key that the line gives it.
#[derive(Clone, Copy, Debug)]
pub struct Part<'l> {
    pub key: &'l [u8],
    pub value: Value<'l>,
    pub role: Role,
    /// How much a key is believed to have this role.
    rank: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Severity<'l> {
    pub name: &'l [u8],
    /// None for a name that is unknown.
    pub no: Option<i32>,
}

impl<'l> Severity<'l> {
    /// logly's name of a level that it has, whatever other programs call it.
    pub fn common_name(self) -> &'l [u8] {
        let standard = self.no.filter(|no| STANDARD_NUMBERS.contains(no));
        standard.map_or(self.name, |no| name_of(no).as_bytes())
    }
}

/// An entry, read from its lines.
#[derive(Debug)]
pub struct Entry<'l> {
    /// The first line.
    pub line: &'l [u8],
    /// The lines that follow, such as those of a traceback.
    pub rest: &'l [u8],
    pub time: Option<i64>,
    pub severity: Option<Severity<'l>>,
    pub parts: SmallVec<[Part<'l>; 12]>,
}

impl<'l> Entry<'l> {
    pub(super) fn new(line: &'l [u8], rest: &'l [u8]) -> Self {
        Self { line, rest, time: None, severity: None, parts: SmallVec::new() }
    }

    /// Adds a part. One of the same role that is believed less becomes a field.
    pub(super) fn add(&mut self, key: &'l [u8], value: Value<'l>, (role, rank): (Role, u8), times: &mut Times) {
        let role = match role {
            Role::NameOfLevel if is_level_name(value) => Role::Level,
            Role::NameOfLevel => Role::Field,
            other => other,
        };
        let mut part = Part { key, value, role, rank };
        if role.is_single() && !self.is_part(&mut part, times) {
            part.role = Role::Field;
        }
        self.parts.push(part);
    }

    /// Whether a part is the one of its role from now on.
    fn is_part(&mut self, part: &mut Part<'l>, times: &mut Times) -> bool {
        let before = self.parts.iter_mut().find(|other| other.role == part.role);
        if before.as_ref().is_some_and(|before| before.rank >= part.rank) {
            return false;
        }
        match part.role {
            Role::Time => {
                let Some(time) = time_of(part.value, times) else { return false };
                self.time = Some(time);
            }
            Role::Level => {
                let Some(severity) = severity_of(part.value) else { return false };
                self.severity = Some(severity);
            }
            _ => {}
        }
        if let Some(before) = before {
            before.role = Role::Field;
        }
        true
    }

    pub fn part(&self, role: Role) -> Option<Value<'l>> {
        self.parts.iter().find(|part| part.role == role).map(|part| part.value)
    }

    /// The value of a field that follows the message of a line of text.
    fn in_message(&self, name: &[u8]) -> Option<Value<'l>> {
        let Some(Value::Text(message)) = self.part(Role::Message) else { return None };
        pairs::field(message, name)
    }

    pub fn fields(&self) -> impl Iterator<Item = &Part<'l>> {
        self.parts.iter().filter(|part| part.role == Role::Field)
    }

    /// The value that a user means by a name: that of a part or a role, or of a field within the message.
    pub fn found(&self, name: &[u8]) -> Option<Value<'l>> {
        let level = || self.severity.filter(|_| role_of(name).0 == Role::Level).map(|level| Value::Text(level.name));
        self.named(name).or_else(|| self.in_message(name)).or_else(level)
    }

    /// The part with this key, whatever its role, or else what the role of that name is.
    pub fn named(&self, name: &[u8]) -> Option<Value<'l>> {
        let part = self.parts.iter().rev().find(|part| part.key == name);
        part.map(|part| part.value).or_else(|| {
            let (role, _) = role_of(name);
            self.part(role).filter(|_| role.is_single())
        })
    }
}

fn is_level_name(value: Value<'_>) -> bool {
    match value {
        Value::Text(name) => number_of(name).is_some(),
        Value::Json(json) => bare_text(json).is_some_and(|name| number_of(name).is_some()),
    }
}

fn time_of(value: Value<'_>, times: &mut Times) -> Option<i64> {
    match value {
        Value::Text(text) => times.read_whole(text),
        Value::Json(json) if json.starts_with(b"{") => time_of_object(json, times),
        Value::Json(json) => bare_text(json).map_or_else(|| times::number(json), |text| times.read_whole(text)),
    }
}

/// The time of an object: seconds and nanoseconds as Google's, or a timestamp as Loguru's.
fn time_of_object(json: &[u8], times: &mut Times) -> Option<i64> {
    let (mut time, mut nanos) = (None, 0);
    for (key, value) in Members::of(json)? {
        match key {
            b"seconds" | b"timestamp" => time = time_of(Value::Json(value), times),
            b"nanos" => nanos = std::str::from_utf8(value).ok()?.parse().ok()?,
            _ => {}
        }
    }
    time?.checked_add(nanos)
}

fn severity_of(value: Value<'_>) -> Option<Severity<'_>> {
    match value {
        Value::Text(name) => Some(Severity { name, no: number_of(name) }),
        Value::Json(json) if json.starts_with(b"{") => {
            let (_, name) = Members::of(json)?.find(|(key, _)| *key == b"name")?;
            severity_of(Value::Json(name))
        }
        Value::Json(json) => match bare_text(json) {
            Some(name) => Some(Severity { name, no: number_of(name) }),
            None if json.starts_with(b"\"") => {
                let no = number_of(&value.text())?;
                Some(Severity { name: name_of(no).as_bytes(), no: Some(no) })
            }
            None => {
                let no = number_of_number(std::str::from_utf8(json).ok()?.parse().ok()?);
                Some(Severity { name: name_of(no).as_bytes(), no: Some(no) })
            }
        },
    }
}

impl Values for Entry<'_> {
    fn key(&self, key: Key) -> Option<Datum<'_>> {
        let part = |role| self.part(role).map(Value::datum);
        match key {
            Key::Time => self.time.map(Datum::Int),
            Key::LevelNo => self.severity.and_then(|level| level.no).map(|no| Datum::Int(i64::from(no))),
            Key::LevelName => self.severity.map(|level| Datum::text(level.name)),
            Key::Message => self.part(Role::Message).map(|message| Datum::Text(message.text())),
            Key::Name | Key::Module => part(Role::Name),
            Key::Function => part(Role::Function),
            Key::FileName | Key::FilePath => part(Role::File),
            Key::Line => part(Role::Line),
            Key::Process => part(Role::Process),
            Key::Thread | Key::ThreadName => part(Role::Thread),
            Key::Exception => {
                let shown = self.part(Role::Exception).map(|exception| Datum::Text(exception.text()));
                shown.or_else(|| Some(Datum::text(self.rest)).filter(Datum::is_true))
            }
            Key::ProcessName | Key::Task | Key::Elapsed => None,
        }
    }

    fn field(&self, name: &[u8]) -> Option<Datum<'_>> {
        let part = self.parts.iter().rev().find(|part| part.key == name);
        part.map(|part| part.value.datum()).or_else(|| self.in_message(name).map(Value::datum))
    }
}
