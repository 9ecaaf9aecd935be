//! The models. Each runs in all orders of its threads with at most some preemptions.

mod flushes;
mod generations;
mod records;
mod rings;
mod wakes;

use logly_models::sync::once_box::begin_run;

/// Runs a model in every order with so many preemptions.
fn explore(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(move || {
        begin_run();
        model();
    });
}
