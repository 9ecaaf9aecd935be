//! Values of a process: threads that need one at the same time get the same, and a child never gets its parent's.

use loom::thread;

use crate::explore;
use logly_models::process::fork;
use logly_models::process::per_process::PerProcess;

static KEPT: PerProcess<u32> = PerProcess::new();

/// The address of a value of this process.
fn own(number: u32) -> (usize, u32) {
    let value = KEPT.get_or_make(|parent| parent.map_or(number, |parent| parent + 10 * number));
    (std::ptr::from_ref(value).addr(), **value)
}

#[test]
fn threads_get_one_value() {
    explore(3, || {
        let other = thread::spawn(|| own(1));
        let first = own(2);
        assert_eq!(other.join().expect("no panic"), first);
        assert_eq!(KEPT.existing().map(|value| **value), Some(first.1));
    });
}

#[test]
fn threads_of_a_child_get_one_value_and_never_that_of_the_parent() {
    explore(3, || {
        let parent = own(1);
        fork::next();
        assert!(KEPT.existing().is_none());
        let other = thread::spawn(|| own(2));
        let early = KEPT.existing().map(|value| **value);
        let first = own(3);
        assert_eq!(other.join().expect("no panic"), first);
        assert_ne!(first.0, parent.0);
        assert!([21, 31].contains(&first.1) && [None, Some(21)].contains(&early));
    });
}
