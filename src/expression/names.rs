//! The names in an expression: keys of the record, or fields.

/// A value of the record itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Nanoseconds since the epoch.
    Time,
    LevelNo,
    LevelName,
    Message,
    Name,
    Module,
    Function,
    FileName,
    FilePath,
    Line,
    Process,
    ProcessName,
    Thread,
    ThreadName,
    Task,
    /// Seconds.
    Elapsed,
    /// The text of the exception.
    Exception,
}

/// A field, or a member of a field that is a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The whole name; a field may have dots in its name.
    pub whole: Box<[u8]>,
    /// The parts of the name between the dots.
    pub parts: Box<[Box<[u8]>]>,
    /// Whether the source says that it is a field, as `extra.name` does.
    pub is_explicit: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Key(Key),
    /// `level` alone: its number, or its name where texts are compared.
    Level,
    Field(Field),
}

const KEYS: &[(&str, Key)] = &[
    ("time", Key::Time),
    ("timestamp", Key::Time),
    ("level.no", Key::LevelNo),
    ("level.name", Key::LevelName),
    ("message", Key::Message),
    ("name", Key::Name),
    ("module", Key::Module),
    ("function", Key::Function),
    ("file", Key::FileName),
    ("file.name", Key::FileName),
    ("filename", Key::FileName),
    ("file.path", Key::FilePath),
    ("line", Key::Line),
    ("lineno", Key::Line),
    ("process", Key::Process),
    ("process.id", Key::Process),
    ("process.name", Key::ProcessName),
    ("thread", Key::Thread),
    ("thread.id", Key::Thread),
    ("thread.name", Key::ThreadName),
    ("task", Key::Task),
    ("task.name", Key::Task),
    ("elapsed", Key::Elapsed),
    ("exception", Key::Exception),
];

/// The prefixes that mean a field whatever its name is.
const PREFIXES: [&str; 2] = ["extra", "fields"];

impl Name {
    /// Resolves the parts of a dotted name. Keys of the record come before fields of the same name. None for a prefix
    /// that has no field's name after it.
    pub fn of(parts: &[String]) -> Option<Self> {
        let whole = parts.join(".");
        if whole == "level" {
            return Some(Self::Level);
        }
        if let Some((_, key)) = KEYS.iter().find(|(name, _)| *name == whole) {
            return Some(Self::Key(*key));
        }
        let is_explicit = PREFIXES.contains(&parts[0].as_str());
        let parts = if is_explicit { &parts[1..] } else { parts };
        let bytes = |text: &String| text.as_bytes().into();
        let whole = parts.join(".").into_bytes().into();
        let field = Field { whole, parts: parts.iter().map(bytes).collect(), is_explicit };
        (!parts.is_empty()).then_some(Self::Field(field))
    }
}
