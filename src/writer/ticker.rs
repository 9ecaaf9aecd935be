//! The clock of files that are written synchronously: it checks each file once a second, so that a file is rotated in
//! time although no record comes.
//!
//! The process has one thread for this while there is such a file. It is not the archiver's thread, which may be busy
//! with one archive for minutes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::process::exiting;
use crate::process::per_process::PerProcess;
use crate::report;
use crate::sync::Mutex;

const SECOND: Duration = Duration::from_secs(1);

/// Checks once; false when no further check is needed.
pub type Tick = dyn Fn() -> bool + Send + Sync;

static TICKER: PerProcess<Ticker> = PerProcess::new();

#[derive(Default)]
struct Ticker {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    ticks: Vec<Arc<Tick>>,
    has_thread: bool,
}

/// Calls `tick` every second on a separate thread until it returns false. This applies to this process only: a forked
/// child registers its own.
pub fn register(tick: Arc<Tick>) {
    let ticker = TICKER.get();
    let mut state = ticker.state.lock();
    state.ticks.push(tick);
    if state.has_thread || exiting::is_exiting() {
        return;
    }
    match thread::Builder::new().name("logly-clock".to_owned()).spawn(move || run(ticker)) {
        Ok(_) => state.has_thread = true,
        Err(error) => report::tell_once(
            "no clock",
            &format!("no clock thread can be started ({error}); files are rotated when a record comes"),
        ),
    }
}

fn run(ticker: &Ticker) {
    while !exiting::is_exiting() {
        thread::sleep(SECOND);
        let ticks = ticker.state.lock().ticks.clone();
        let over: Vec<_> = ticks.into_iter().filter(|tick| !is_wanted(&**tick)).collect();
        let mut state = ticker.state.lock();
        state.ticks.retain(|tick| !over.iter().any(|gone| Arc::ptr_eq(gone, tick)));
        if state.ticks.is_empty() {
            state.has_thread = false;
            return;
        }
    }
}

fn is_wanted(tick: &Tick) -> bool {
    catch_unwind(AssertUnwindSafe(tick)).unwrap_or_else(|_| {
        report::tell_once("clock panic", "looking whether a file is due failed; this is a bug in logly");
        false
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn what_is_registered_is_called_until_it_says_no() {
        let (called, calls) = mpsc::channel();
        let count = AtomicU32::new(0);

        register(Arc::new(move || {
            let number = count.fetch_add(1, Ordering::Relaxed);
            called.send(number).is_ok() && number < 1
        }));

        assert_eq!(calls.iter().collect::<Vec<_>>(), [0, 1]);
    }
}
