//! The parameters of sinks that send records to a collector, and the options that such sinks do not have.
//!
//! `python/logly/_export/options.py` checks the values of most of them, together with the environment.

use pyo3::prelude::*;

use crate::config::queue::Overflow;
use crate::error::Error;
use crate::python::options::file_options;
use crate::python::options::file_options::limit;
use crate::python::options::parameter::Given;
use crate::python::options::sink_options::SinkParts;

/// The default `buffer_size`, in bytes.
const QUEUE_BYTES: usize = 32 * 1024 * 1024;

/// The `compression` of requests without any.
pub(super) const UNCOMPRESSED: &str = "none";

#[expect(clippy::unnecessary_wraps, reason = "the function of a row of the table")]
pub(super) fn keep(name: &'static str, parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.keep(name, given.object());
    Ok(())
}

pub(super) fn set_spool_limit(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    let limit = limit(given.name, given.value)?.into_pyobject(given.value.py())?.into_any().unbind();
    parts.keep("spool_limit", limit);
    Ok(())
}

/// Takes the compression of archives, or that of requests.
pub(super) fn set_compression(parts: &mut SinkParts, given: &Given<'_, '_>) -> PyResult<()> {
    parts.keep("compression", given.object());
    if given.is_text() && given.text()? == UNCOMPRESSED {
        return Ok(());
    }
    file_options::set_compression(parts, given)
}

impl SinkParts {
    /// Whether `compression` is that of requests without any, which files do not know.
    pub(super) fn is_uncompressed(&self) -> bool {
        self.file_only.contains(&"compression")
            && self.file.archives.compression.is_none()
            && self.compression_function.is_none()
    }

    /// Refuses options that say how lines look or when they are written, and fills in the defaults.
    pub(super) fn check_export(&mut self) -> PyResult<()> {
        let options = &self.options;
        let given = [
            ("format", options.format.is_some() || self.format.is_some()),
            ("json", options.json.is_some()),
            ("color", options.color.is_some()),
            ("date_style", options.date_style.is_some()),
            ("date_enabled", options.date_enabled.is_some()),
            ("multiline", options.multiline.is_some()),
            ("sync_level", options.sync_level.is_some()),
            ("async_write", self.async_write == Some(false)),
            ("catch", options.lets_errors_out),
        ];
        let given = given.iter().find(|(_, is_given)| *is_given).map(|(name, _)| *name);
        let file_only = self.file_only.iter().find(|name| **name != "compression").copied();
        if let Some(name) = given.or_else(|| options.shape.given()).or(file_only) {
            return Err(Error::value(name, "a sink other than \"otlp\", which sends records", "\"otlp\"").into());
        }
        if !self.has_overflow {
            self.options.queue.overflow = Overflow::DropNew;
        }
        self.options.queue.bytes = self.queue_bytes.unwrap_or(QUEUE_BYTES);
        Ok(())
    }
}
