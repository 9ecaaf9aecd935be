//! The frames of one exception that are shown, in text and JSON, as `FrameRules` say.

use std::sync::Arc;

use crate::config::tracebacks::FrameRules;
use crate::python::exception::frames::Entry;

/// Frames of one place in a row that are shown in text, as `traceback` has it.
const MOST_REPEATED: usize = 3;

/// What stands at one place of a traceback.
#[derive(Clone)]
pub enum Shown<'e> {
    /// A frame, and its number in the traceback.
    Frame(&'e Arc<Entry>, usize),
    /// Frames of a suppressed library.
    Suppressed(usize, &'e [u8]),
    LeftOut(usize),
}

impl<'e> Shown<'e> {
    pub fn entry(&self) -> Option<&'e Arc<Entry>> {
        match self {
            Self::Frame(entry, _) => Some(entry),
            Self::Suppressed(..) | Self::LeftOut(_) => None,
        }
    }

    fn is_frame(&self) -> bool {
        matches!(self, Self::Frame(..))
    }

    /// Frames that it stands for.
    fn count(&self) -> usize {
        match self {
            Self::Frame(..) => 1,
            Self::Suppressed(count, _) | Self::LeftOut(count) => *count,
        }
    }
}

/// Picks the frames. The last one, where it was raised, is always shown.
pub fn pick<'e>(entries: &'e [Arc<Entry>], rules: &'e FrameRules) -> Vec<Shown<'e>> {
    let mut shown: Vec<Shown<'e>> = Vec::with_capacity(entries.len());
    for (number, entry) in entries.iter().enumerate() {
        let is_last = number + 1 == entries.len();
        let library = rules.suppressing(&entry.module).filter(|_| !is_last);
        match (library, shown.last_mut()) {
            (Some(library), Some(Shown::Suppressed(count, known))) if library == *known => *count += 1,
            (Some(library), _) => shown.push(Shown::Suppressed(1, library)),
            (None, _) => shown.push(Shown::Frame(entry, number)),
        }
    }
    match rules.most {
        Some(most) => cut(shown, most),
        None => shown,
    }
}

/// Leaves out what lies between the first and the last frames.
fn cut(shown: Vec<Shown<'_>>, most: usize) -> Vec<Shown<'_>> {
    let frames: Vec<usize> = (0..shown.len()).filter(|at| shown[*at].is_frame()).collect();
    if frames.len() <= most {
        return shown;
    }
    let first = most / 2;
    let (start, end) = (frames[first], frames[frames.len() - (most - first)]);
    let left_out = shown[start..end].iter().map(Shown::count).sum();
    let mut kept = shown[..start].to_vec();
    kept.push(Shown::LeftOut(left_out));
    kept.extend_from_slice(&shown[end..]);
    kept
}

/// Frames that are not shown.
pub fn left_out(shown: &[Shown<'_>]) -> usize {
    shown.iter().filter(|item| !item.is_frame()).map(Shown::count).sum()
}

/// Gives the text piece by piece, each with the number of its frame: those of the same place in a row only thrice.
pub fn each_text(shown: &[Shown<'_>], mut piece: impl FnMut(&[u8], Option<usize>)) {
    for row in shown.chunk_by(is_repeated) {
        for item in row.iter().take(MOST_REPEATED) {
            match item {
                Shown::Frame(entry, number) => piece(&entry.text, Some(*number)),
                Shown::Suppressed(count, library) => piece(&note(*count, Some(library)), None),
                Shown::LeftOut(count) => piece(&note(*count, None), None),
            }
        }
        let more = row.len().saturating_sub(MOST_REPEATED);
        if more > 0 {
            let plural = if more > 1 { "s" } else { "" };
            piece(format!("  [Previous line repeated {more} more time{plural}]\n").as_bytes(), None);
        }
    }
}

fn is_repeated(one: &Shown<'_>, next: &Shown<'_>) -> bool {
    match (one, next) {
        (Shown::Frame(one, _), Shown::Frame(next, _)) => Arc::ptr_eq(one, next) || one.is_same(next),
        _ => false,
    }
}

/// `  ... 12 frames of sqlalchemy left out ...`
fn note(count: usize, library: Option<&[u8]>) -> Vec<u8> {
    let mut text = format!("  ... {count} frame{}", if count == 1 { "" } else { "s" }).into_bytes();
    if let Some(library) = library {
        text.extend_from_slice(b" of ");
        text.extend_from_slice(library);
    }
    text.extend_from_slice(b" left out ...\n");
    text
}
