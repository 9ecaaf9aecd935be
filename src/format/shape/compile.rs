//! From the settings of a shape to its members.

use crate::error::{Error, Result, nearest, quoted};
use crate::format::escape::put_json_string;
use crate::format::json::Shown;
use crate::format::shape::builder::{Builder, Section};
use crate::format::shape::failure::Failure;
use crate::format::shape::kind::{ECS_OBJECTS, ExceptionForm, Include, Kind};
use crate::format::shape::program::{FieldForm, LevelForm, Select, Shape, What};
use crate::format::shape::special::Form;
use crate::format::time::pattern::TimePattern;

/// A new name for a key; None leaves the member out.
pub type Renaming = (String, Option<String>);
/// A fixed member: its key, and its value as JSON.
pub type Fixed = (String, Box<[u8]>);

/// The settings of a shape.
#[derive(Clone, Debug)]
pub struct Spec<'s> {
    pub kind: Kind,
    pub is_pretty: bool,
    /// None is the shape's own form.
    pub timestamp: Option<TimePattern>,
    pub shown: Shown,
    pub include: Option<&'s [Include]>,
    pub exception: Option<ExceptionForm>,
    pub keys: &'s [Renaming],
    pub fixed: &'s [Fixed],
    pub host: &'s str,
    /// The project that traces of Google Cloud belong to.
    pub project: Option<&'s str>,
}

impl Spec<'_> {
    /// A shape as it is without settings.
    pub fn plain(kind: Kind) -> Self {
        Self {
            kind,
            is_pretty: false,
            timestamp: None,
            shown: Shown::default(),
            include: None,
            exception: None,
            keys: &[],
            fixed: &[],
            host: "",
            project: None,
        }
    }

    fn shows(&self, include: Include) -> bool {
        let shown = match include {
            Include::Module => self.shown.module,
            Include::Function => self.shown.function,
            Include::File => self.shown.filename,
            Include::Line => self.shown.line,
            Include::Process => self.shown.process,
            Include::Thread => self.shown.thread,
            _ => false,
        };
        shown || self.include.unwrap_or_else(|| self.kind.includes()).contains(&include)
    }

    fn exception(&self) -> ExceptionForm {
        self.exception.unwrap_or_else(|| self.kind.exception())
    }

    /// The time in the shape's own form, which is JSON without escapes, or in the one that was asked for.
    fn time_value(&self) -> What {
        if self.timestamp.is_some() || self.kind == Kind::Logfmt {
            What::Time(self.time())
        } else {
            What::PlainTime(self.time())
        }
    }

    fn time(&self) -> TimePattern {
        let own = || if self.kind == Kind::Gcp { TimePattern::micros_utc() } else { TimePattern::json_utc() };
        self.timestamp.clone().unwrap_or_else(own)
    }
}

/// The keys that `keys` can rename in a shape.
fn known_keys(kind: Kind) -> Vec<&'static str> {
    build(&Spec::plain(kind)).map(|builder| builder.known).unwrap_or_default()
}

/// Compiles a shape. Keys that it does not have are refused if `is_strict`, otherwise they are without effect.
pub fn compile(spec: &Spec<'_>, is_strict: bool) -> Result<Shape> {
    let builder = build(spec)?;
    let unknown = spec.keys.iter().find(|(key, _)| !builder.known.contains(&key.as_str()));
    if let Some((key, _)) = unknown.filter(|_| is_strict) {
        return Err(unknown_key(key, &builder.known));
    }
    Ok(Shape { is_pretty: spec.is_pretty, ..builder.finish() })
}

/// The error for a key that no member has.
fn unknown_key(key: &str, known: &[&str]) -> Error {
    let listed: Vec<String> = known.iter().map(|name| format!("\"{name}\"")).collect();
    unknown(key, format!("keys of the shape ({})", listed.join(", ")), known)
}

