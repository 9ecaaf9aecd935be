//! A socket for datagrams, by UDP or to a Unix socket. It sends many at a time without the interpreter lock.

use std::io;
use std::net::{ToSocketAddrs, UdpSocket};
use std::path::Path;
use std::time::Duration;

use pyo3::prelude::*;

use crate::export::frames::datagram;
use crate::process::exit_barrier;
use crate::python::py::trampoline::watch_at_drop;
use crate::sys::sockets::LocalSocket;

/// The longest wait for a receiver that does not read. Python then decides whether to go on.
const PATIENCE: Duration = Duration::from_millis(100);

enum Socket {
    Udp(UdpSocket),
    Local(LocalSocket),
}

#[pyclass(frozen, name = "_DatagramSocket", module = "logly._logly")]
pub struct DatagramSocket(Socket);

watch_at_drop!(DatagramSocket);

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl DatagramSocket {
    /// Connects to a host and port, or to a Unix socket if there is no port.
    #[new]
    #[pyo3(signature = (address, port=None, /))]
    fn new(py: Python<'_>, address: &str, port: Option<u16>) -> PyResult<Self> {
        let (connected, leaving) = py.detach(|| {
            let connected = match port {
                Some(port) => udp((address, port)),
                None => LocalSocket::connect(Path::new(address), PATIENCE).map(Socket::Local),
            };
            (connected, exit_barrier::leave())
        });
        drop(leaving);
        Ok(Self(connected?))
    }

    /// Sends the datagrams of gathered messages from `at` on. Returns the place of the first that was not sent, the number
    /// of those that were, and the number of the error that ended this, or None if all were sent.
    #[pyo3(signature = (frames, at, /))]
    fn send(&self, py: Python<'_>, frames: &[u8], at: usize) -> (usize, u64, Option<i32>) {
        let (sent, leaving) = py.detach(|| (self.send_all(frames, at), exit_barrier::leave()));
        drop(leaving);
        sent
    }
}

impl DatagramSocket {
    fn send_all(&self, frames: &[u8], mut at: usize) -> (usize, u64, Option<i32>) {
        let mut sent = 0;
        while let Some((content, next)) = datagram(frames, at) {
            match self.send_one(content) {
                Ok(_) => (at, sent) = (next, sent + 1),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return (at, sent, Some(error.raw_os_error().unwrap_or(0))),
            }
        }
        (at, sent, None)
    }

    fn send_one(&self, content: &[u8]) -> io::Result<usize> {
        match &self.0 {
            Socket::Udp(socket) => socket.send(content),
            Socket::Local(socket) => socket.send(content),
        }
    }
}

/// Connects to the first address of a host that can be connected to.
fn udp(place: (&str, u16)) -> io::Result<Socket> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in place.to_socket_addrs()? {
        let own = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let connected = UdpSocket::bind(own).and_then(|socket| {
            socket.connect(address)?;
            socket.set_write_timeout(Some(PATIENCE))?;
            Ok(socket)
        });
        match connected {
            Ok(socket) => return Ok(Socket::Udp(socket)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Adds the class above to the extension module.
pub fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<DatagramSocket>()
}
