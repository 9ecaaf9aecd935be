//! The selection of an exception's frames for text and JSON, according to `FrameRules`.

use std::sync::Arc;

use crate::config::tracebacks::FrameRules;
use crate::python::exception::frames::Entry;

/// How many frames of the same place text shows in a row, as in `traceback`.
const MOST_REPEATED: usize = 3;

/// One item of a shown traceback.
#[derive(Clone)]
pub enum Shown<'e> {
    /// A frame, and its number in the traceback.
    Frame(&'e Arc<Entry>, usize),
    /// A number of frames of a suppressed library, and the library's name.
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

    /// The number of frames that this item stands for.
    fn count(&self) -> usize {
        match self {
            Self::Frame(..) => 1,
            Self::Suppressed(count, _) | Self::LeftOut(count) => *count,
        }
    }
}

/// Selects the frames. The last frame, which raised the exception, is always shown.
pub(super) fn pick<'e>(entries: &'e [Arc<Entry>], rules: &'e FrameRules) -> Vec<Shown<'e>> {
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

/// Leaves out the frames between the first and the last ones.
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

/// The number of frames that are not shown.
pub fn left_out(shown: &[Shown<'_>]) -> usize {
    shown.iter().filter(|item| !item.is_frame()).map(Shown::count).sum()
}

/// Passes the text to `piece` part by part, each with the number of its frame. Frames of the same place in a row are
/// passed at most three times.
pub(super) fn each_text(shown: &[Shown<'_>], mut piece: impl FnMut(&[u8], Option<usize>)) {
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
