//! Decompresses zstd for Python, whose standard library supports it from 3.14 on.

use std::io::{self, BufReader, Read};

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::python::files::methods::Stream;
use crate::python::py::trampoline::watch_at_drop;

/// The most bytes that one call returns.
const MOST: usize = 1024 * 1024;

/// A reader of the decompressed content of an object with `read()`.
#[pyclass(name = "_ZstdReader", module = "logly._logly")]
pub struct ZstdReader {
    decoder: zstd::Decoder<'static, BufReader<Stream>>,
}

watch_at_drop!(ZstdReader);

#[pymethods]
#[pyo3(crate = "crate::python::py::trampoline::watched")]
impl ZstdReader {
    #[new]
    fn new(file: Py<PyAny>) -> PyResult<Self> {
        Ok(Self { decoder: zstd::Decoder::new(Stream::new(file)).map_err(raised)? })
    }

    /// The next bytes; empty at the end.
    fn read<'py>(&mut self, py: Python<'py>, size: usize) -> PyResult<Bound<'py, PyBytes>> {
        let mut piece = vec![0; size.min(MOST)];
        let count = loop {
            match self.decoder.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read.map_err(raised)?,
            }
        };
        Ok(PyBytes::new(py, &piece[..count]))
    }
}

/// The error that the object's own `read()` raised, or an `OSError`.
fn raised(error: io::Error) -> PyErr {
    error.downcast::<PyErr>().unwrap_or_else(PyErr::from)
}