/// Refuses keys that no shape has.
pub fn check_keys(keys: &[Renaming]) -> Result<()> {
    let known: Vec<&str> = Kind::ALL.iter().flat_map(|kind| known_keys(*kind)).collect();
    match keys.iter().find(|(key, _)| !known.contains(&key.as_str())) {
        Some((key, _)) => Err(unknown(key, "keys that some shape has".to_owned(), &known)),
        None => Ok(()),
    }
}

fn unknown(key: &str, expected: String, known: &[&str]) -> Error {
    Error::value("keys", expected, quoted(key) + &nearest(key, known.iter().copied()))
}

fn build<'s>(spec: &'s Spec<'s>) -> Result<Builder<'s>> {
    let mut builder = Builder::new(spec.kind, spec.keys, spec.fixed);
    match spec.kind {
        Kind::Line | Kind::Flat => own(&mut builder, spec)?,
        Kind::Ecs => ecs(&mut builder, spec)?,
        Kind::Gcp => gcp(&mut builder, spec)?,
        Kind::Datadog => datadog(&mut builder, spec)?,
        Kind::Gelf => gelf(&mut builder, spec)?,
        Kind::Otel => otel(&mut builder, spec)?,
        Kind::Logfmt => logfmt(&mut builder, spec)?,
    }
    builder.check()?;
    Ok(builder)
}

fn own(builder: &mut Builder<'_>, spec: &Spec<'_>) -> Result<()> {
    builder.add("timestamp", spec.time_value())?;
    builder.add("level", What::Level(LevelForm::Name))?;
    builder.add("message", What::Message)?;
    builder.fixed()?;
    if spec.kind == Kind::Line {
        builder.group("fields", Section::Object, true, |builder| {
            builder.push(What::Fields(FieldForm::Json, Select::All));
            Ok(())
        })?;
    } else {
        free_fields(builder)?;
        // A field with one of these names would be taken for the record's own by readers of other lines.
        builder.reserve(&["module", "function", "filename", "lineno", "process", "thread", "exception"]);
    }
    includes(builder, spec, &[])?;
    builder.known(&["name"]);
    builder.failures(|builder| {
        exception(builder, spec, &[])?;
        builder.stack("stack", What::Stack)
    })
}

fn ecs(builder: &mut Builder<'_>, spec: &Spec<'_>) -> Result<()> {
    builder.add("@timestamp", spec.time_value())?;
    builder.add("log.level", What::Level(LevelForm::Lowercase))?;
    builder.add("message", What::Message)?;
    builder.constant("ecs.version", b"\"1.6.0\"")?;
    builder.fixed()?;
    includes(builder, spec, &[])?;
    builder.special("trace.id", &["trace_id", "trace.id"], Form::Id)?;
    builder.special("span.id", &["span_id", "span.id"], Form::Id)?;
    builder.objects = ECS_OBJECTS.into_iter().collect();
    free_fields(builder)?;
    let parts =
        [("error.type", Failure::Type), ("error.message", Failure::Message), ("error.stack_trace", Failure::Text)];
    builder.failures(|builder| {
        exception(builder, spec, &parts)?;
        builder.stack("stack", What::StackText)
    })
}

