//! The native functions that `python/logly/logger/_files.py` calls to read, search, empty and remove files.
//!
//! Everything accepted before is written first, within a time limit. Files are read without the interpreter lock, with
//! a check for Ctrl-C every 50 ms. A sink that is not a file, or does not exist, gives None.

use std::fs::Metadata;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use pyo3::exceptions::{PyException, PyUnicodeDecodeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};
use pyo3::wrap_pyfunction;

use crate::archive::removal;
use crate::archive::series::Series;
use crate::config::logger::Surface;
use crate::config::sink::{Encoding, FileOptions};
use crate::disk::guarded::is_exposed;
use crate::error::Error;
use crate::python::call::state::PyLogger;
use crate::python::files::query;
use crate::python::py::imports::imported;
use crate::python::py::interpreter::Kept;
use crate::python::py::wait::{Pause, wait_in_steps};
use crate::python::value::arguments::{boolean, sink_id};
use crate::reading::reader::{Blocks, LineCount, Range, Scan, Whole, decode};
use crate::reading::search::{Match, Search};
use crate::reading::source::{Opened, Source, sources};
use crate::sys::metadata::mode;
use crate::writer::snapshot::{Sink, Target};

/// The longest time to wait for lines to be written.
const LONGEST_FLUSH: Duration = Duration::from_secs(10);

/// The most lines that are looked for from the end of a file. Larger numbers are counted from its start, with checks
/// for Ctrl-C.
const LONGEST_TAIL: u64 = 100_000;

pub static UNPACK: Kept<Py<PyAny>> = Kept::new();

/// Paths, each with a value.
type ByPath<'py, T> = Vec<(Bound<'py, PyAny>, T)>;

/// A sink that is a file.
pub struct FileSink {
    path: PathBuf,
    pub series: Arc<Series>,
    encoding: Encoding,
    /// Whether `level_filter` can read the levels of the lines that the sink writes.
    names_levels: bool,
}

impl FileSink {
    /// The file sink with this id, after everything logged before is written.
    pub fn find(logger: &Bound<'_, PyLogger>, id: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        let Some(id) = sink_id("sink_id", id)? else { return Ok(None) };
        let found = logger.get().core().find(id);
        let Some(sink) = found.filter(|sink| sink.file_at_path().is_some()) else { return Ok(None) };
        // This comes first, since it may rotate the file.
        logger.get().wait_for_files(logger.py(), Some(Instant::now() + LONGEST_FLUSH))?;
        let layout = logger.get().core().settings().layout(&sink.options, Surface::default())?;
        Ok(Self::of(&sink, layout.names_levels()))
    }

    fn of(sink: &Sink, names_levels: bool) -> Option<Self> {
        match &sink.target {
            Target::File(file) => Some(Self {
                path: path_to(file.series.active(), &file.options),
                series: Arc::clone(&file.series),
                encoding: file.options.encoding,
                names_levels,
            }),
            Target::Python(_) => None,
        }
    }

    fn metadata(&self) -> io::Result<Option<Metadata>> {
        // If others can put a link there, it may lead to a file of theirs.
        match if is_exposed(&self.path) { self.path.symlink_metadata() } else { self.path.metadata() } {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            found => found.map(|found| Some(found).filter(|found| !found.is_symlink())),
        }
    }

    fn sources(&self, py: Python<'_>, with_archives: bool) -> PyResult<Vec<Source>> {
        let list = || if with_archives { self.series.archives() } else { Ok(Vec::new()) };
        py.detach(|| sources(&self.path, list)).map_err(|error| unreadable(py, &self.path, error))
    }

    /// Passes all sources to `scan`, until it has enough.
    fn scan(&self, py: Python<'_>, sources: &[Source], scan: &mut impl Scan) -> PyResult<()> {
        for source in sources {
            let Some(reader) = open(py, source)? else { continue };
            scan.begin(&source.path);
            let mut blocks = Blocks::new(reader, self.encoding);
            if !read_through(py, &source.path, &mut blocks, scan)? {
                return Ok(());
            }
            scan.end();
        }
        Ok(())
    }

    fn count(&self, py: Python<'_>, sources: &[Source]) -> PyResult<u64> {
        let mut count = LineCount::default();
        self.scan(py, sources, &mut count)?;
        Ok(count.lines)
    }
}

/// The path to read, empty or remove the file by. Links in it are followed as they are now, unless others can put links
/// there.
fn path_to(real: PathBuf, options: &FileOptions) -> PathBuf {
    if options.name.has_time() || is_exposed(&real) { real } else { options.path.clone() }
}

