//! The records that dead processes left for a log: found next to it, and written before those of this process.
//!
//! A crash file is locked while its records are written, and removed after the last. How far it is stands in that file
//! itself, so a recovery that is killed goes on where it was.

pub mod written;

use std::collections::VecDeque;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::crash::found::{Dead, Look, look, remove_unfinished};
use crate::crash::own::{CrashFile, Names};
use crate::crash::owner::Process;
use crate::report;
use crate::writer::engine::Engine;
use crate::writer::engine::recovering::Recovered;

/// How old the last change of a folder must be, so that another one would have another time.
const MOMENT: Duration = Duration::from_secs(1);

/// The crash files of one log.
pub struct Recovery {
    names: Names,
    /// The file of this process.
    own: Option<PathBuf>,
    /// Files of other processes that were alive at the last look.
    others: Vec<Other>,
    /// Files to look at.
    due: VecDeque<PathBuf>,
    /// The file whose records wait to be written.
    current: Option<(Box<Dead>, Recovered)>,
    /// When a name in the folder had last changed.
    changed: Option<SystemTime>,
}

struct Other {
    path: PathBuf,
    process: Option<Process>,
}

impl Recovery {
    pub(super) fn new(names: Names, own: Option<&CrashFile>) -> Self {
        let own = own.map(|own| own.path.clone());
        Self { names, own, others: Vec::new(), due: VecDeque::new(), current: None, changed: None }
    }

    /// Looks for files of dead processes: at all files if the folder has changed, otherwise at those whose process was
    /// alive. The files of sinks that this process removed count too.
    pub(super) fn look(&mut self) {
        let changed = self.names.changed();
        if changed.is_some() && changed == self.changed {
            let is_over = |other: &mut Other| {
                other.process.as_ref().is_none_or(|process| !process.is_running() || process.is_this())
            };
            self.due.extend(self.others.extract_if(.., is_over).map(|other| other.path));
            return;
        }
        // The time of a folder is too coarse to tell changes within a moment.
        self.changed = changed.filter(|at| at.elapsed().is_ok_and(|age| age > MOMENT));
        self.others.clear();
        let (whole, unfinished) = self.names.list();
        for path in &unfinished {
            remove_unfinished(path);
        }
        self.due = whole.into_iter().filter(|path| self.own.as_ref() != Some(path)).collect();
    }

    /// Writes the records of the files that are due. False if some lines are still to be written.
    pub(super) fn run(&mut self, engine: &mut Engine) -> bool {
        if let Some((dead, _)) = self.current.take_if(|_| !engine.is_recovering()) {
            self.give_up(&dead);
        }
        if self.current.is_none() && self.due.is_empty() {
            return true;
        }
        if !engine.is_at_rest() {
            // A file that is hidden gets its lines later; one that takes no lines keeps the queue waiting.
            return self.current.is_none();
        }
        if let Some((dead, recovered)) = self.current.take() {
            finish(engine, &dead, recovered);
        }
        while let Some(path) = self.due.pop_front() {
            self.meet(engine, &path);
            if self.current.is_some() {
                return false;
            }
        }
        true
    }

    /// Leaves a file to the next process, or to the next look: the log was hidden or closed before it took the lines.
    fn give_up(&mut self, dead: &Dead) {
        let process = Some(dead.header.process.clone());
        self.others.push(Other { path: dead.path.clone(), process });
        let path = dead.path.display();
        let line = format!("{path}: its records could not be written yet; they are written later");
        report::tell_once(&format!("given up {path}"), &line);
    }

    fn meet(&mut self, engine: &mut Engine, path: &Path) {
        match look(path) {
            Look::Dead(dead) => {
                let recovered = engine.recover(&dead);
                if engine.is_at_rest() {
                    finish(engine, &dead, recovered);
                } else {
                    self.current = Some((dead, recovered));
                }
            }
            Look::InUse(header) => {
                let process = header.map(|header| header.process);
                if let Some(process) = process.as_ref().filter(|process| process.is_stopped()) {
                    let (number, path) = (process.number, path.display());
                    let line =
                        format!("{path}: process {number} is stopped; its records are written once it goes on or ends");
                    report::tell_once(&format!("stopped {path}"), &line);
                }
                self.others.push(Other { path: path.to_owned(), process });
            }
            Look::Refused(reason) => {
                let path = path.display();
                report::tell_once(&format!("crash file {path}"), &format!("{path}: not recovered: {reason}"));
            }
            Look::Nothing => {}
        }
    }
}

fn finish(engine: &mut Engine, dead: &Dead, recovered: Recovered) {
    engine.end_recovery(recovered);
    dead.remove();
    let Recovered { written, skipped, lost, left_out } = recovered;
    if recovered == Recovered::default() {
        return;
    }
    let (path, process) = (dead.path.display(), dead.header.process.number);
    let these = if written == 1 { "1 record".to_owned() } else { format!("{written} records") };
    let mut line = format!("{path}: recovered {these} of process {process}");
    let torn = if skipped == 1 { "torn one" } else { "torn ones" };
    let others = [
        (skipped, "skipped", torn),
        (lost, "lost", "too large for the queue"),
        (left_out, "left out", "by level, filter, sample or limit"),
    ];
    for (count, verb, rest) in others.iter().filter(|(count, ..)| *count > 0) {
        let _ = write!(line, ", and {verb} {count} {rest}");
    }
    report::tell(&line);
}
