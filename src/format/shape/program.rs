//! A shape: the members of a line, in order, with their keys encoded.

use memchr::memmem;

use crate::format::shape::failure::Failure;
use crate::format::shape::kind::{Include, Kind};
use crate::format::shape::names::Names;
use crate::format::shape::special::Special;
use crate::format::time::pattern::TimePattern;

/// A compiled shape, shared by the formatters of all threads.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    pub kind: Kind,
    /// Whether the line is indented over several lines.
    pub is_pretty: bool,
    pub members: Vec<Member>,
    /// The fields with a place of their own, which `What::Special` and `What::Labels` refer to by index.
    pub specials: Vec<Special>,
    /// The names of these fields.
    pub special_names: Names,
    /// The keys that a field may not have.
    pub reserved: Names,
    /// The keys that a field may have only if its value is an object.
    pub objects: Names,
    /// The key that fields may not have if the program set the record's name.
    pub name_key: Box<[u8]>,
    /// The key that fields may not have if the record has a stack.
    pub stack_key: Box<[u8]>,
}

/// One member of a line. A member without a value is left out, together with its key.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The separator, the key, and the start of the value.
    pub open: Box<[u8]>,
    /// The end of the value.
    pub close: &'static [u8],
    pub what: What,
}

/// The value of a member.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The value is part of the key.
    Nothing,
    Time(TimePattern),
    /// A time whose text is JSON as it is.
    PlainTime(TimePattern),
    /// Nanoseconds since 1970, as text.
    Nanos,
    /// Seconds since 1970, with a fraction.
    Seconds,
    Level(LevelForm),
    Message,
    /// The message, or a dash in place of an empty one.
    FilledMessage,
    Include(Include),
    /// The line number as text.
    LineText,
    /// The record's name, if the program set it.
    SetName,
    Special(usize),
    /// The members of the field, as texts.
    Labels(usize),
    Failure(Failure),
    /// An exception's object as JSON in a text.
    FailureText,
    /// An exception's object with a type at each value.
    FailureAny,
    Stack,
    StackText,
    Fields(FieldForm, Select),
    /// An object or array. It is left out if it would be empty, unless `is_kept`.
    Group {
        members: Vec<Member>,
        close: &'static [u8],
        is_kept: bool,
    },
    /// The object of fields whose names are keys of the shape, which few records have.
    MovedFields(Vec<Member>),
    /// The members of exceptions and stacks, which few records have.
    Failures(Vec<Member>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelForm {
    Name,
    Lowercase,
    Gcp,
    Datadog,
    Syslog,
    Otel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldForm {
    Json,
    Gelf,
    Otel,
    Logfmt,
}

/// The fields that a member shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Select {
    All,
    /// Those whose names are not keys of the shape.
    Free,
    /// Those whose names are keys of the shape.
    Moved,
    /// All; those whose names are keys of the shape have `fields.` before their names.
    Prefixed,
}

/// The separator before each member except the first, which `open` begins with.
pub fn separator(kind: Kind) -> &'static [u8] {
    if kind == Kind::Logfmt { b" " } else { b", " }
}

impl Shape {
    /// Whether lines have the level's name under the key `level`, as logly's own JSON has.
    pub fn names_levels(&self) -> bool {
        let is_there = |member: &Member| {
            member.what == What::Level(LevelForm::Name) && memmem::find(&member.open, b"\"level\":").is_some()
        };
        self.kind != Kind::Logfmt && self.members.iter().any(is_there)
    }
}

impl What {
    /// Whether every record has the value.
    pub(super) fn is_always(&self) -> bool {
        match self {
            Self::Nothing
            | Self::Time(_)
            | Self::PlainTime(_)
            | Self::Nanos
            | Self::Seconds
            | Self::Level(_)
            | Self::Message
            | Self::FilledMessage => true,
            Self::Include(part) => !matches!(part, Include::ProcessName | Include::ThreadName | Include::Task),
            _ => false,
        }
    }
}

impl Shape {
    /// Whether the line shows a part of the record.
    pub fn shows(&self, include: Include) -> bool {
        fn any(members: &[Member], include: Include) -> bool {
            members.iter().any(|member| match &member.what {
                What::Include(part) => *part == include,
                What::Group { members, .. } => any(members, include),
                _ => false,
            })
        }
        any(&self.members, include)
    }
}
