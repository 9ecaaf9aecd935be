//! The kinds of sink that `add` takes: consoles, paths, streams, `logging` handlers, functions and coroutine functions.
//!
//! This imports neither `logging` nor `asyncio`: objects of their classes exist only once they are imported.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::config::archive::Compression;
use crate::config::file_name::FileName;
use crate::config::standard::Standard;
use crate::error::{Error, nearest, quoted};
use crate::python::options::export_options::{Remote, SCHEMES, UNCOMPRESSED, shown_takers};
use crate::python::options::sink_options;
use crate::python::options::sink_options::SinkParts;
use crate::python::py::callable::{COROUTINE, GENERATORS, code_flags};
use crate::python::py::imports::load;
use crate::python::sink::stream::Stream;
use crate::python::value::arguments::shown;
use crate::sys::support::{HAS_DIRECT_STREAMS, HAS_EXPORTS};

const SINKS: &str = "\"console\", \"stdout\", \"stderr\", \"logging\", \"otlp\", \"syslog\", \"journald\", a path, an object with write(), a logging.Handler or a function";

const DIRECT: &str = "a sink that is \"stdout\", \"stderr\" or \"console\"";

const LOOP: &str = "a sink that is a coroutine function";

const CONSOLES: [&str; 3] = ["console", "stdout", "stderr"];

/// The kind of sink that `add` was given.
pub enum Destination {
    Console(&'static str),
    File(FileName),
    /// A standard stream that is written without Python.
    Direct(Standard),
    /// A Python object, and whether it is one of the process's own output streams.
    Stream(Stream, bool),
    /// Another program, and its address if the name has one.
    Export(Remote, Option<String>),
}

impl Destination {
    /// Finds the kind of `sink`, and refuses options that do not go together with it.
    pub fn of(sink: &Bound<'_, PyAny>, parts: &mut SinkParts) -> PyResult<Self> {
        let destination = Self::find(sink, parts)?;
        destination.refuse_missing()?;
        if let Self::Export(remote, _) = destination {
            refuse_others(parts, sink)?;
            parts.check_export(remote)?;
            return Ok(destination);
        }
        if let Some(error) = parts.wrong_compression.take() {
            return Err(error);
        }
        if let Some(name) = parts.export_only.first() {
            return Err(Error::value(name, shown_takers(name), shown(sink)).into());
        }
        let is_file = matches!(destination, Self::File(_));
        if let (Some(name), false) = (parts.file_only.first(), is_file) {
            return Err(Error::value(name, "a sink that is a file", shown(sink)).into());
        }
        let is_direct = matches!(destination, Self::Direct(_));
        let is_coroutine = matches!(destination, Self::Stream(Stream::Coroutine { .. }, _));
        if parts.is_direct && !is_direct {
            return Err(Error::value("direct", DIRECT, shown(sink)).into());
        }
        if parts.event_loop.is_some() && !is_coroutine {
            return Err(Error::value("loop", LOOP, shown(sink)).into());
        }
        if parts.async_write == Some(false) && is_coroutine {
            let expected = "True for a coroutine function, which runs on an event loop";
            return Err(Error::value("async_write", expected, "False").into());
        }
        if is_file && parts.is_uncompressed() {
            Compression::parse("compression", UNCOMPRESSED)?;
        }
        let is_native = is_file || is_direct;
        let is_on_lane = !is_native && (is_coroutine || parts.async_write == Some(true));
        if parts.options.sync_level.is_some() && is_on_lane {
            let expected = "a file, or a sink that is written by the thread that logs";
            return Err(Error::value("sync_level", expected, shown(sink)).into());
        }
        if parts.options.lets_errors_out && (is_native || is_on_lane) {
            let expected = "True for what is written in the background: files, and sinks with async_write";
            return Err(Error::value("catch", expected, "False").into());
        }
        Ok(destination)
    }