fn open(py: Python<'_>, source: &Source) -> PyResult<Option<Box<dyn Read + Send>>> {
    match py.detach(|| source.open()).map_err(|error| unreadable(py, &source.path, error))? {
        Opened::Text(reader) => Ok(Some(reader)),
        Opened::Gone => Ok(None),
        Opened::Foreign(path, suffix) => {
            let unpack = imported(py, &UNPACK, "logly._files.unpack", "unpack")?;
            let stream = unpack.call1((path.as_os_str(), suffix)).map_err(|error| named(py, &path, error))?;
            Ok(if stream.is_none() { None } else { Some(Box::new(Stream::new(stream.unbind()))) })
        }
    }
}

/// Passes the blocks to `scan`. True at the end of the text, false if `scan` has enough.
fn read_through(py: Python<'_>, path: &Path, blocks: &mut Blocks, scan: &mut impl Scan) -> PyResult<bool> {
    let is_end = wait_in_steps(py, None, Pause::Signals, |wait| {
        let until = wait.until();
        let step = py.detach(|| -> io::Result<_> {
            while Instant::now() < until {
                let block = if scan.is_by_line() { blocks.next_block() } else { blocks.next_piece() };
                match block?.map(|block| scan.block(block)).transpose()? {
                    None => return Ok(Some(true)),
                    Some(false) => return Ok(Some(false)),
                    Some(true) => {}
                }
            }
            Ok(None)
        });
        step.transpose()
    })?;
    is_end.unwrap_or(Ok(true)).map_err(|error| unreadable(py, path, error))
}

/// A Python object with `read()`, which is called on this thread.
pub struct Stream {
    object: Py<PyAny>,
}

impl Stream {
    pub fn new(object: Py<PyAny>) -> Self {
        Self { object }
    }
}

impl Read for Stream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = |py: Python<'_>| -> PyResult<usize> {
            let piece = self.object.bind(py).call_method1("read", (out.len(),))?.cast_into::<PyBytes>()?;
            let piece = piece.as_bytes();
            let count = piece.len().min(out.len());
            out[..count].copy_from_slice(&piece[..count]);
            Ok(count)
        };
        // A return value of 0 would pass for the end of the file.
        let gone = || Err(io::Error::other("the interpreter ends"));
        Python::try_attach(read).map_or_else(gone, |read| read.map_err(io::Error::other))
    }
}

/// The error for a file that cannot be read. Errors raised by Python code are kept as they are where possible.
fn unreadable(py: Python<'_>, path: &Path, error: io::Error) -> PyErr {
    match error.downcast::<PyErr>() {
        Ok(error) => named(py, path, error),
        Err(error) => Error::file(path, error).into(),
    }
}

/// Turns an error raised during decompression into one that names the file. Interrupts stay as they are.
fn named(py: Python<'_>, path: &Path, error: PyErr) -> PyErr {
    let has_name = error.value(py).getattr("filename").is_ok_and(|name| !name.is_none());
    if has_name || !error.is_instance_of::<PyException>(py) {
        return error;
    }
    let named = PyErr::from(Error::file(path, io::Error::other(error.value(py).to_string())));
    named.set_cause(py, Some(error));
    named
}

/// Converts a text to a Python string. If there is no memory for it, Python raises the error.
fn text<'py>(py: Python<'py>, text: &[u8]) -> PyResult<Bound<'py, PyString>> {
    match PyString::from_bytes(py, text) {
        Err(error) if error.is_instance_of::<PyUnicodeDecodeError>(py) => {
            PyString::from_bytes(py, py.detach(|| decode(text))?.as_bytes())
        }
        made => made,
    }
}

fn texts<'py>(py: Python<'py>, lines: &[String]) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for line in lines {
        list.append(text(py, line.as_bytes())?)?;
    }
    Ok(list)
}

#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _read<'py>(
    logger: &Bound<'py, PyLogger>,
    sink_id: &Bound<'py, PyAny>,
    archives: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyString>>> {
    let py = logger.py();
    let with_archives = boolean("archives", archives)?;
    let Some(file) = FileSink::find(logger, sink_id)? else { return Ok(None) };
    let mut whole = Whole::default();
    file.scan(py, &file.sources(py, with_archives)?, &mut whole)?;
    text(py, &whole.text).map(Some)
}

