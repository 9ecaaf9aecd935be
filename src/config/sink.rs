//! The parameters of one sink, as `logger.add` takes them.

use std::path::PathBuf;
use std::sync::Arc;

use crate::config::archive::{Adopted, ArchiveOptions};
use crate::config::archive_name::ArchiveNames;
use crate::config::archive_pattern::ArchivePattern;
use crate::config::file_name::FileName;
use crate::config::queue::QueueOptions;
use crate::config::rate::RateLimit;
use crate::config::rotation::Rotation;
use crate::config::sampling::SampleRate;
use crate::config::shape::ShapeOptions;
use crate::config::standard::StandardStream;
use crate::error::{Error, Result, nearest};
use crate::filter::Filter;
use crate::format::escape::Multiline;
use crate::format::json::JsonStyle;
use crate::format::shape::kind::Kind;
use crate::format::time::pattern::TimePattern;
use crate::redaction::redactor::Redactor;

/// The format that gives the default text on a terminal, and JSON elsewhere.
pub const AUTO_FORMAT: &str = "auto";

/// The format that gives logfmt.
pub const LOGFMT_FORMAT: &str = "logfmt";

/// Whether a format itself says whether lines are JSON, so that `json` cannot be given with it.
pub fn is_form(format: &str) -> bool {
    [AUTO_FORMAT, LOGFMT_FORMAT].contains(&format)
}

/// The options given for a sink. None follows `configure`.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct SinkOptions {
    pub level: Option<i32>,
    pub filter: Filter,
    /// The share of the records that it takes.
    pub sample: Option<SampleRate>,
    /// How many records of a call site it takes.
    pub limit: Option<RateLimit>,
    /// The pattern as given, or `AUTO_FORMAT`.
    pub format: Option<String>,
    /// `Some(None)` means `json=False`.
    #[expect(clippy::option_option, reason = "not given, given as False, or given with a style")]
    pub json: Option<Option<JsonStyle>>,
    pub shape: ShapeOptions,
    pub color: Option<bool>,
    pub date_style: Option<DateStyle>,
    pub date_enabled: Option<bool>,
    pub multiline: Option<Multiline>,
    pub is_async: bool,
    pub queue: QueueOptions,
    /// Calls at this level number or above return only after the operating system has the record.
    pub sync_level: Option<i32>,
    /// Whether tracebacks continue beyond the place where the exception was caught.
    pub backtrace: bool,
    /// Whether tracebacks show values.
    pub diagnose: bool,
    /// `Some(None)` means `redact=False`.
    #[expect(clippy::option_option, reason = "not given, given as False, given")]
    pub redactor: Option<Option<Arc<Redactor>>>,
    /// Whether an exception from a Python sink is raised by the logging call.
    pub lets_errors_out: bool,
    /// The values as given, by parameter name, for `sink_info`.
    pub given: Vec<(&'static str, String)>,
    /// Whether the format is a function that returns templates, which may show anything.
    pub has_templates: bool,
    /// Whether it is one of a list that takes over from other sinks. It gets no records before all of the list is there.
    pub is_waiting: bool,
}

/// The options of a file sink. By default they have no file.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct FileOptions {
    /// The path of the file. If the name has a time in it, this is the path when the sink was added.
    pub path: PathBuf,
    pub name: FileName,
    pub mode: FileMode,
    pub encoding: Encoding,
    /// Whether the file is opened only at the first record.
    pub is_delayed: bool,
    /// Permission bits for newly created files.
    pub permissions: Option<u32>,
    pub rotation: Rotation,
    /// The pattern of archive names; None is the standard one.
    pub archive: Option<ArchivePattern>,
    /// The library whose archives are treated as the file's own.
    pub adopted: Option<Adopted>,
    pub archives: ArchiveOptions,
    /// Whether the file is opened again after it was renamed or removed by others.
    pub is_watched: bool,
    /// Whether a link to the newest file is kept, for a name with a time in it.
    pub has_latest: bool,
    /// The standard stream that takes the place of a file.
    pub standard: Option<Arc<StandardStream>>,
    /// Whether the queue outlives the process. The file is then locked for each batch of lines.
    pub is_kept: bool,
}

impl Default for FileOptions {
    fn default() -> Self {
        Self {
            path: PathBuf::new(),
            name: FileName::default(),
            mode: FileMode::Append,
            encoding: Encoding::Utf8,
            is_delayed: false,
            permissions: None,
            rotation: Rotation::default(),
            archive: None,
            adopted: None,
            archives: ArchiveOptions::default(),
            is_watched: true,
            has_latest: false,
            standard: None,
            is_kept: false,
        }
    }
}