    /// Refuses a kind that this system does not have.
    fn refuse_missing(&self) -> PyResult<()> {
        match self {
            Self::Direct(_) if !HAS_DIRECT_STREAMS => {
                let expected = "False on this system, where lines reach consoles through Python";
                Err(Error::value("direct", expected, "True").into())
            }
            Self::Export(remote, _) if !HAS_EXPORTS => {
                let expected = "a console, a file, a stream or a function on this system";
                Err(Error::value("sink", expected, quoted(remote.name())).into())
            }
            _ => Ok(()),
        }
    }

    fn find(sink: &Bound<'_, PyAny>, parts: &SinkParts) -> PyResult<Self> {
        let py = sink.py();
        if let Ok(name) = sink.cast::<PyString>() {
            return match name.to_string_lossy().as_ref() {
                "console" | "stdout" if parts.is_direct => Ok(Self::Direct(Standard::Output)),
                "stderr" if parts.is_direct => Ok(Self::Direct(Standard::Error)),
                "console" | "stdout" => Ok(Self::Console("stdout")),
                "stderr" => Ok(Self::Console("stderr")),
                "logging" => to_logging(py, None, parts),
                text => {
                    if let Some(remote) = Remote::of_name(text) {
                        return Ok(Self::Export(remote, None));
                    }
                    if let Some(logger) = text.strip_prefix("logging:") {
                        return to_logging(py, Some(logger), parts);
                    }
                    refuse_lookalike(text)?;
                    if let Some((scheme, rest)) = scheme_of(text) {
                        return of_scheme(text, scheme, rest);
                    }
                    sink_options::file_name(name).map(Self::File)
                }
            };
        }
        if sink.hasattr("__fspath__")? {
            let path = py.import("os")?.call_method1("fspath", (sink,))?;
            let path = path
                .cast_into::<PyString>()
                .map_err(|_| PyTypeError::new_err("sink: expected a path of text, not bytes"))?;
            return sink_options::file_name(&path).map(Self::File);
        }
        if is_handler(sink)? {
            let is_formatted = parts.has_own_form();
            return Ok(Self::Stream(
                Stream::Handler { handler: sink.clone().unbind(), is_formatted, logger: 0 },
                false,
            ));
        }
        if sink.hasattr("write")? {
            let sys = py.import("sys")?;
            let own = ["stdout", "stderr", "__stdout__", "__stderr__"];
            let is_console = own.iter().any(|name| sys.getattr(*name).is_ok_and(|stream| stream.is(sink)));
            return Ok(Self::Stream(Stream::Object(sink.clone().unbind()), is_console));
        }
        Self::of_function(sink, parts)
    }

