//! Tests of the values that a change of a logger derives again, and of the pipelines that get a change.

use super::*;
use crate::config::queue::{DEFAULT_BYTES, QueueOptions};
use crate::disk::scratch::{Scratch, file_options, series};
use crate::lane::queue::Last;
use crate::writer::python_sink::PythonSink;
use crate::writer::snapshot::{FileTarget, Target};

/// A sink that writes nothing.
struct Silent;

impl PythonSink for Silent {
    fn last(&self) -> Last {
        Last::Dropped
    }

    fn is_ordered(&self) -> bool {
        false
    }
}

fn sink(id: u32) -> Sink {
    Sink::new(id, SinkOptions::default(), Target::python(Silent))
}

fn add(core: &Core) -> u32 {
    core.add(sink).expect("added")
}

/// Whether a change derived the values of the first sink again.
fn is_made_anew(core: &Core, change: impl FnOnce(&Core)) -> bool {
    let before = core.snapshot();
    change(core);
    !Arc::ptr_eq(&before.sinks[0].layout, &core.snapshot().sinks[0].layout)
}

#[test]
fn what_holds_for_a_sink_stays_while_others_come_change_and_go() {
    let core = Core::new();
    add(&core);

    assert!(!is_made_anew(&core, |core| assert_eq!(add(core), 1)));
    assert!(!is_made_anew(&core, |core| drop(core.set_sink_level(1, 30))));
    assert!(!is_made_anew(&core, |core| drop(core.set_sink_enabled(1, false))));
    assert!(!is_made_anew(&core, |core| drop(core.add_callback(|_| false, sink))));
    assert!(!is_made_anew(&core, |core| drop(core.remove(|sink| sink.id == 1))));
    assert!(!is_made_anew(&core, |core| drop(core.set_enabled(false))));
}

#[test]
fn what_holds_for_a_sink_is_made_anew_when_something_of_it_changes() {
    let core = Core::new();
    add(&core);

    assert!(is_made_anew(&core, |core| drop(core.set_sink_level(0, 30))));
    assert!(is_made_anew(&core, |core| drop(core.set_sink_enabled(0, false))));
    assert!(is_made_anew(&core, |core| drop(core.configure(|_| Ok(())))));
    assert!(is_made_anew(&core, |core| drop(core.reset())));
}

#[test]
fn sinks_that_wait_take_over_in_one_step() {
    let core = Core::new();
    add(&core);
    let waiting = SinkOptions { is_waiting: true, ..SinkOptions::default() };
    let new = core.add(|id| Sink { options: waiting, ..sink(id) }).expect("added");
    let shown = |core: &Core| core.sinks().iter().map(|active| (active.sink.id, active.is_enabled)).collect::<Vec<_>>();
    assert_eq!(shown(&core), [(0, true), (new, false)]);

    let gone = core.exchange(&[new], |sink| sink.id == 0).expect("exchanged");

    assert_eq!(gone.len(), 1);
    assert_eq!(shown(&core), [(new, true)]);
}

#[test]
fn what_was_made_by_refused_settings_never_holds() {
    let core = Core::new();
    add(&core);
    let set_format = |format: &str| {
        let format = Some(format.to_owned());
        core.configure(|settings| {
            settings.format = format;
            Ok(())
        })
    };

    // The first sink takes it, the second one refuses it.
    let unfit = SinkOptions { format: Some("{message:q}".to_owned()), ..SinkOptions::default() };
    let refused = core.add(|id| Sink { options: unfit, ..sink(id) });
    set_format("{message} first").expect("allowed");
    let is_allowed = set_format("{message:q}").is_ok();
    let layout = Arc::clone(&core.snapshot().sinks[0].layout);
    set_format("{message} second").expect("allowed");

    assert!(refused.is_err() && !is_allowed);
    assert!(!Arc::ptr_eq(&layout, &core.snapshot().sinks[0].layout));
    assert_eq!(core.snapshot().sinks.len(), 1);
}

