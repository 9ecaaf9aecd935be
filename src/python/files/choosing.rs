//! What commands and functions say about the logs to read, and the entries of them that they want.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use pyo3::prelude::*;

use crate::clock::now_ns;
use crate::error::Error;
use crate::expression::compiled::Expression;
use crate::format::time::pattern::TimeZone;
use crate::level::Levels;
use crate::python::files::methods::{Stream, UNPACK};
use crate::python::py::imports::imported;
use crate::view::choice::Choice;
use crate::view::feed::{Counts, Feed, Files};
use crate::view::series::LogFiles;
use crate::view::when;

/// The last lines of a file that are shown before what is added to it.
const FOLLOWED_LINES: usize = 10;

/// The choosing options, by the names that `logly.cli.choosing` gives them.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(super) struct Chosen {
    level: Option<String>,
    since: Option<String>,
    until: Option<String>,
    #[pyo3(item("where"))]
    condition: Option<String>,
    has_archives: bool,
    follow: bool,
    tail: Option<usize>,
    context: usize,
}

impl Chosen {
    pub(super) fn choice(&self, zone: &TimeZone) -> Result<Choice, Error> {
        let levels = Levels::default();
        let now = now_ns();
        let time = |argument: &str, text: &Option<String>| {
            text.as_deref().map(|text| when::read(argument, text, now, zone)).transpose()
        };
        let expression = |text| Expression::parse("--where", text, &levels);
        Ok(Choice {
            least_level: self.level.as_deref().map(|level| level_number(level, &levels)).transpose()?,
            since: time("--since", &self.since)?,
            until: time("--until", &self.until)?,
            condition: self.condition.as_deref().map(expression).transpose()?,
        })
    }

    /// Opens the logs at these paths; None is the standard input.
    pub(super) fn feeds(&self, paths: Vec<Option<PathBuf>>, since: Option<i64>) -> Result<Vec<Feed>, Error> {
        paths.into_iter().map(|path| self.feed(path, since)).collect()
    }

    fn feed(&self, path: Option<PathBuf>, since: Option<i64>) -> Result<Feed, Error> {
        let files: Box<dyn Files> = match path {
            None => Box::new(StandardInput(false)),
            Some(path) => Box::new(self.log_files(&path, since).map_err(|error| Error::file(&path, error))?),
        };
        Ok(Feed::new(files, self.context))
    }

    /// A file that is compressed is read by itself.
    fn log_files(&self, path: &Path, since: Option<i64>) -> io::Result<LogFiles> {
        match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            // A file that is followed may be made later.
            Err(error) if !self.follow || error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        if self.follow {
            // What was asked for since a time is looked for in all of the file.
            let lines = if since.is_none() { Some(self.tail.unwrap_or(FOLLOWED_LINES) as u64) } else { None };
            return LogFiles::follow(path, lines, unpack);
        }
        if self.has_archives { LogFiles::find(path, since, unpack) } else { LogFiles::alone(path, unpack) }
    }

    /// The number of last entries that are wanted, and that of neighbours of each.
    pub(super) fn tail_and_context(&self) -> (Option<usize>, usize) {
        (self.tail, self.context)
    }
}

fn level_number(level: &str, levels: &Levels) -> Result<i32, Error> {
    match level.parse() {
        Ok(number) => Ok(number),
        Err(_) => levels.by_name("--level", level).map(|level| level.no),
    }
}

/// What was read and left out, by name. `found` is the number of entries that were wanted.
pub(super) fn counts_by_name(found: u64, counts: Counts) -> Vec<(&'static str, u64)> {
    vec![
        ("found", found),
        ("files", counts.files),
        ("lines", counts.lines),
        ("read", counts.read),
        ("by_level", counts.by_level),
        ("by_time", counts.by_time),
        ("by_where", counts.by_condition),
        ("cut", counts.cut),
        ("unreadable", counts.unreadable),
    ]
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