    fn of_function(sink: &Bound<'_, PyAny>, parts: &SinkParts) -> PyResult<Self> {
        let flags = code_flags(sink);
        if sink.is_none() {
            let got = "None, as sys.stdout and sys.stderr are where a program has no console; \"stdout\" and \"stderr\" are looked up at each line";
            return Err(Error::type_("sink", SINKS, got).into());
        }
        if !sink.is_callable() || flags & GENERATORS != 0 {
            return Err(Error::type_("sink", SINKS, shown(sink)).into());
        }
        let function = sink.clone().unbind();
        let stream = if flags & COROUTINE == 0 {
            Stream::Function(function)
        } else {
            let event_loop = parts.event_loop.as_ref().map(|event_loop| event_loop.clone_ref(sink.py()));
            Stream::Coroutine { function, event_loop }
        };
        Ok(Self::Stream(stream, false))
    }
}

/// Names one letter from that of a sink, which files may have.
const NO_SLIPS: [&str; 3] = ["consoles", "syslogs", "otp"];

/// Refuses a name that is meant for a console, for `logging` or for another machine. As a path, it would make a file.
fn refuse_lookalike(name: &str) -> PyResult<()> {
    let lowered = name.trim().to_lowercase();
    let bare = lowered.trim_matches(['<', '>']);
    let bare = bare.strip_prefix("ext://").unwrap_or(bare);
    let bare = bare.strip_prefix("sys.").unwrap_or(bare).trim_matches('_');
    let bare = bare.strip_suffix(".buffer").unwrap_or(bare);
    let meant = match bare {
        "-" => Some("stdout"),
        _ if bare == "logging" || bare.starts_with("logging:") => Some("logging"),
        _ if NO_SLIPS.contains(&bare) => None,
        _ => CONSOLES.into_iter().chain(Remote::NAMES).find(|known| strsim::osa_distance(bare, known) <= 1),
    };
    if let Some(meant) = meant {
        let expected = format!("\"{meant}\", or \"./{name}\" for a file of that name");
        return Err(Error::value("sink", expected, quoted(name)).into());
    }
    Ok(())
}

/// The scheme of a name and the rest of it, if the name has one.
fn scheme_of(name: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = name.split_once("://")?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme.then_some((scheme, rest))
}

/// The sink of a scheme. An unknown one is refused, since it would become the name of a folder.
fn of_scheme(name: &str, scheme: &str, rest: &str) -> PyResult<Destination> {
    let known = SCHEMES.iter().find(|(known, _)| scheme.eq_ignore_ascii_case(known));
    if let Some((known, remote)) = known {
        let scheme = if *remote == Remote::Otlp { known.trim_start_matches("otlp+") } else { known };
        return Ok(Destination::Export(*remote, Some(format!("{scheme}://{rest}"))));
    }
    let listed: Vec<String> = SCHEMES.iter().map(|(known, _)| format!("\"{known}://\"")).collect();
    let of_http = format!("otlp+{}", scheme.to_lowercase());
    let near = match SCHEMES.iter().find(|(known, _)| *known == of_http) {
        Some((known, _)) => format!(" (did you mean \"{known}\"?)"),
        None => nearest(scheme, SCHEMES.iter().map(|(known, _)| *known)),
    };
    let (last, others) = listed.split_last().map_or(("", &[][..]), |(last, others)| (last.as_str(), others));
    let known = others.join(", ");
    let expected = format!("a path; a name before :// is a scheme, and the known ones are {known} and {last}");
    Err(Error::value("sink", expected, quoted(&without_secrets(name, scheme, rest)) + &near).into())
}

/// A name for an error, without its query and without a user and password.
fn without_secrets(name: &str, scheme: &str, rest: &str) -> String {
    match name.split_once('?') {
        _ if rest.contains('@') => format!("{scheme}://..."),
        Some((start, _)) => format!("{start}?..."),
        None => name.to_owned(),
    }
}

/// Refuses options of other kinds of sink.
fn refuse_others(parts: &SinkParts, sink: &Bound<'_, PyAny>) -> PyResult<()> {
    if parts.is_direct {
        return Err(Error::value("direct", DIRECT, shown(sink)).into());
    }
    if parts.event_loop.is_some() {
        return Err(Error::value("loop", LOOP, shown(sink)).into());
    }
    Ok(())
}

/// A handler that gives records to the logger of that name in `logging`. Without a name, each record goes to the logger
/// of its module.
fn to_logging(py: Python<'_>, logger: Option<&str>, parts: &SinkParts) -> PyResult<Destination> {
    if logger == Some("") {
        return Err(Error::value("sink", "a logger's name behind \"logging:\"", "\"logging:\"").into());
    }
    let handler = load(py, "logly._sinks.handlers", "ToLogging")?.call1((logger,))?.unbind();
    Ok(Destination::Stream(Stream::Handler { handler, is_formatted: parts.has_own_form(), logger: 0 }, false))
}

fn is_handler(sink: &Bound<'_, PyAny>) -> PyResult<bool> {
    let modules = sink.py().import("sys")?.getattr("modules")?.cast_into::<PyDict>()?;
    match modules.get_item("logging")? {
        // A module of the program's own named `logging` may have no `Handler`.
        Some(logging) => logging.getattr_opt("Handler")?.map_or(Ok(false), |class| sink.is_instance(&class)),
        None => Ok(false),
    }
}
