//! The content of files: parts at an offset, and room on the disk.

use std::fs::File;
use std::io;
use std::os::windows::fs::FileExt;

/// Reads some bytes at an offset.
pub fn read_at(file: &File, out: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek_read(out, offset)
}

/// Fills `out` from an offset on.
pub fn read_exact_at(file: &File, mut out: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !out.is_empty() {
        let count = file.seek_read(out, offset)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        out = &mut out[count..];
        offset += count as u64;
    }
    Ok(())
}

/// Writes bytes at an offset.
pub fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let count = file.seek_write(bytes, offset)?;
        if count == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[count..];
        offset += count as u64;
    }
    Ok(())
}

/// Allocates all bytes of a file. Always false: the caller writes zeros.
pub fn allocate(_file: &File, _length: u64) -> io::Result<bool> {
    Ok(false)
}

/// Waits for a write of another process. The system cannot do this.
pub fn wait_for_write(_file: &File) {}