/// Adds a file with a queue of its own.
fn add_file(core: &Core, folder: &Scratch, bytes: usize) -> SinkOptions {
    let queue = QueueOptions { bytes, ..QueueOptions::default() };
    let options = SinkOptions { is_async: true, queue, ..SinkOptions::default() };
    let file = FileTarget { options: file_options(folder, "app.log"), series: series(folder, "app.log", |_| {}) };
    core.add(|id| Sink::new(id, options.clone(), Target::File(Box::new(file)))).expect("added");
    options
}

/// Each queue's pipeline, and the sinks that it has.
fn told(core: &Core, options: &[SinkOptions]) -> Vec<Vec<(u32, i32)>> {
    let latest = options.iter().map(|options| core.pipeline_of(options).map(|pipeline| pipeline.latest()));
    let sinks = latest.map(|snapshot| snapshot.map_or_else(Vec::new, |snapshot| snapshot.sinks.clone()));
    sinks.map(|sinks| sinks.iter().map(|active| (active.sink.id, active.level)).collect()).collect()
}

#[test]
fn pipelines_follow_each_kind_of_change_whatever_else_is_there() {
    let (core, folder) = (Core::new(), Scratch::new());
    let options: Vec<_> =
        [1, 2, 3, 1].iter().map(|times| add_file(&core, &folder, times * DEFAULT_BYTES / 8)).collect();
    let first = told(&core, &options);

    core.set_sink_level(1, 40).expect("changed");
    let level = told(&core, &options);
    core.remove(|sink| sink.id == 0).expect("allowed");
    let shared = told(&core, &options);
    core.remove(|sink| sink.id == 1).expect("allowed");
    let gone = told(&core, &options);
    let routes = core.routes().iter().count();
    core.configure(|settings| {
        settings.level = 30;
        Ok(())
    })
    .expect("allowed");
    let configured = told(&core, &options);

    assert_eq!(first, [vec![(0, 20), (3, 20)], vec![(1, 20)], vec![(2, 20)], vec![(0, 20), (3, 20)]]);
    assert_eq!(level, [vec![(0, 20), (3, 20)], vec![(1, 40)], vec![(2, 20)], vec![(0, 20), (3, 20)]]);
    assert_eq!(shared, [vec![(3, 20)], vec![(1, 40)], vec![(2, 20)], vec![(3, 20)]]);
    assert_eq!(gone, [vec![(3, 20)], vec![], vec![(2, 20)], vec![(3, 20)]]);
    assert_eq!(configured, [vec![(3, 30)], vec![], vec![(2, 30)], vec![(3, 30)]]);
    assert_eq!(routes, 2);
}

#[test]
fn a_queue_takes_records_while_a_sink_of_it_is_enabled() {
    let (core, folder) = (Core::new(), Scratch::new());
    for times in [1, 2] {
        add_file(&core, &folder, times * DEFAULT_BYTES / 8);
    }
    let taking = || core.routes().iter().filter(|route| route.for_records(|| core.snapshot()).is_some()).count();

    let first = taking();
    core.set_sink_enabled(0, false).expect("changed");
    let disabled = taking();
    core.set_sink_enabled(0, true).expect("changed");

    assert_eq!((first, disabled, taking()), (2, 1, 2));
}

#[test]
fn a_change_is_left_with_the_pipelines_of_its_sinks_alone() {
    let (core, folder) = (Core::new(), Scratch::new());
    let options = [1, 2].map(|times| add_file(&core, &folder, times * DEFAULT_BYTES / 8));
    let pipelines = options.map(|options| core.pipeline_of(&options).expect("there"));
    let before = pipelines.each_ref().map(|pipeline| pipeline.latest());

    add_file(&core, &folder, DEFAULT_BYTES / 2);
    core.set_sink_level(1, 40).expect("changed");
    let after = pipelines.each_ref().map(|pipeline| pipeline.latest());

    assert!(Arc::ptr_eq(&before[0], &after[0]));
    let levels = after.map(|snapshot| snapshot.sinks.iter().map(|active| active.level).collect::<Vec<_>>());
    assert_eq!(levels, [[20], [40]]);
}
