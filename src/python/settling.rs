//! Waiting until sinks have what was logged, and taking them away then.
//!
//! All waits are without the GIL, with a look for Ctrl-C now and then.

use std::sync::Arc;
use std::time::Instant;

use pyo3::prelude::*;

use crate::backend::parking;
use crate::backend::pipeline::Flushed;
use crate::backend::snapshot::{Sink, Target};
use crate::python::callbacks;
use crate::python::lane;
use crate::python::logger::PyLogger;
use crate::python::py_sink::{self, PySink};
use crate::python::receiver;
use crate::python::waiting::{LONGEST_CLOSE, is_over, next_look};

impl PyLogger {
    /// Waits until sinks took everything accepted before; false when they did not, or not by the deadline.
    pub fn flush(&self, py: Python<'_>, deadline: Option<Instant>) -> PyResult<bool> {
        let _within = parking::enter();
        let mut all = self.wait_for_files(py, deadline)?;
        for active in self.core().sinks() {
            all &= lane::wait_for(py, &active.sink, deadline)?;
        }
        Ok(all)
    }

    /// As `flush`, for sinks that have no lane.
    pub fn wait_for_files(&self, py: Python<'_>, deadline: Option<Instant>) -> PyResult<bool> {
        if receiver::is_inside(py) {
            return Ok(false);
        }
        let mut all = self.wait_for_streams(py, deadline)?;
        for pipeline in self.core().pipelines() {
            let ticket = pipeline.request_flush();
            all &= loop {
                match py.detach(|| pipeline.wait_flush(ticket, next_look(deadline))) {
                    Flushed::Done(is_done) => break is_done,
                    Flushed::Busy if is_over(deadline) => break false,
                    Flushed::Busy => py.check_signals()?,
                }
            };
        }
        Ok(all)
    }

    /// Waits for lines that callers left to other threads because their Python sink was too slow.
    fn wait_for_streams(&self, py: Python<'_>, deadline: Option<Instant>) -> PyResult<bool> {
        let mut all = true;
        for active in self.core().sinks() {
            let Target::Python(target) = &active.sink.target else { continue };
            let Some(target) = target.downcast_ref::<PySink>() else { continue };
            let ticket = target.left_behind();
            all &= loop {
                match target.is_written(py, ticket, next_look(deadline)) {
                    true => break true,
                    false if is_over(deadline) => break false,
                    false => py.check_signals()?,
                }
            };
        }
        Ok(all)
    }

    /// Takes sinks away after they wrote what they had.
    pub fn remove_where(&self, py: Python<'_>, is_gone: impl Fn(&Sink) -> bool) -> PyResult<usize> {
        let gone = self.core().remove(is_gone)?;
        self.close(py, &gone)?;
        Ok(gone.len())
    }

    /// Has what was taken away write what it has; what is only hidden stays open.
    pub fn close(&self, py: Python<'_>, gone: &[Arc<Sink>]) -> PyResult<()> {
        let deadline = Instant::now() + LONGEST_CLOSE;
        for sink in gone.iter().filter(|sink| !self.core().is_held(sink)) {
            py_sink::close_removed(py, sink, deadline)?;
        }
        if !gone.is_empty() {
            let flushed = self.wait_for_files(py, Some(deadline));
            self.core().end_unused();
            flushed?;
            callbacks::finish(py, self.core(), gone, deadline)?;
        }
        Ok(())
    }
}