impl FileOptions {
    /// Refuses options that conflict with a time in the file's own name, or that need one.
    pub fn check(&self) -> Result<()> {
        let path = || format!("\"{}\"", self.path.display());
        if !self.name.has_time() {
            return if self.has_latest {
                Err(Error::value("latest", "a sink with {time} in its name", path()))
            } else {
                Ok(())
            };
        }
        if self.archive.is_some() {
            return Err(Error::value("archive", "a sink without {time} in its name, which old files keep", path()));
        }
        let asked = [
            ("compression", self.archives.compression.is_some()),
            ("retention", !self.archives.retention.is_empty()),
            ("adopt", self.adopted.is_some()),
        ];
        if let Some((what, _)) = asked.iter().find(|(_, is_asked)| *is_asked)
            && !ArchiveNames::timed(&self.name).is_readable()
        {
            let expected =
                "a sink whose name says its time in digits, such as {time:YYYY-MM-DD}, so that old files are known";
            return Err(Error::value(what, expected, path()));
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileMode {
    Append,
    /// The file is emptied when the sink is added.
    Write,
    /// The file must not exist.
    Exclusive,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    /// Characters outside the encoding are written as `\xe9`, `\u20ac` or `\U0001f600`.
    Ascii,
    Latin1,
}

/// The format of times that have no pattern of their own.
#[derive(Clone, Debug, PartialEq)]
pub enum DateStyle {
    Rfc3339,
    Local,
    Utc,
    Pattern(TimePattern),
}

impl DateStyle {
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "rfc3339" => Ok(Self::Rfc3339),
            "local" => Ok(Self::Local),
            "utc" => Ok(Self::Utc),
            _ if looks_like_time(text) => Ok(Self::Pattern(TimePattern::parse("date_style", text)?)),
            _ => Err(Error::value(
                "date_style",
                "\"rfc3339\", \"local\", \"utc\" or a time pattern such as \"HH:mm:ss\" or \"%H:%M\"",
                format!("\"{text}\"{}", nearest(text, ["rfc3339", "local", "utc"])),
            )),
        }
    }

    /// The time at the start of a text line.
    pub fn text(&self) -> Result<TimePattern> {
        match self {
            Self::Rfc3339 => Ok(TimePattern::rfc3339_local()),
            Self::Local => Ok(TimePattern::default_text()),
            Self::Utc => TimePattern::parse("date_style", "YYYY-MM-DD HH:mm:ss[Z]!UTC"),
            Self::Pattern(pattern) => Ok(pattern.clone()),
        }
    }

    /// The value of `timestamp` in JSON.
    pub fn json(&self) -> TimePattern {
        match self {
            Self::Rfc3339 | Self::Utc => TimePattern::json_utc(),
            Self::Local => TimePattern::rfc3339_local(),
            Self::Pattern(pattern) => pattern.clone(),
        }
    }
}

/// Whether the text has any time token. Without one it would be the same for every record: a misspelling.
fn looks_like_time(text: &str) -> bool {
    let tokens = ["YY", "MM", "DD", "HH", "hh", "mm", "ss"];
    text.contains('%') || matches!(text, "X" | "x") || tokens.iter().any(|token| text.contains(token))
}

impl FileMode {
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "a" | "at" => Ok(Self::Append),
            "w" | "wt" => Ok(Self::Write),
            "x" | "xt" => Ok(Self::Exclusive),
            _ => Err(Error::value(
                "mode",
                "\"a\" (append), \"w\" (empty first) or \"x\" (must not exist)",
                format!("\"{text}\""),
            )),
        }
    }
}

impl Encoding {
    pub fn parse(text: &str) -> Result<Self> {
        match text.to_lowercase().replace(['-', '_'], "").as_str() {
            "utf8" => Ok(Self::Utf8),
            "ascii" | "usascii" => Ok(Self::Ascii),
            "latin1" | "iso88591" => Ok(Self::Latin1),
            _ => Err(Error::value(
                "encoding",
                "\"utf-8\", \"ascii\" or \"latin-1\"",
                format!("\"{text}\"{}", nearest(text, ["utf-8", "ascii", "latin-1"])),
            )),
        }
    }
}

impl Multiline {
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "escape" => Ok(Self::OneLine),
            "indent" => Ok(Self::Indent),
            "raw" => Ok(Self::Raw),
            _ => Err(Error::value(
                "multiline",
                "\"escape\", \"indent\" or \"raw\"",
                format!("\"{text}\"{}", nearest(text, ["escape", "indent", "raw"])),
            )),
        }
    }
}

/// The styles that have a name. `True` means "line", which is not among those that errors list.
const STYLES: [(&str, JsonStyle); 8] = [
    ("pretty", JsonStyle::Pretty),
    ("flat", JsonStyle::Flat),
    ("ecs", JsonStyle::Of(Kind::Ecs)),
    ("gcp", JsonStyle::Of(Kind::Gcp)),
    ("datadog", JsonStyle::Of(Kind::Datadog)),
    ("gelf", JsonStyle::Of(Kind::Gelf)),
    ("otel", JsonStyle::Of(Kind::Otel)),
    ("line", JsonStyle::Line),
];

impl JsonStyle {
    /// The name by which `parse` finds it.
    pub fn name(self) -> &'static str {
        STYLES.iter().find(|(_, style)| *style == self).map_or("line", |(name, _)| name)
    }

    /// The allowed values, for errors.
    pub const EXPECTED: &str = "True, False, \"pretty\", \"flat\", \"ecs\", \"gcp\", \"datadog\", \"gelf\" or \"otel\"";

    /// Reads the named styles. The caller reads `True` and `False`.
    pub fn parse(argument: &str, text: &str) -> Result<Self> {
        STYLES.iter().find(|(name, _)| *name == text).map(|(_, style)| *style).ok_or_else(|| {
            let names = STYLES.iter().map(|(name, _)| *name).filter(|name| *name != "line");
            Error::value(argument, Self::EXPECTED, format!("\"{text}\"{}", nearest(text, names)))
        })
    }
}