fn gcp(builder: &mut Builder<'_>, spec: &Spec<'_>) -> Result<()> {
    builder.add("severity", What::Level(LevelForm::Gcp))?;
    builder.add("message", What::Message)?;
    builder.add("time", spec.time_value())?;
    builder.fixed()?;
    let project = spec.project.map_or_else(String::new, |project| format!("projects/{project}/traces/"));
    builder.special(
        "logging.googleapis.com/trace",
        &["trace_id", "logging.googleapis.com/trace"],
        Form::Trace(project.into_bytes().into()),
    )?;
    builder.special("logging.googleapis.com/spanId", &["span_id", "logging.googleapis.com/spanId"], Form::Id)?;
    builder.special(
        "logging.googleapis.com/trace_sampled",
        &["trace_flags", "logging.googleapis.com/trace_sampled"],
        Form::Sampled,
    )?;
    let place = [Include::Function, Include::Path, Include::File, Include::Line];
    builder.group("logging.googleapis.com/sourceLocation", Section::Inner, false, |builder| {
        match (spec.shows(Include::Path), spec.shows(Include::File)) {
            (true, _) => builder.add("file", What::Include(Include::Path))?,
            (false, true) => builder.add("file", What::Include(Include::File))?,
            (false, false) => {}
        }
        if spec.shows(Include::Line) {
            builder.add("line", What::LineText)?;
        }
        if spec.shows(Include::Function) {
            builder.add("function", What::Include(Include::Function))?;
        }
        Ok(())
    })?;
    builder.group("logging.googleapis.com/labels", Section::Inner, false, |builder| {
        if spec.shows(Include::Logger) {
            builder.add("python_logger", What::Include(Include::Logger))?;
        }
        let labels = builder.new_special(&["labels", "logging.googleapis.com/labels"], Form::Labels);
        builder.push(What::Labels(labels));
        Ok(())
    })?;
    builder.special("httpRequest", &["httpRequest", "http_request"], Form::Object)?;
    includes(builder, spec, &[&[Include::Logger], place.as_slice()].concat())?;
    // The agent would take the time from these.
    for key in ["timestamp", "timestampSeconds", "timestampNanos"] {
        builder.reserve_key(key);
    }
    free_fields(builder)?;
    builder.failures(|builder| {
        exception(builder, spec, &[("stack_trace", Failure::Text)])?;
        builder.stack("stack", What::StackText)
    })
}

fn datadog(builder: &mut Builder<'_>, spec: &Spec<'_>) -> Result<()> {
    builder.add("timestamp", spec.time_value())?;
    builder.add("status", What::Level(LevelForm::Datadog))?;
    builder.add("message", What::Message)?;
    builder.fixed()?;
    includes(builder, spec, &[])?;
    builder.special("dd.trace_id", &["trace_id", "dd.trace_id"], Form::Decimal)?;
    builder.special("dd.span_id", &["span_id", "dd.span_id"], Form::Decimal)?;
    builder.objects = [b"error".as_slice(), b"logger", b"dd"].into_iter().collect();
    free_fields(builder)?;
    let parts = [("error.kind", Failure::Type), ("error.message", Failure::Message), ("error.stack", Failure::Text)];
    builder.failures(|builder| {
        exception(builder, spec, &parts)?;
        builder.stack("stack", What::StackText)
    })
}

fn gelf(builder: &mut Builder<'_>, spec: &Spec<'_>) -> Result<()> {
    builder.constant("version", b"\"1.1\"")?;
    // A reader refuses a line without a host.
    let mut host = Vec::new();
    put_json_string(&mut host, if spec.host.is_empty() { "-" } else { spec.host }.as_bytes());
    builder.constant("host", &host)?;
    builder.add("short_message", What::FilledMessage)?;
    builder.add("timestamp", What::Seconds)?;
    builder.add("level", What::Level(LevelForm::Syslog))?;
    builder.fixed()?;
    includes(builder, spec, &[Include::Host])?;
    builder.reserve_key("_id");
    builder.push(What::Fields(FieldForm::Gelf, Select::Prefixed));
    builder.failures(|builder| {
        if spec.exception() != ExceptionForm::Frames {
            builder.add("full_message", What::Failure(Failure::Text))?;
        }
        if spec.exception() != ExceptionForm::Text {
            builder.add("_exception", What::FailureText)?;
        }
        builder.known(&["full_message", "_exception"]);
        builder.stack("_stack", What::StackText)
    })
}