/// The path and the text of each file.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _texts<'py>(
    logger: &Bound<'py, PyLogger>,
    sink_id: &Bound<'py, PyAny>,
    archives: &Bound<'py, PyAny>,
) -> PyResult<Option<ByPath<'py, Bound<'py, PyString>>>> {
    let py = logger.py();
    let with_archives = boolean("archives", archives)?;
    let Some(file) = FileSink::find(logger, sink_id)? else { return Ok(None) };
    let mut found = Vec::new();
    for source in &file.sources(py, with_archives)? {
        let mut whole = Whole::default();
        file.scan(py, std::slice::from_ref(source), &mut whole)?;
        found.push((path_of(py, &source.path)?, text(py, &whole.text)?));
    }
    Ok(Some(found))
}

#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _read_lines<'py>(
    logger: &Bound<'py, PyLogger>,
    sink_id: &Bound<'py, PyAny>,
    start: &Bound<'py, PyAny>,
    end: &Bound<'py, PyAny>,
    archives: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyList>>> {
    let py = logger.py();
    let with_archives = boolean("archives", archives)?;
    let wanted = query::lines(("start", start), ("end", end))?;
    let Some(file) = FileSink::find(logger, sink_id)? else { return Ok(None) };
    let mut sources = file.sources(py, with_archives)?;
    let is_tail = wanted.start < 0 && wanted.end < 0 && wanted.start.unsigned_abs() <= LONGEST_TAIL;
    let found = match sources.as_mut_slice() {
        [only] if is_tail => py.detach(|| only.skip_to_tail(wanted.start.unsigned_abs())),
        _ => Ok(None),
    };
    let span = match (found.map_err(|error| unreadable(py, &file.path, error))?, wanted.fixed()) {
        (Some(total), _) => wanted.within(total),
        (None, Some(span)) => span,
        (None, None) => wanted.within(file.count(py, &sources)?),
    };
    let mut range = Range::new(span);
    file.scan(py, &sources, &mut range)?;
    texts(py, &range.lines).map(Some)
}

#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _line_count(
    logger: &Bound<'_, PyLogger>,
    sink_id: &Bound<'_, PyAny>,
    archives: &Bound<'_, PyAny>,
) -> PyResult<Option<u64>> {
    let py = logger.py();
    let with_archives = boolean("archives", archives)?;
    let Some(file) = FileSink::find(logger, sink_id)? else { return Ok(None) };
    file.count(py, &file.sources(py, with_archives)?).map(Some)
}

#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _file_size(
    logger: &Bound<'_, PyLogger>,
    sink_id: &Bound<'_, PyAny>,
    archives: &Bound<'_, PyAny>,
) -> PyResult<Option<u64>> {
    let py = logger.py();
    let with_archives = boolean("archives", archives)?;
    let Some(file) = FileSink::find(logger, sink_id)? else { return Ok(None) };
    let size = py.detach(|| -> io::Result<u64> {
        let archives = if with_archives { file.series.archives()? } else { Vec::new() };
        let active = file.metadata()?.map_or(0, |found| found.len());
        Ok(active + archives.iter().map(|archive| archive.size).sum::<u64>())
    });
    size.map(Some).map_err(|error| unreadable(py, &file.path, error))
}

/// The file's metadata as `file_metadata` shows it, but with times in nanoseconds since the epoch. None if there is no
/// file.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _stat<'py>(logger: &Bound<'py, PyLogger>, sink_id: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyDict>>> {
    let py = logger.py();
    let Some(file) = FileSink::find(logger, sink_id)? else { return Ok(None) };
    let found = py.detach(|| file.metadata()).map_err(|error| unreadable(py, &file.path, error))?;
    let Some(found) = found else { return Ok(None) };
    let stat = PyDict::new(py);
    stat.set_item("path", path_of(py, &file.path)?)?;
    stat.set_item("size", found.len())?;
    stat.set_item("created", found.created().ok().map(nanoseconds))?;
    stat.set_item("modified", found.modified().ok().map(nanoseconds))?;
    stat.set_item("mode", mode(&found))?;
    stat.set_item("encoding", encoding_name(file.encoding))?;
    Ok(Some(stat))
}

