//! Crash files whose process is gone, for tests: the header of a file names another process.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::crash::layout::{HEADER_BYTES, Header, JOURNAL, NOTES, TAIL, places};
use crate::crash::owner::Process;
use crate::sys::content::{read_exact_at, write_all_at};

/// The parts of a file that are used: the header, the counters, the journal, the notes and the ring.
pub const PARTS: [usize; 5] = [0, TAIL, JOURNAL, NOTES, places(0).ring];

/// Has the file's header name a process that never ran: in this run of the machine, or in an earlier one.
pub fn bury(path: &Path, is_of_this_boot: bool) -> io::Result<()> {
    let file = File::options().read(true).write(true).open(path)?;
    let mut page = [0; HEADER_BYTES];
    read_exact_at(&file, &mut page, 0)?;
    let header = Header::decode(&page).map_err(|why| io::Error::other(format!("{why:?}")))?;
    let process = Process::gone(is_of_this_boot);
    write_all_at(&file, &Header { process, ..header }.encode(), 0)
}
