//! What the keys of other libraries mean.

use std::collections::HashMap;
use std::sync::LazyLock;

use ahash::RandomState;

/// The part of an entry that a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Field,
    Time,
    Level,
    /// A level if its value is the name of one, as a status may be; otherwise a field.
    NameOfLevel,
    Message,
    /// The logger.
    Name,
    Function,
    File,
    Line,
    Process,
    Thread,
    Exception,
    /// An object whose members are fields.
    Fields,
    /// An object whose members are like those of the entry, such as `log` of ECS and `record` of Loguru.
    Nested,
}

/// Keys with what they mean. Of two with one meaning the later one in this list is believed; the other is a field.
const KEYS: [(&str, Role); 74] = [
    ("date", Role::Time),
    ("datetime", Role::Time),
    ("asctime", Role::Time),
    ("eventTime", Role::Time),
    ("timeUnixNano", Role::Time),
    ("@t", Role::Time),
    ("t", Role::Time),
    ("ts", Role::Time),
    ("time", Role::Time),
    ("@timestamp", Role::Time),
    ("timestamp", Role::Time),
    ("status", Role::NameOfLevel),
    ("@l", Role::Level),
    ("lvl", Role::Level),
    ("loglevel", Role::Level),
    ("log_level", Role::Level),
    ("level_name", Role::Level),
    ("levelname", Role::Level),
    ("severity_text", Role::Level),
    ("severityText", Role::Level),
    ("severity", Role::Level),
    ("log.level", Role::Level),
    ("level", Role::Level),
    ("log", Role::Message),
    ("text", Role::Message),
    ("body", Role::Message),
    ("@mt", Role::Message),
    ("@m", Role::Message),
    ("event", Role::Message),
    ("short_message", Role::Message),
    ("msg", Role::Message),
    ("message", Role::Message),
    ("name", Role::Name),
    ("module", Role::Name),
    ("channel", Role::Name),
    ("target", Role::Name),
    ("logger_name", Role::Name),
    ("logger.name", Role::Name),
    ("log.logger", Role::Name),
    ("logger", Role::Name),
    ("caller", Role::Function),
    ("func", Role::Function),
    ("funcName", Role::Function),
    ("log.origin.function", Role::Function),
    ("function", Role::Function),
    ("pathname", Role::File),
    ("file", Role::File),
    ("log.origin.file.name", Role::File),
    ("filename", Role::File),
    ("line", Role::Line),
    ("line_number", Role::Line),
    ("log.origin.file.line", Role::Line),
    ("lineno", Role::Line),
    ("pid", Role::Process),
    ("process.pid", Role::Process),
    ("process", Role::Process),
    ("thread_name", Role::Thread),
    ("threadName", Role::Thread),
    ("process.thread.name", Role::Thread),
    ("thread", Role::Thread),
    ("exc_info", Role::Exception),
    ("stack", Role::Exception),
    ("stacktrace", Role::Exception),
    ("traceback", Role::Exception),
    ("stack_trace", Role::Exception),
    ("error.stack_trace", Role::Exception),
    ("@x", Role::Exception),
    ("err", Role::Exception),
    ("exception", Role::Exception),
    ("context", Role::Fields),
    ("labels", Role::Fields),
    ("extra", Role::Fields),
    ("fields", Role::Fields),
    ("record", Role::Nested),
];

/// The keys with their roles and ranks.
static ROLES: LazyLock<HashMap<&[u8], (Role, u8), RandomState>> = LazyLock::new(|| {
    let ranked = KEYS.iter().zip(1..).map(|((key, role), rank)| (key.as_bytes(), (*role, rank)));
    ranked.collect()
});

/// The meaning of a key, and how much it is believed.
pub fn role_of(key: &[u8]) -> (Role, u8) {
    ROLES.get(key).copied().unwrap_or((Role::Field, 0))
}

impl Role {
    /// Whether an entry has one such part at most.
    pub fn is_single(self) -> bool {
        !matches!(self, Self::Field | Self::Fields | Self::Nested)
    }
}
