//! The shapes, and the key that each gives to a part of the record.

/// The shapes of structured lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// logly's own JSON, with fields in an object of their own.
    Line,
    /// logly's own JSON, with fields at the top level.
    Flat,
    /// Elastic Common Schema.
    Ecs,
    /// Google Cloud Logging.
    Gcp,
    Datadog,
    /// Graylog Extended Log Format 1.1.
    Gelf,
    /// A log record of OTLP/JSON.
    Otel,
    Logfmt,
}

/// A part of the record that a line shows only when asked to. The order is that of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Include {
    Logger,
    Module,
    Function,
    File,
    Path,
    Line,
    Process,
    ProcessName,
    Thread,
    ThreadName,
    Task,
    Host,
}

/// The form of exceptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExceptionForm {
    /// The object with frames.
    Frames,
    /// Python's text.
    Text,
    Both,
}

pub const INCLUDES: [(&str, Include); 12] = [
    ("logger", Include::Logger),
    ("module", Include::Module),
    ("function", Include::Function),
    ("file", Include::File),
    ("path", Include::Path),
    ("line", Include::Line),
    ("process", Include::Process),
    ("process_name", Include::ProcessName),
    ("thread", Include::Thread),
    ("thread_name", Include::ThreadName),
    ("task", Include::Task),
    ("host", Include::Host),
];

impl Include {
    pub fn name(self) -> &'static str {
        INCLUDES.iter().find(|(_, include)| *include == self).map_or("", |(name, _)| name)
    }

    pub fn is_number(self) -> bool {
        matches!(self, Self::Line | Self::Process | Self::Thread)
    }
}

impl Kind {
    pub const ALL: [Self; 8] =
        [Self::Line, Self::Flat, Self::Ecs, Self::Gcp, Self::Datadog, Self::Gelf, Self::Otel, Self::Logfmt];

    /// The parts that a shape shows unless `include` says otherwise. None costs the caller anything.
    pub fn includes(self) -> &'static [Include] {
        match self {
            Self::Line | Self::Flat | Self::Logfmt => &[],
            Self::Ecs | Self::Datadog | Self::Gelf | Self::Otel => &[Include::Logger],
            Self::Gcp => &[Include::Logger, Include::Function, Include::Path, Include::Line],
        }
    }

    /// The form of exceptions unless `exception` says otherwise.
    pub fn exception(self) -> ExceptionForm {
        if matches!(self, Self::Line | Self::Flat) { ExceptionForm::Frames } else { ExceptionForm::Text }
    }

    /// The key of an included part.
    pub fn key(self, include: Include) -> &'static str {
        let known: &[(Include, &'static str)] = match self {
            Self::Line | Self::Flat => &[(Include::File, "filename"), (Include::Line, "lineno")],
            Self::Ecs => &[
                (Include::Logger, "log.logger"),
                (Include::Function, "log.origin.function"),
                (Include::File, "log.origin.file.name"),
                (Include::Line, "log.origin.file.line"),
                (Include::Process, "process.pid"),
                (Include::ProcessName, "process.name"),
                (Include::Thread, "process.thread.id"),
                (Include::ThreadName, "process.thread.name"),
                (Include::Host, "host.hostname"),
            ],
            Self::Gcp => &[(Include::Logger, "python_logger"), (Include::Path, "file")],
            Self::Datadog => &[
                (Include::Logger, "logger.name"),
                (Include::Function, "logger.method_name"),
                (Include::ThreadName, "logger.thread_name"),
                (Include::File, "filename"),
                (Include::Line, "lineno"),
            ],
            Self::Gelf => &GELF_KEYS,
            Self::Otel => &[
                (Include::Logger, "logger.name"),
                (Include::Function, "code.function.name"),
                (Include::File, "file.name"),
                (Include::Path, "code.file.path"),
                (Include::Line, "code.line.number"),
                (Include::Process, "process.pid"),
                (Include::ProcessName, "process.name"),
                (Include::Thread, "thread.id"),
                (Include::ThreadName, "thread.name"),
                (Include::Host, "host.name"),
            ],
            Self::Logfmt => &[],
        };
        known.iter().find(|(part, _)| *part == include).map_or(include.name(), |(_, key)| key)
    }
}

/// Additional fields of GELF begin with an underscore. The host is always there.
const GELF_KEYS: [(Include, &str); 12] = [
    (Include::Logger, "_logger"),
    (Include::Module, "_module"),
    (Include::Function, "_function"),
    (Include::File, "_file"),
    (Include::Path, "_path"),
    (Include::Line, "_line"),
    (Include::Process, "_process"),
    (Include::ProcessName, "_process_name"),
    (Include::Thread, "_thread"),
    (Include::ThreadName, "_thread_name"),
    (Include::Task, "_task"),
    (Include::Host, "host"),
];

/// The objects of Elastic Common Schema 8. Elasticsearch refuses a document in which one of them is not an object.
pub(super) const ECS_OBJECTS: [&[u8]; 56] = [
    b"agent",
    b"as",
    b"client",
    b"cloud",
    b"code_signature",
    b"container",
    b"data_stream",
    b"destination",
    b"device",
    b"dll",
    b"dns",
    b"ecs",
    b"elf",
    b"email",
    b"error",
    b"event",
    b"faas",
    b"file",
    b"geo",
    b"group",
    b"hash",
    b"host",
    b"http",
    b"interface",
    b"labels",
    b"log",
    b"macho",
    b"network",
    b"observer",
    b"orchestrator",
    b"organization",
    b"os",
    b"package",
    b"pe",
    b"process",
    b"registry",
    b"related",
    b"risk",
    b"rule",
    b"server",
    b"service",
    b"source",
    b"span",
    b"threat",
    b"tls",
    b"trace",
    b"transaction",
    b"url",
    b"user",
    b"user_agent",
    b"vlan",
    b"volume",
    b"vulnerability",
    b"x509",
    b"entity",
    b"gen_ai",
];
