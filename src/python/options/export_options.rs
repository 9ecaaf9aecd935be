//! The parameters of sinks that send records to another program, and the options that such sinks do not have.
//!
//! `python/logly/_export` checks the values of most of them: `options.py` together with the environment, and
//! `syslog_options.py`.

use pyo3::prelude::*;

use crate::config::queue::Overflow;
use crate::error::Error;
use crate::format::escape::Multiline;
use crate::python::options::file_options;
use crate::python::options::file_options::limit;
use crate::python::options::parameter::Given;
use crate::python::options::sink_options::SinkParts;

/// The default `buffer_size`, in bytes.
const QUEUE_BYTES: usize = 32 * 1024 * 1024;

/// The `compression` of requests without any.
pub(super) const UNCOMPRESSED: &str = "none";

/// A protocol by which sinks send records to another program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remote {
    Otlp,
    Syslog,
    Journal,
}

/// The schemes in the names of sinks.
pub(super) const SCHEMES: [(&str, Remote); 8] = [
    ("otlp+http", Remote::Otlp),
    ("otlp+https", Remote::Otlp),
    ("syslog", Remote::Syslog),
    ("syslog+udp", Remote::Syslog),
    ("syslog+tcp", Remote::Syslog),
    ("syslog+tls", Remote::Syslog),
    ("syslog+unix", Remote::Syslog),
    ("journald", Remote::Journal),
];

impl Remote {
    pub(super) const NAMES: [&str; 3] = ["otlp", "syslog", "journald"];

    /// The kind of sink, as `sink_info` shows it, which is also its shortest name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Otlp => "otlp",
            Self::Syslog => "syslog",
            Self::Journal => "journald",
        }
    }

    pub(super) fn of_name(name: &str) -> Option<Self> {
        [Self::Otlp, Self::Syslog, Self::Journal].into_iter().find(|remote| remote.name() == name)
    }
}

/// The sinks that take a parameter.
fn takers(parameter: &str) -> &'static [Remote] {
    match parameter {
        "timeout" | "connect" => &[Remote::Otlp, Remote::Syslog, Remote::Journal],
        "certificate" | "client_certificate" | "client_key" => &[Remote::Otlp, Remote::Syslog],
        "facility" | "app_name" => &[Remote::Syslog, Remote::Journal],
        "syslog_format" | "message_limit" => &[Remote::Syslog],
        _ => &[Remote::Otlp],
    }
}

/// The sinks that take a parameter, for an error.
pub(super) fn shown_takers(parameter: &str) -> String {
    let names: Vec<String> = takers(parameter).iter().map(|remote| format!("\"{}\"", remote.name())).collect();
    format!("a sink that is {}", names.join(" or "))
}

#[expect(clippy::unnecessary_wraps, reason = "the function of a row of the table")]
pub(super) fn keep(name: &'static str, parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.keep(name, given.object());
    Ok(())
}

/// Keeps a size, as a number of bytes.
pub(super) fn keep_size(name: &'static str, parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    let limit = limit(given.name, given.value)?.into_pyobject(given.value.py())?.into_any().unbind();
    parts.keep(name, limit);
    Ok(())
}

/// Takes the compression of archives, or that of requests.
pub(super) fn set_compression(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.keep("compression", given.object());
    if given.is_text() && given.text()? == UNCOMPRESSED {
        return Ok(());
    }
    // The sink decides whether this is a mistake, and it is not known yet.
    parts.wrong_compression = file_options::set_compression(parts, given).err();
    Ok(())
}

impl SinkParts {
    /// Whether `compression` is that of requests without any, which files do not know.
    pub(super) fn is_uncompressed(&self) -> bool {
        self.file_only.contains(&"compression")
            && self.file.archives.compression.is_none()
            && self.compression_function.is_none()
    }

    /// Refuses options that such a sink does not have, and fills in the defaults.
    pub(super) fn check_export(&mut self, remote: Remote) -> PyResult<()> {
        if let Some(name) = self.export_only.iter().find(|name| !takers(name).contains(&remote)) {
            return Err(Error::value(name, shown_takers(name), format!("\"{}\"", remote.name())).into());
        }
        let is_otlp = remote == Remote::Otlp;
        let lines = is_otlp.then(|| self.given_form()).flatten();
        let file_only = self.file_only.iter().find(|name| !is_otlp || **name != "compression").copied();
        if let Some(name) = lines.or_else(|| self.given_of_lines()).or(file_only) {
            let name_of_sink = format!("\"{}\"", remote.name());
            let expected = format!("a sink other than {name_of_sink}, which sends records");
            return Err(Error::value(name, expected, name_of_sink).into());
        }
        if let (Some(_), false) = (&self.format, is_otlp) {
            let expected = format!("a pattern (str) for \"{}\", which makes messages without Python", remote.name());
            return Err(Error::value("format", expected, "a function").into());
        }
        if remote == Remote::Journal && self.options.multiline.is_none() {
            // Entries have lengths, so a line break cannot pass for the end of one.
            self.options.multiline = Some(Multiline::Raw);
        }
        if !self.has_overflow {
            self.options.queue.overflow = Overflow::DropNew;
        }
        self.options.queue.bytes = self.queue_bytes.unwrap_or(QUEUE_BYTES);
        Ok(())
    }

    /// The first given option that says how the text of a record looks.
    fn given_form(&self) -> Option<&'static str> {
        let options = &self.options;
        let given = [
            ("format", options.format.is_some() || self.format.is_some()),
            ("json", options.json.is_some()),
            ("date_style", options.date_style.is_some()),
            ("multiline", options.multiline.is_some()),
        ];
        given.iter().find(|(_, is_given)| *is_given).map(|(name, _)| *name).or_else(|| options.shape.given())
    }

    /// The first given option of lines on a stream, or of sinks that callers write.
    fn given_of_lines(&self) -> Option<&'static str> {
        let options = &self.options;
        let given = [
            ("color", options.color.is_some()),
            ("date_enabled", options.date_enabled.is_some()),
            ("sync_level", options.sync_level.is_some()),
            ("async_write", self.async_write == Some(false)),
            ("catch", options.lets_errors_out),
        ];
        given.iter().find(|(_, is_given)| *is_given).map(|(name, _)| *name)
    }
}
