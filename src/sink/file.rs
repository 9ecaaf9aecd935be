//! A file that lines are appended to.
//!
//! Opened with `O_APPEND`, never on descriptors 0 to 2, never inherited by other programs. Lines are gathered and written whole,
//! up to 64 KiB a call. What could not be written stays, goes first next time, and is dropped only beyond a bound.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::config::sink::{Encoding, FileMode, FileOptions};
use crate::error::{Error, Result};
use crate::report::Trouble;

/// Bytes gathered before they are written.
const WRITE_SIZE: usize = 64 * 1024;

/// Bytes kept for a file that cannot be written.
const MOST_PENDING: usize = 8 * 1024 * 1024;

/// Looks at a file that seems torn, and the time between them.
const TORN_LOOKS: u32 = 3;
const TORN_PAUSE: Duration = Duration::from_millis(3);

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// An open file, its unwritten lines, and its troubles.
pub struct FileWriter {
    options: FileOptions,
    file: Option<File>,
    /// Whole lines, less what a short write took of the first.
    pending: Vec<u8>,
    /// The length of each pending line, for the counts.
    lines: VecDeque<u32>,
    /// Bytes of the first pending line that are in the file already.
    taken: usize,
    pause: Option<(Instant, Duration)>,
    trouble: Trouble,
    pub counts: Counts,
}

/// What became of the lines given since the counts were taken last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub written: u64,
    pub dropped: u64,
}

impl FileWriter {
    /// Opens the file as `add()` does: an unopenable path is an error that names it.
    pub fn open(options: FileOptions) -> Result<Self> {
        let mut writer = Self::closed(options);
        if writer.options.is_delayed {
            return Ok(writer);
        }
        let file = open_file(&writer.options, writer.options.mode)
            .map_err(|error| Error::file(&writer.options.path, error))?;
        writer.adopt(file);
        Ok(writer)
    }

    /// A writer for a file that was open before: after a capture, or in a forked child. It opens at its first line and appends.
    pub fn reopened(options: FileOptions) -> Self {
        Self::closed(FileOptions { mode: FileMode::Append, ..options })
    }

    fn closed(options: FileOptions) -> Self {
        Self {
            options,
            file: None,
            pending: Vec::new(),
            lines: VecDeque::new(),
            taken: 0,
            pause: None,
            trouble: Trouble::default(),
            counts: Counts::default(),
        }
    }

    pub fn path(&self) -> &Path {
        &self.options.path
    }

    fn adopt(&mut self, file: File) {
        self.file = Some(file);
        // Later openings continue the file, whatever the first one did.
        self.options.mode = FileMode::Append;
    }

    /// Where the next line is to be appended; call `end_line` behind it.
    #[inline]
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.pending
    }

    /// Ends the line that began at `mark` of the buffer.
    #[inline]
    pub fn end_line(&mut self, mark: usize) {
        if self.options.encoding != Encoding::Utf8 {
            encode(&mut self.pending, mark, self.options.encoding);
        }
        self.lines.push_back((self.pending.len() - mark) as u32);
        if self.pending.len() >= WRITE_SIZE {
            self.flush(false);
        }
    }

    /// Whether lines wait to be written.
    pub fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Writes what is gathered; true when nothing is left. `is_urgent` tries even within a pause after a failure.
    pub fn flush(&mut self, is_urgent: bool) -> bool {
        if self.pending.is_empty() {
            return true;
        }
        let is_paused = self.pause.is_some_and(|(until, _)| Instant::now() < until);
        if is_paused && !is_urgent {
            self.shed();
            return false;
        }
        match self.write_pending() {
            Ok(()) => self.succeed(),
            Err(error) => self.fail(&error),
        }
        self.pending.is_empty()
    }

    fn write_pending(&mut self) -> io::Result<()> {
        if self.file.is_none() {
            let file = open_file(&self.options, self.options.mode)?;
            self.adopt(file);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut done = 0;
        let result = loop {
            if done == self.pending.len() {
                break Ok(());
            }
            let end = whole_lines(&self.lines, self.taken, done, self.pending.len());
            match file.write(&self.pending[done..end]) {
                Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        self.forget(done);
        result
    }

    /// Takes `done` bytes off the front and counts the lines they finish.
    fn forget(&mut self, done: usize) {
        self.pending.drain(..done);
        self.taken += done;
        while let Some(&length) = self.lines.front()
            && self.taken >= length as usize
        {
            self.taken -= length as usize;
            self.lines.pop_front();
            self.counts.written += 1;
        }
    }

    fn succeed(&mut self) {
        if self.pause.take().is_some() {
            let path = self.options.path.display().to_string();
            self.trouble.recovered(|| format!("{path}: writing"));
        }
        // A burst must not keep its memory for ever.
        if self.pending.capacity() > 4 * WRITE_SIZE {
            self.pending.shrink_to(2 * WRITE_SIZE);
        }
    }

    fn fail(&mut self, error: &io::Error) {
        let path = &self.options.path;
        self.trouble.failed(|| format!("{}: cannot write: {error}; lines are kept and tried again", path.display()));
        let pause = self.pause.map_or(FIRST_PAUSE, |(_, pause)| (pause * 2).min(LONGEST_PAUSE));
        self.pause = Some((Instant::now() + pause, pause));
        self.shed();
    }

    /// Drops the newest lines beyond the bound; the oldest are next to be written.
    fn shed(&mut self) {
        while self.pending.len() > MOST_PENDING
            && let Some(length) = self.lines.pop_back()
        {
            self.pending.truncate(self.pending.len() - length as usize);
            self.counts.dropped += 1;
        }
    }

    /// Gives up what is pending; for the end of the process.
    pub fn abandon(&mut self) -> u64 {
        let lines = self.lines.len() as u64;
        self.pending.clear();
        self.lines.clear();
        self.counts.dropped += lines;
        lines
    }
}

/// The end of the last whole line within one write of the bytes from `done`.
fn whole_lines(lines: &VecDeque<u32>, taken: usize, done: usize, length: usize) -> usize {
    if length - done <= WRITE_SIZE {
        return length;
    }
    let mut end = 0;
    for (index, line) in lines.iter().enumerate() {
        let line = *line as usize - if index == 0 { taken } else { 0 };
        if end > done && end + line - done > WRITE_SIZE {
            break;
        }
        end += line;
    }
    end.max(done + 1)
}

/// Opens, with its parents made; descriptors 0 to 2 are left alone; a torn last line is ended first.
fn open_file(options: &FileOptions, mode: FileMode) -> io::Result<File> {
    if let Some(parent) = options.path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent)?;
    }
    let mut how = OpenOptions::new();
    how.append(true).create(true).read(true);
    match mode {
        FileMode::Append | FileMode::Write => {}
        FileMode::Exclusive => {
            how.create_new(true);
        }
    }
    how.mode(options.permissions.unwrap_or(0o666));
    // Reading is for the torn line alone: a file we may only write is fine, and so is a FIFO.
    let file = how.open(&options.path).or_else(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => how.read(false).open(&options.path),
        _ => Err(error),
    })?;
    let mut file = off_standard(file)?;
    // A device or a FIFO has nothing to empty.
    if mode == FileMode::Write && file.metadata()?.is_file() {
        file.set_len(0)?;
    }
    end_torn_line(&mut file)?;
    Ok(file)
}

