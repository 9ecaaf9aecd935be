//! Views of logs for Python: `_Viewer`, which `python -m logly view` steps through.

use std::collections::HashSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::clock::{local_zone, now_ns};
use crate::error::Error;
use crate::expression::compiled::Expression;
use crate::format::time::pattern::TimeZone;
use crate::level::Levels;
use crate::python::files::methods::{Stream, UNPACK};
use crate::python::py::imports::imported;
use crate::python::py::trampoline::watch_at_drop;
use crate::view::choice::Choice;
use crate::view::feed::{Feed, Files};
use crate::view::series::LogFiles;
use crate::view::show::Show;
use crate::view::show::options::{Options, Style};
use crate::view::times::Times;
use crate::view::viewer::{Progress, Viewer};
use crate::view::when;

/// Logs that are read, merged and shown a part at a time.
#[pyclass(name = "_Viewer", module = "logly._logly")]
pub struct PyViewer(Mutex<Box<Viewer>>);

watch_at_drop!(PyViewer);

/// The last lines of a file that are shown before what is added to it.
const FOLLOWED_LINES: usize = 10;

#[derive(FromPyObject)]
#[pyo3(from_item_all)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Given {
    level: Option<String>,
    since: Option<String>,
    until: Option<String>,
    #[pyo3(item("where"))]
    condition: Option<String>,
    style: String,
    is_colored: bool,
    is_terminal: bool,
    is_utc: bool,
    has_archives: bool,
    follow: bool,
    fields: Option<Vec<String>>,
    hide: Vec<String>,
    longest: usize,
    tail: Option<usize>,
    context: usize,
}

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl PyViewer {
    /// `paths` are files; None is the standard input.
    #[new]
    fn new(paths: Vec<Option<PathBuf>>, given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let given: Given = given.extract()?;
        let zone = if given.is_utc { TimeZone::UTC } else { local_zone() };
        let choice = choice(&given, &zone)?;
        let feeds: Result<Vec<_>, Error> = paths.into_iter().map(|path| feed(path, &given, choice.since)).collect();
        let times = Times::new(local_zone());
        let (tail, context) = (given.tail, given.context);
        let show = Show::new(options(given, zone)?);
        let viewer = Viewer::new(feeds?, choice, show, times, tail, context);
        // On the heap, as Python aligns objects less than some searches need.
        Ok(Self(Mutex::new(Box::new(viewer))))
    }

    /// The next part of what is shown, and whether there is `"more"`, none yet (`"wait"`), or no more (`"done"`).
    fn step<'py>(&self, py: Python<'py>) -> (Bound<'py, PyBytes>, &'static str) {
        let mut out = Vec::new();
        let progress = py.detach(|| self.viewer().step(&mut out));
        let progress = match progress {
            Progress::More => "more",
            Progress::Wait => "wait",
            Progress::Done => "done",
        };
        (PyBytes::new(py, &out), progress)
    }

    /// What the user should know about files since the last call.
    fn notes(&self) -> Vec<String> {
        std::mem::take(&mut self.viewer().notes)
    }

    /// What was read and left out, by name.
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let viewer = self.viewer();
        let counts = viewer.counts;
        let all = [
            ("shown", viewer.shown),
            ("files", counts.files),
            ("lines", counts.lines),
            ("read", counts.read),
            ("by_level", counts.by_level),
            ("by_time", counts.by_time),
            ("by_where", counts.by_condition),
            ("cut", counts.cut),
            ("unreadable", counts.unreadable),
        ];
        let dict = PyDict::new(py);
        for (name, count) in all {
            dict.set_item(name, count)?;
        }
        Ok(dict)
    }
}

impl PyViewer {
    fn viewer(&self) -> std::sync::MutexGuard<'_, Box<Viewer>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn choice(given: &Given, zone: &TimeZone) -> Result<Choice, Error> {
    let levels = Levels::default();
    let now = now_ns();
    let time = |argument: &str, text: &Option<String>| {
        text.as_deref().map(|text| when::read(argument, text, now, zone)).transpose()
    };
    Ok(Choice {
        least_level: given.level.as_deref().map(|level| level_number(level, &levels)).transpose()?,
        since: time("--since", &given.since)?,
        until: time("--until", &given.until)?,
        condition: given.condition.as_deref().map(|text| Expression::parse("--where", text, &levels)).transpose()?,
    })
}

fn level_number(level: &str, levels: &Levels) -> Result<i32, Error> {
    match level.parse() {
        Ok(number) => Ok(number),
        Err(_) => levels.by_name("--level", level).map(|level| level.no),
    }
}

fn options(given: Given, zone: TimeZone) -> Result<Options, Error> {
    let style = match given.style.as_str() {
        "text" => Style::Text,
        "raw" => Style::Raw,
        "json" => Style::Json,
        "csv" => Style::Csv,
        other => return Err(Error::value("style", "\"text\", \"raw\", \"json\" or \"csv\"", format!("{other:?}"))),
    };
    Ok(Options {
        style,
        colors: given.is_colored.then(Levels::default),
        is_terminal: given.is_terminal,
        zone,
        fields: given.fields,
        hidden: given.hide.into_iter().collect::<HashSet<_>>(),
        longest: given.longest,
    })
}

fn feed(path: Option<PathBuf>, given: &Given, since: Option<i64>) -> Result<Feed, Error> {
    let files: Box<dyn Files> = match path {
        None => Box::new(StandardInput(false)),
        Some(path) => Box::new(log_files(&path, given, since).map_err(|error| Error::file(&path, error))?),
    };
    Ok(Feed::new(files, given.context))
}

/// A file that is compressed is read by itself.
fn log_files(path: &Path, given: &Given, since: Option<i64>) -> io::Result<LogFiles> {
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        // A file that is followed may be made later.
        Err(error) if !given.follow || error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    if given.follow {
        // What was asked for since a time is looked for in all of the file.
        let lines = if since.is_none() { Some(given.tail.unwrap_or(FOLLOWED_LINES) as u64) } else { None };
        return LogFiles::follow(path, lines, unpack);
    }
    if given.has_archives { LogFiles::find(path, since, unpack) } else { LogFiles::alone(path, unpack) }
}

/// The standard input, as the one file of a log.
struct StandardInput(bool);

impl Files for StandardInput {
    fn next(&mut self) -> Option<(PathBuf, io::Result<Box<dyn Read + Send>>)> {
        let is_read = std::mem::replace(&mut self.0, true);
        (!is_read).then(|| (PathBuf::from("-"), Ok(Box::new(io::stdin()) as Box<dyn Read + Send>)))
    }
}

fn unpack(path: &Path, suffix: &'static str) -> io::Result<Option<Box<dyn Read + Send>>> {
    let open = |py: Python<'_>| -> PyResult<Option<Box<dyn Read + Send>>> {
        let unpack = imported(py, &UNPACK, "logly._files.unpack", "unpack")?;
        let stream = unpack.call1((path.as_os_str(), suffix))?;
        Ok(if stream.is_none() { None } else { Some(Box::new(Stream::new(stream.unbind()))) })
    };
    let gone = || Err(io::Error::other("the interpreter ends"));
    Python::try_attach(open).map_or_else(gone, |opened| opened.map_err(io::Error::other))
}
