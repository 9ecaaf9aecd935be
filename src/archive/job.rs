//! One maintenance job of a series: compress archives, finish work that a crash interrupted, then apply retention.
//!
//! Steps that need Python are handed out as tasks, and their results are reported back. All other steps happen in
//! `advance`. A failure is reported once for each archive, and the archive is skipped until the next hour.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::archive::compression::compress;
use crate::archive::replacement::{Claim, Claimed, Outcome, Pair, Replacement, Start};
use crate::archive::series::{Archive, Series};
use crate::archive::{replacement, retention};
use crate::config::archive::{ArchiveOptions, Compression, Retention};
use crate::error::Result;
use crate::{clock, report};

/// The work that one job leaves for the next.
#[derive(Debug, Default)]
pub struct Unfinished {
    /// Archives that a function must still be called with.
    pub rotated: Vec<PathBuf>,
    /// Archives that cannot be compressed.
    pub failed: HashSet<PathBuf>,
}

/// A job in progress.
pub struct Job {
    series: Arc<Series>,
    steps: VecDeque<Step>,
    task: Option<Task>,
    unfinished: Unfinished,
    is_busy: bool,
}

/// A step of a job. Steps are done in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Compress(PathBuf),
    /// Call the sink's `compression` function with an archive.
    Call(PathBuf),
    Prune,
    /// Call the sink's `retention` function with all archives.
    Retain,
}

/// A step for Python.
pub enum Task {
    /// Write the compressed content.
    Fill(Replacement),
    /// Say whether compressed content is that of the original.
    Compare(Pair),
    /// Call `compression`. Nothing else touches the archive during the call.
    Call(Claim),
    /// Call `retention`.
    Retain(Vec<PathBuf>),
}

impl Task {
    /// The archive that it works on, if it is one.
    fn claim(&self) -> Option<&Claim> {
        match self {
            Self::Fill(replacement) => Some(replacement.claim()),
            Self::Compare(pair) => Some(pair.claim()),
            Self::Call(claim) => Some(claim),
            Self::Retain(_) => None,
        }
    }
}

/// Python's report on a task: whether contents are the same, if that was the question, or why the task failed.
pub type Report = std::result::Result<bool, String>;

/// Whether some step of a job needs Python.
pub fn needs_python(options: &ArchiveOptions) -> bool {
    matches!(options.compression, Some(Compression::Python { .. })) || options.retention.contains(&Retention::Function)
}

/// Whether `compression` is a function, which is called with each new archive.
pub(super) fn has_function(options: &ArchiveOptions) -> bool {
    matches!(options.compression, Some(Compression::Python { suffix: None, .. }))
}

/// Whether a series can ever have work to do.
pub(super) fn needs_maintenance(options: &ArchiveOptions) -> bool {
    options.compression.is_some() || !options.retention.is_empty()
}

impl Job {
    /// Begins a job by finding the work to do.
    pub fn begin(series: Arc<Series>, unfinished: Unfinished) -> Self {
        series.sweep();
        let archives = series.archives_or_none();
        Self::over(series, &archives, unfinished)
    }

    /// Begins a job over these archives.
    fn over(series: Arc<Series>, archives: &[Archive], mut unfinished: Unfinished) -> Self {
        let steps = plan(series.options(), archives, &mut unfinished);
        Self { series, steps, task: None, unfinished, is_busy: false }
    }

    pub fn series(&self) -> &Arc<Series> {
        &self.series
    }

    /// Returns the step for Python, after `advance` found one.
    pub fn task(&self) -> Option<&Task> {
        self.task.as_ref()
    }

    /// Continues until Python is needed or the job is over. Returns true if Python is needed. Stops early once
    /// `is_over` is set.
    pub fn advance(&mut self, is_over: &AtomicBool) -> bool {
        while let Some(step) = self.steps.pop_front() {
            if is_over.load(Ordering::Relaxed) {
                return false;
            }
            match step {
                Step::Compress(path) => self.compress(&path),
                Step::Call(path) => self.claim(path),
                Step::Prune => retention::prune(&self.series, clock::now_ns()),
                Step::Retain => self.task = self.retain(),
            }
            if self.task.is_some() {
                return true;
            }
        }
        false
    }

    /// Ends the task that Python did.
    pub fn report(&mut self, report: Report) {
        let Some(task) = self.task.take() else { return };
        match (task, report) {
            (Task::Fill(replacement), Ok(_)) => {
                let path = replacement.claim().path().to_owned();
                self.note(&path, replacement.finish());
            }
            (Task::Compare(pair), Ok(is_same)) => {
                let path = pair.claim().path().to_owned();
                self.note(&path, pair.settle(is_same));
            }
            (Task::Fill(replacement), Err(why)) => self.skip(replacement.claim().path(), &why),
            (Task::Compare(pair), Err(why)) => self.skip(pair.claim().path(), &why),
            (Task::Call(_) | Task::Retain(_), Err(why)) => report::tell_once(&why, &why),
            (Task::Call(_) | Task::Retain(_), Ok(_)) => {}
        }
    }

