//! The models. Each runs in all orders of its threads with at most some preemptions.

mod flushes;
mod generations;
mod records;
mod rings;
mod wakes;

use std::sync::{Mutex, PoisonError};

use logly_models::sync::once_box::begin_run;

/// Held by the model that runs, since models share the values of a process.
static ALONE: Mutex<()> = Mutex::new(());

/// Runs a model in every order with so many preemptions.
fn explore(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(move || {
        begin_run();
        model();
    });
}
