//! Which lines can be passed over, as no wanted entry is among them.

use memchr::{memchr, memchr_iter, memrchr};

use crate::view::cutting::{Start, start_of};
use crate::view::needles::Needles;
use crate::view::times::Times;

/// The start of the first entry that has one of the texts. `before` is how the entry before the lines begins.
pub(super) fn first_candidate(lines: &[u8], needles: &Needles, before: Start, times: &mut Times) -> Option<usize> {
    let mut at = 0;
    loop {
        let hit = at + needles.find(&lines[at..])?;
        let line = memrchr(b'\n', &lines[..hit]).map_or(0, |at| at + 1);
        if start_of(&lines[line..], times) != Start::Other {
            return Some(line);
        }
        match last_start(&lines[..line], times).map_or((0, before), |found| found) {
            (start, Start::Indented) => return Some(start),
            // The line is a part of an entry whose first line does not have the text.
            (_, Start::Text) => at = line_end(lines, hit),
            (_, Start::Object | Start::Other) => return Some(line),
        }
    }
}

/// The last line of some whole lines with which an entry begins.
pub(super) fn last_start(lines: &[u8], times: &mut Times) -> Option<(usize, Start)> {
    let mut end = lines.len();
    while end > 0 {
        let start = memrchr(b'\n', &lines[..end - 1]).map_or(0, |at| at + 1);
        let kind = start_of(&lines[start..end], times);
        if kind != Start::Other {
            return Some((start, kind));
        }
        end = start;
    }
    None
}

fn line_end(lines: &[u8], from: usize) -> usize {
    memchr(b'\n', &lines[from..]).map_or(lines.len(), |end| from + end + 1)
}

pub(super) fn count_lines(text: &[u8]) -> u64 {
    let is_open = text.last().is_some_and(|last| *last != b'\n');
    memchr_iter(b'\n', text).count() as u64 + u64::from(is_open)
}

pub(super) fn without_break(lines: &[u8]) -> &[u8] {
    let lines = lines.strip_suffix(b"\n").unwrap_or(lines);
    lines.strip_suffix(b"\r").unwrap_or(lines)
}