/// The paths of the archives, oldest first, with their bytes on the disk.
#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _archives<'py>(logger: &Bound<'py, PyLogger>, sink_id: &Bound<'py, PyAny>) -> PyResult<Option<ByPath<'py, u64>>> {
    let py = logger.py();
    let Some(file) = FileSink::find(logger, sink_id)? else { return Ok(None) };
    let archives = py.detach(|| file.series.archives()).map_err(|error| unreadable(py, &file.path, error))?;
    archives.iter().map(|archive| Ok((path_of(py, &archive.path)?, archive.size))).collect::<PyResult<_>>().map(Some)
}

fn encoding_name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "utf-8",
        Encoding::Ascii => "ascii",
        Encoding::Latin1 => "latin-1",
    }
}

fn nanoseconds(time: SystemTime) -> i128 {
    let signed = |duration: Duration| i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX);
    time.duration_since(UNIX_EPOCH).map_or_else(|before| -signed(before.duration()), signed)
}

fn path_of<'py>(py: Python<'py>, path: &Path) -> PyResult<Bound<'py, PyAny>> {
    Ok(path.as_os_str().into_pyobject(py)?.into_any())
}

#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _delete(logger: &Bound<'_, PyLogger>, sink_id: &Bound<'_, PyAny>) -> PyResult<bool> {
    change(logger, sink_id, removal::delete)
}

#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _clear(logger: &Bound<'_, PyLogger>, sink_id: &Bound<'_, PyAny>) -> PyResult<bool> {
    change(logger, sink_id, removal::clear)
}

fn change(
    logger: &Bound<'_, PyLogger>,
    sink_id: &Bound<'_, PyAny>,
    change: fn(&Path) -> io::Result<bool>,
) -> PyResult<bool> {
    let py = logger.py();
    let Some(file) = FileSink::find(logger, sink_id)? else { return Ok(false) };
    py.detach(|| change(&file.path)).map_err(|error| unreadable(py, &file.path, error))
}

#[pyfunction(crate = "crate::python::py::trampoline::watched")]
fn _search<'py>(
    logger: &Bound<'py, PyLogger>,
    sink_id: &Bound<'py, PyAny>,
    pattern: &Bound<'py, PyAny>,
    given: &Bound<'py, PyDict>,
) -> PyResult<Option<Bound<'py, PyList>>> {
    let py = logger.py();
    let query = query::query(logger.get(), pattern, given)?;
    let with_archives = boolean("archives", &given.as_any().get_item("archives")?)?;
    let Some(file) = FileSink::find(logger, sink_id)? else { return Ok(None) };
    if query.level.is_some() && !file.names_levels {
        return Err(no_level_names().into());
    }
    let sources = file.sources(py, with_archives)?;
    let span = match query.lines.fixed() {
        Some(span) => span,
        None => query.lines.within(file.count(py, &sources)?),
    };
    let mut search = Search::new(query, span);
    file.scan(py, &sources, &mut search)?;
    let list = PyList::empty(py);
    for found in &search.matches {
        list.append(shown(py, found)?)?;
    }
    Ok(Some(list))
}

/// The error for a shape such as those of other systems, whose severities may stand for several levels.
fn no_level_names() -> Error {
    let expected = "a file whose lines have the level's name, in JSON under the key \"level\"";
    let got = "a file of another shape; where= finds its lines, such as where=\"severity == 'ERROR'\"";
    Error::value("level_filter", expected, got)
}

fn shown<'py>(py: Python<'py>, found: &Match) -> PyResult<Bound<'py, PyDict>> {
    let shown = PyDict::new(py);
    shown.set_item("path", path_of(py, &found.path)?)?;
    shown.set_item("line", found.line)?;
    shown.set_item("content", text(py, found.content.as_bytes())?)?;
    shown.set_item("match", text(py, found.matched.as_bytes())?)?;
    shown.set_item("context_before", texts(py, &found.before)?)?;
    shown.set_item("context_after", texts(py, &found.after)?)?;
    Ok(shown)
}

/// Adds the functions above to the extension module.
pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_read, module)?)?;
    module.add_function(wrap_pyfunction!(_texts, module)?)?;
    module.add_function(wrap_pyfunction!(_read_lines, module)?)?;
    module.add_function(wrap_pyfunction!(_line_count, module)?)?;
    module.add_function(wrap_pyfunction!(_file_size, module)?)?;
    module.add_function(wrap_pyfunction!(_stat, module)?)?;
    module.add_function(wrap_pyfunction!(_archives, module)?)?;
    module.add_function(wrap_pyfunction!(_delete, module)?)?;
    module.add_function(wrap_pyfunction!(_clear, module)?)?;
    module.add_function(wrap_pyfunction!(_search, module)?)
}