    /// Returns how many archives a function must still be called with.
    pub(super) fn uncalled(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::Call(_))).count() + self.unfinished.rotated.len()
    }

    /// Ends the job. Returns whether an archive was busy, and the work left for the next job.
    pub fn end(self) -> (bool, Unfinished) {
        let mut unfinished = self.unfinished;
        // Archives that were not reached when the process ended.
        unfinished.rotated.extend(self.steps.into_iter().filter_map(|step| match step {
            Step::Call(path) => Some(path),
            _ => None,
        }));
        (self.is_busy, unfinished)
    }

    fn compress(&mut self, path: &Path) {
        let started = match self.series.options().compression {
            Some(Compression::Python { suffix: Some(suffix), .. }) => replacement::start(path, suffix),
            Some(how) => compress(path, how).map(Start::Not),
            None => return,
        };
        let task = match started {
            Ok(Start::New(replacement)) => Task::Fill(replacement),
            Ok(Start::Pair(pair)) => Task::Compare(pair),
            Ok(Start::Not(outcome)) => return self.note(path, Ok(outcome)),
            Err(error) => return self.note(path, Err(error)),
        };
        if self.is_awaited(task.claim()) {
            return self.note(path, Ok(Outcome::Busy));
        }
        self.task = Some(task);
    }

    /// Whether recovery may look for lines in an archive. It does not read what Python or a function packed.
    fn is_awaited(&self, claim: Option<&Claim>) -> bool {
        claim.is_some_and(|claim| self.series.is_awaited(claim.found()))
    }

    fn claim(&mut self, path: PathBuf) {
        match Claim::take(&path) {
            Ok(Claimed::Mine(claim)) if !self.is_awaited(Some(&claim)) => self.task = Some(Task::Call(claim)),
            Ok(Claimed::Mine(_) | Claimed::Busy) => {
                self.is_busy = true;
                self.unfinished.rotated.push(path);
            }
            Ok(Claimed::Gone) => {}
            Err(error) => self.note(&path, Err(error)),
        }
    }

    fn retain(&self) -> Option<Task> {
        let archives = self.series.archives_or_none();
        let paths: Vec<_> = archives.into_iter().map(|archive| archive.path).collect();
        (!paths.is_empty()).then_some(Task::Retain(paths))
    }

    fn note(&mut self, path: &Path, outcome: Result<Outcome>) {
        match outcome {
            Ok(Outcome::Busy) => self.is_busy = true,
            Ok(Outcome::Done | Outcome::Gone) => {}
            // Another process has compressed it, or removed it, meanwhile.
            Err(_) if !path.exists() => {}
            Err(error) => self.skip(path, &error.to_string()),
        }
    }

    fn skip(&mut self, path: &Path, why: &str) {
        let shown = path.display();
        report::tell_once(&format!("archive {shown}"), &format!("{shown}: cannot be compressed: {why}"));
        self.unfinished.failed.insert(path.to_owned());
    }
}

/// Plans the steps of a job. Takes from `unfinished` the archives that the steps handle.
fn plan(options: &ArchiveOptions, archives: &[Archive], unfinished: &mut Unfinished) -> VecDeque<Step> {
    let mut steps = VecDeque::new();
    let rotated = std::mem::take(&mut unfinished.rotated);
    match options.compression {
        // It is unknown whether the function was called with an older archive before.
        Some(Compression::Python { suffix: None, .. }) => steps.extend(rotated.into_iter().map(Step::Call)),
        Some(_) => {
            let plain = archives.iter().filter(|archive| archive.name.suffix.is_none());
            let paths = plain.map(|archive| &archive.path).filter(|path| !unfinished.failed.contains(*path));
            steps.extend(paths.cloned().map(Step::Compress));
        }
        None => {}
    }
    if options.retention.iter().any(|condition| *condition != Retention::Function) {
        steps.push_back(Step::Prune);
    }
    if options.retention.contains(&Retention::Function) {
        steps.push_back(Step::Retain);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::archive_name::ArchiveName;

    const FUNCTION: Option<Compression> = Some(Compression::Python { suffix: None, level: None });

    fn archive(name: &str, suffix: Option<&'static str>) -> Archive {
        let name_read = ArchiveName { stamp: None, number: 1, suffix, is_adopted: false };
        Archive { path: name.into(), name: name_read, size: 1, modified_ns: 0, ended_ns: 0, twins: Vec::new() }
    }

    fn planned(options: &ArchiveOptions, unfinished: &mut Unfinished) -> Vec<Step> {
        let archives = [archive("a", None), archive("b.gz", Some("gz")), archive("c", None), archive("d", None)];
        plan(options, &archives, unfinished).into()
    }

    #[test]
    fn archives_are_compressed_oldest_first_and_those_that_failed_are_skipped() {
        let options = ArchiveOptions { compression: Some(Compression::Gzip(6)), retention: vec![Retention::Count(3)] };
        let mut unfinished = Unfinished { failed: HashSet::from(["c".into()]), ..Unfinished::default() };

        let steps = planned(&options, &mut unfinished);

        assert_eq!(steps, [Step::Compress("a".into()), Step::Compress("d".into()), Step::Prune]);
        assert_eq!(unfinished.failed.len(), 1);
    }

    #[test]
    fn a_function_gets_new_archives_alone() {
        let options = ArchiveOptions { compression: FUNCTION, retention: vec![Retention::Function] };
        let mut unfinished = Unfinished { rotated: vec!["c".into()], ..Unfinished::default() };

        let steps = planned(&options, &mut unfinished);

        assert_eq!(steps, [Step::Call("c".into()), Step::Retain]);
        assert_eq!(unfinished.rotated, <[PathBuf; 0]>::default());
    }

    #[test]
    fn what_needs_python_is_told_from_what_does_not() {
        let of = |compression, retention: &[Retention]| ArchiveOptions { compression, retention: retention.to_vec() };
        let xz = Some(Compression::Python { suffix: Some("xz"), level: None });

        assert!(needs_python(&of(xz, &[])) && needs_python(&of(FUNCTION, &[])));
        assert!(needs_python(&of(Some(Compression::Gzip(6)), &[Retention::Count(1), Retention::Function])));
        assert!(!needs_python(&of(Some(Compression::Zstd(3)), &[Retention::Count(1)])));
        assert!(!needs_maintenance(&of(None, &[])) && needs_maintenance(&of(None, &[Retention::Count(1)])));
    }
}
