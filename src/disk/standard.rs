//! Duplicates of the standard streams' descriptors, and writes to them.
//!
//! A duplicate shares the offset and the flags of its original, which other processes may share too. Neither is
//! changed here. The flag `O_NONBLOCK` may therefore be set, and a write may find no room.

use std::fs::File;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::config::standard::{Standard, StandardStream};
use crate::disk::identity::Identity;
use crate::sys::descriptors::{apart, duplicate_error, duplicate_output, wait_for_room};
use crate::sys::metadata;

/// How long a write waits for a reader that takes nothing. The end of a process waits as long for a write that blocks.
const PATIENCE: Duration = Duration::from_secs(5);

/// The pause before a write to a stream that has room, but took nothing.
const PAUSE: Duration = Duration::from_millis(1);

/// Duplicates the descriptor of a standard stream.
pub fn duplicate(standard: Standard) -> io::Result<File> {
    let own = match standard {
        Standard::Output => duplicate_output(),
        Standard::Error => duplicate_error(),
    };
    apart(own?)
}

/// Duplicates the descriptor again, if it still leads to the same file. A program that closed its streams may have
/// another file there by now.
pub fn duplicate_again(stream: &StandardStream) -> io::Result<File> {
    let file = duplicate(stream.standard)?;
    if Identity::of(&metadata::of(&file)?).parts() == stream.file() {
        return Ok(file);
    }
    let descriptor = stream.standard.descriptor();
    Err(io::Error::other(format!("descriptor {descriptor} is another file now, which reopen() accepts")))
}

/// Writes all bytes, or as many as the reader takes. A line is thus whole before another sink writes to the same place.
pub fn write(file: &File, bytes: &[u8]) -> io::Result<usize> {
    write_within(PATIENCE, file, bytes)
}

fn write_within(patience: Duration, mut file: &File, bytes: &[u8]) -> io::Result<usize> {
    let mut count = 0;
    let mut until = None;
    while count < bytes.len() {
        match file.write(&bytes[count..]) {
            Ok(written) if written > 0 => {
                count += written;
                until = None;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && has_waited(file, patience, &mut until) => {}
            _ if count > 0 => break,
            Ok(_) => return Err(io::ErrorKind::WriteZero.into()),
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

/// Waits until the stream has room, or until `until`. Returns false after that. The first wait is without a pause.
fn has_waited(file: &File, patience: Duration, until: &mut Option<Instant>) -> bool {
    let now = Instant::now();
    if until.is_some() {
        std::thread::sleep(PAUSE);
    }
    let left = until.get_or_insert(now + patience).saturating_duration_since(now);
    !left.is_zero() && wait_for_room(file, left)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use crate::sys::descriptors::pipe_without_blocking;

    use super::*;

    #[test]
    fn a_write_waits_for_a_reader_of_a_stream_that_does_not_block() {
        let (mut reader, writer) = pipe_without_blocking();
        let bytes = vec![b'x'; 300_000];

        let reading = std::thread::spawn(move || {
            let mut all = Vec::new();
            reader.read_to_end(&mut all).map(|_| all.len())
        });
        let count = write(&writer, &bytes).expect("written");
        drop(writer);

        assert_eq!(count, bytes.len());
        assert_eq!(reading.join().expect("joined").expect("read"), bytes.len());
    }

    #[test]
    fn a_write_gives_up_a_reader_that_takes_nothing() {
        let (_reader, writer) = pipe_without_blocking();

        let taken = write_within(PAUSE, &writer, &vec![b'x'; 300_000]).expect("some");
        let refused = write_within(PAUSE, &writer, b"x").expect_err("full");

        assert_eq!(taken, 65536);
        assert_eq!(refused.kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn a_descriptor_that_leads_elsewhere_is_refused() {
        let file = duplicate(Standard::Error).expect("there");
        let own = Identity::of(&metadata::of(&file).expect("known")).parts();
        let stream = StandardStream::new(Standard::Error, own, false, false);

        assert!(duplicate_again(&stream).is_ok());
        stream.follow((own.0, own.1 + 1));
        assert!(duplicate_again(&stream).is_err());
    }
}