fn otel(builder: &mut Builder<'_>, spec: &Spec<'_>) -> Result<()> {
    builder.add("timeUnixNano", What::Nanos)?;
    builder.add("severityNumber", What::Level(LevelForm::Otel))?;
    builder.add("severityText", What::Level(LevelForm::Name))?;
    builder.group("body", Section::Body, true, |builder| {
        builder.push(What::Message);
        Ok(())
    })?;
    builder.special("traceId", &["trace_id"], Form::Hex(32))?;
    builder.special("spanId", &["span_id"], Form::Hex(16))?;
    builder.special("flags", &["trace_flags"], Form::Flags)?;
    builder.group("attributes", Section::Attributes, false, |builder| {
        builder.fixed()?;
        includes(builder, spec, &[])?;
        builder.push(What::Fields(FieldForm::Otel, Select::Prefixed));
        builder.failures(|builder| {
            if spec.exception() != ExceptionForm::Frames {
                builder.add("exception.type", What::Failure(Failure::FullType))?;
                builder.add("exception.message", What::Failure(Failure::Message))?;
                builder.add("exception.stacktrace", What::Failure(Failure::Text))?;
            }
            if spec.exception() != ExceptionForm::Text {
                builder.add("exception", What::FailureAny)?;
            }
            builder.known(&["exception.type", "exception.message", "exception.stacktrace", "exception"]);
            builder.stack("stack", What::StackText)
        })
    })
}

fn logfmt(builder: &mut Builder<'_>, spec: &Spec<'_>) -> Result<()> {
    builder.add("time", spec.time_value())?;
    builder.add("level", What::Level(LevelForm::Lowercase))?;
    builder.add("msg", What::Message)?;
    builder.fixed()?;
    includes(builder, spec, &[])?;
    builder.push(What::Fields(FieldForm::Logfmt, Select::Prefixed));
    builder.failures(|builder| {
        if spec.exception() != ExceptionForm::Frames {
            builder.add("exception", What::Failure(Failure::Text))?;
        }
        if spec.exception() != ExceptionForm::Text {
            builder.add("exception_frames", What::FailureText)?;
        }
        builder.known(&["exception", "exception_frames"]);
        builder.stack("stack", What::StackText)
    })
}

/// The fields at the top level; those named like keys of the shape are in an object of their own.
fn free_fields(builder: &mut Builder<'_>) -> Result<()> {
    builder.push(What::Fields(FieldForm::Json, Select::Free));
    builder.group("fields", Section::Object, false, |builder| {
        builder.push(What::Fields(FieldForm::Json, Select::Moved));
        Ok(())
    })
}

/// The included parts of the record, without those that stand elsewhere.
fn includes(builder: &mut Builder<'_>, spec: &Spec<'_>, elsewhere: &[Include]) -> Result<()> {
    for (_, include) in crate::format::shape::kind::INCLUDES {
        if elsewhere.contains(&include) {
            continue;
        }
        let key = spec.kind.key(include);
        builder.known(&[key]);
        if !spec.shows(include) {
            continue;
        }
        if include == Include::Host {
            let mut host = Vec::new();
            put_json_string(&mut host, spec.host.as_bytes());
            builder.constant(key, &host)?;
        } else {
            builder.add(key, What::Include(include))?;
        }
        if include == Include::Module && matches!(spec.kind, Kind::Line | Kind::Flat) {
            builder.set_name()?;
        }
    }
    Ok(())
}

/// The exception: its text in the parts of the shape, and its frames under `exception`. A shape without parts of its
/// own has both there.
fn exception(builder: &mut Builder<'_>, spec: &Spec<'_>, parts: &[(&'static str, Failure)]) -> Result<()> {
    let form = spec.exception();
    for (key, part) in parts {
        builder.known(&[key]);
        // The frames are in the object.
        if form != ExceptionForm::Frames || *part != Failure::Text {
            builder.add(key, What::Failure(*part))?;
        }
    }
    builder.known(&["exception"]);
    let object = match form {
        ExceptionForm::Frames if parts.is_empty() => Failure::FramesOrText,
        ExceptionForm::Both if parts.is_empty() => Failure::Both,
        ExceptionForm::Frames | ExceptionForm::Both => Failure::Frames,
        ExceptionForm::Text if parts.is_empty() => Failure::TextObject,
        ExceptionForm::Text => return Ok(()),
    };
    builder.add("exception", What::Failure(object))
}
