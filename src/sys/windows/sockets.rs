//! Sockets that have a path, which are refused.

use std::convert::Infallible;
use std::io;
use std::path::Path;
use std::time::Duration;

/// There is none.
pub struct LocalSocket(Infallible);

impl LocalSocket {
    /// Refuses.
    pub fn connect(_path: &Path, _patience: Duration) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub fn send(&self, _content: &[u8]) -> io::Result<usize> {
        match self.0 {}
    }
}
