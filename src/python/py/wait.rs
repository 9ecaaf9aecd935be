//! Waits of calls that wait for the core: steps without the interpreter lock, with a check for Ctrl-C between them.
//!
//! If greenlets take turns in the thread that waits, the steps are short, and the others run between them: the wait may
//! depend on them alone. A callback on a thread of its own may wait for one of them.

use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::python::py::imports::imported;
use crate::python::py::interpreter::Kept;
use crate::python::py::role::{ROLE, Role};
use crate::python::py::strand;

/// The length of a step, after which Ctrl-C is checked.
const SIGNAL_TICK: Duration = Duration::from_millis(50);

/// The length of a step while other greenlets wait for their turn.
const COOPERATIVE_TICK: Duration = Duration::from_micros(200);

/// The seconds that other greenlets then get, unless one of them takes longer.
const TURN: f64 = 0.001;

/// How long removed sinks and callbacks get for the records that they still have.
pub const LONGEST_CLOSE: Duration = Duration::from_secs(5);

static PAUSE_OF_HUB: Kept<Py<PyAny>> = Kept::new();

/// The work of a waiting thread between two steps.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// Checks for Ctrl-C, and lets other greenlets of the thread run.
    SignalsAndGreenlets,
    /// Lets other greenlets run. The wait is short, and its line must not be left halfway.
    Greenlets,
    /// Checks for Ctrl-C. The wait does not depend on other greenlets, and their turns would make it longer.
    Signals,
}

/// A wait that goes on until its event has come, or until its deadline.
pub struct Wait<'py> {
    py: Python<'py>,
    deadline: Option<Instant>,
    checks_signals: bool,
    /// The function that lets other greenlets of this thread run, if there are any.
    pause_of_hub: Option<Bound<'py, PyAny>>,
}

/// Waits until a step returns a value; None if the deadline passed first. Without a deadline, the wait lasts as long as
/// it takes.
///
/// A step releases the interpreter lock, and ends at `Wait::until`. The error is for the caller.
pub fn wait_in_steps<T>(
    py: Python<'_>,
    deadline: Option<Instant>,
    pause: Pause,
    mut step: impl FnMut(&Wait<'_>) -> Option<T>,
) -> PyResult<Option<T>> {
    let pause_of_hub = if pause == Pause::Signals { None } else { pause_of_hub(py) };
    let wait = Wait { py, deadline, checks_signals: pause != Pause::Greenlets, pause_of_hub };
    loop {
        if let Some(result) = step(&wait) {
            return Ok(Some(result));
        }
        if wait.is_over() {
            return Ok(None);
        }
        wait.pause()?;
    }
}

impl Wait<'_> {
    /// When this step ends.
    pub fn until(&self) -> Instant {
        let tick = Instant::now() + if self.is_cooperative() { COOPERATIVE_TICK } else { SIGNAL_TICK };
        self.deadline.map_or(tick, |deadline| deadline.min(tick))
    }

    /// Whether the deadline has passed.
    pub fn is_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Whether other greenlets of this thread run between the steps.
    pub fn is_cooperative(&self) -> bool {
        self.pause_of_hub.is_some()
    }

    fn pause(&self) -> PyResult<()> {
        if self.checks_signals {
            self.py.check_signals()?;
        }
        match &self.pause_of_hub {
            Some(pause) => pause.call1((TURN,)).map(drop),
            None => Ok(()),
        }
    }
}

/// Finds the function that lets other greenlets run. None also on logly's own threads, which have no callers.
fn pause_of_hub(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    if ROLE.get() != Role::Caller || !strand::are_greenlets_loaded(py) {
        return None;
    }
    // Without this function, the wait is the same as in any program.
    let pause =
        imported(py, &PAUSE_OF_HUB, "logly._lanes.threads", "pause_of_hub").and_then(PyAnyMethods::call0).ok()?;
    Some(pause).filter(|pause| !pause.is_none())
}
