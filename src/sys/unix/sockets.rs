//! Sockets that have a path.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

/// A socket for datagrams to a path.
pub struct LocalSocket(UnixDatagram);

impl LocalSocket {
    /// Connects to the socket at a path. A send waits for up to `patience`.
    pub fn connect(path: &Path, patience: Duration) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.connect(path)?;
        socket.set_write_timeout(Some(patience))?;
        Ok(Self(socket))
    }

    pub fn send(&self, content: &[u8]) -> io::Result<usize> {
        self.0.send(content)
    }
}
