//! Adds sinks that are files.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use pyo3::prelude::*;

use crate::archive::series::Series;
use crate::clock;
use crate::clock::local_zone;
use crate::config::file_name::FileName;
use crate::config::queue::{KeptQueue, LineForm, Overflow};
use crate::config::schedule::Schedule;
use crate::config::sink::{FileOptions, SinkOptions};
use crate::error::Error;
use crate::file::file_writer::FileWriter;
use crate::python::call::state::PyLogger;
use crate::python::files::archiving;
use crate::python::files::archiving::ArchiveFunctions;
use crate::python::logger::sinks::is_sync_forced;
use crate::python::options::sink_options::SinkParts;
use crate::python::record::templates::Templates;
use crate::python::sink::hooks::PythonHooks;
use crate::python::sink::line_maker::LineMaker;
use crate::python::sink::rotation::RotationRule;
use crate::writer::snapshot::{FileTarget, Opened, Sink, Target};

impl PyLogger {
    /// Opens the file and adds it as a sink. If it cannot be opened, nothing is added.
    pub fn add_file(&self, py: Python<'_>, name: FileName, parts: SinkParts) -> PyResult<u32> {
        let file = file_options(name, &parts);
        file.check()?;
        self.add_native(py, file, parts)
    }

    /// Adds a sink that is written without Python.
    pub(super) fn add_native(&self, py: Python<'_>, file: FileOptions, mut parts: SinkParts) -> PyResult<u32> {
        let is_console = file.standard.is_some();
        let rotation_functions = std::mem::take(&mut parts.rotation_functions);
        let (filter, format, encoder) = (parts.filter.take(), parts.format.take(), parts.encoder.take());
        let is_async = parts.async_write.unwrap_or(true) && !is_sync_forced();
        let mut options = SinkOptions { is_async, ..parts.options };
        let is_kept = file.is_kept && check_kept(&options, parts.async_write)?;
        // Patterns are checked before the file is made.
        self.core().settings().check_lines(&options)?;
        let functions =
            ArchiveFunctions { compression: parts.compression_function, retention: parts.retention_function };
        let series = py.detach(|| Series::new(&file, Some(Box::new(functions))));
        if is_kept {
            let has_functions = filter.is_some() || format.is_some() || encoder.is_some();
            let form = self.core().settings().form(&options);
            options.queue.kept = Some(KeptQueue { has_functions, form, ..kept_queue(&series) });
        }
        let is_background = options.is_async;
        let own = options.clone();
        let is_scheduled = !file.rotation.schedules.is_empty();
        let writer = py.detach(|| FileWriter::open(file.clone(), Arc::clone(&series), !is_background))?;
        let rotation = RotationRule::new(rotation_functions, &file);
        let looked_after = Arc::clone(&series);
        let (lines, templates) = (LineMaker::default(), Templates::default());
        let hooks = PythonHooks { filter, format, rotation, encoder, lines, templates }.boxed();
        let target = Target::File(Box::new(FileTarget { options: file, series }));
        let opened = Opened::new(Some(writer));
        let id = self.core().add(|id| Sink { hooks, is_console, opened, ..Sink::new(id, options, target) })?;
        if is_kept && let Some(pipeline) = self.core().pipeline_of(&own) {
            // The records that dead processes left come before those of this one, and before archives are compressed.
            py.detach(|| pipeline.recover());
        }
        if !is_console {
            archiving::begin(py, &looked_after)?;
        }
        if is_scheduled && let Some(pipeline) = self.core().pipeline_of(&own) {
            // The file's period may be over already, even if nothing is ever logged.
            pipeline.start();
        }
        Ok(id)
    }
}

/// Refuses options that a queue which outlives the process does not have. False if callers write the file, so that
/// there is no queue.
fn check_kept(options: &SinkOptions, async_write: Option<bool>) -> PyResult<bool> {
    let refuse = |expected: &str, got: &str| Err(Error::value("durability", expected, got).into());
    if async_write == Some(false) {
        return refuse("a file with async_write=True, which has a queue to keep", "async_write=False");
    }
    if options.queue.overflow == Overflow::DropOld {
        return refuse("a file with overflow=\"block\" or \"drop_new\"", "overflow=\"drop_old\"");
    }
    Ok(options.is_async)
}

/// The queue of a file in crash files next to it.
pub(super) fn kept_queue(series: &Series) -> KeptQueue {
    static NUMBERS: AtomicU64 = AtomicU64::new(0);
    let (folder, log) = series.crash_place();
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    KeptQueue { folder, log, number, has_functions: false, form: LineForm::default() }
}

/// The options of the file with this name.
pub fn file_options(name: FileName, parts: &SinkParts) -> FileOptions {
    let path = name.expand(clock::now_ns(), &local_zone());
    let mut options = FileOptions { path, name, ..parts.file.clone() };
    for schedule in &mut options.rotation.schedules {
        if let Schedule::Since { made_ns, .. } = schedule {
            *made_ns = made_ns_of(&options.path);
        }
    }
    options
}

/// When a file was made; now if it is not there. A test that stops the clock sets the times of files by it.
fn made_ns_of(path: &Path) -> i64 {
    let now = clock::now_ns();
    let made = std::fs::metadata(path).and_then(|found| {
        let made = if clock::frozen().is_some() { found.modified() } else { found.created() };
        made.or_else(|_| found.modified())
    });
    let since = made.ok().and_then(|made| made.duration_since(UNIX_EPOCH).ok());
    since.and_then(|since| i64::try_from(since.as_nanos()).ok()).map_or(now, |made| made.min(now))
}