/// Moves a file off descriptors 0 to 2: with those closed a log would take their place, and their output.
fn off_standard(file: File) -> io::Result<File> {
    if file.as_raw_fd() > 2 {
        return Ok(file);
    }
    let moved: OwnedFd = rustix::io::fcntl_dupfd_cloexec(&file, 3)?;
    Ok(moved.into())
}

/// A line torn by a crash is ended before anything is appended.
///
/// A file that another process is writing to can look torn for a moment, since a write becomes visible page by page; so only one
/// that stays as it is counts.
fn end_torn_line(file: &mut File) -> io::Result<()> {
    let mut torn = torn_at(file)?;
    for _ in 0..TORN_LOOKS {
        let Some(length) = torn else { return Ok(()) };
        std::thread::sleep(TORN_PAUSE);
        torn = torn_at(file)?.filter(|now| *now == length);
    }
    if torn.is_some() {
        file.write_all(b"\n")?;
    }
    Ok(())
}

/// The length of a file whose last line is not ended.
fn torn_at(file: &mut File) -> io::Result<Option<u64>> {
    let found = file.metadata()?;
    if !found.is_file() || found.len() == 0 || file.seek(SeekFrom::Start(found.len() - 1)).is_err() {
        return Ok(None);
    }
    let mut last = [b'\n'];
    let is_torn = file.read(&mut last).is_ok() && last[0] != b'\n';
    Ok(is_torn.then_some(found.len()))
}

/// Re-encodes the UTF-8 from `mark` on; what does not fit becomes an escape as Python's `backslashreplace` writes it.
fn encode(out: &mut Vec<u8>, mark: usize, encoding: Encoding) {
    let text = String::from_utf8_lossy(&out[mark..]).into_owned();
    out.truncate(mark);
    for character in text.chars() {
        let code = u32::from(character);
        match (encoding, code) {
            (_, 0..=0x7f) | (Encoding::Latin1, 0x80..=0xff) => out.push(code as u8),
            (_, 0x80..=0xff) => out.extend_from_slice(format!("\\x{code:02x}").as_bytes()),
            (_, 0x100..=0xffff) => out.extend_from_slice(format!("\\u{code:04x}").as_bytes()),
            _ => out.extend_from_slice(format!("\\U{code:08x}").as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_encodings_escape_what_does_not_fit() {
        let encoded = |encoding| {
            let mut out = "x é € 😀".as_bytes().to_vec();
            encode(&mut out, 2, encoding);
            out
        };

        assert_eq!(encoded(Encoding::Ascii), br"x \xe9 \u20ac \U0001f600");
        assert_eq!(encoded(Encoding::Latin1), b"x \xe9 \\u20ac \\U0001f600");
    }
}
