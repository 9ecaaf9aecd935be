//! Gives the targets the inputs that are kept.

use std::fs;
use std::path::Path;

use super::*;

fn corpus() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus"))
}

#[test]
fn kept_inputs_hold() {
    for (name, target) in TARGETS {
        let inputs = fs::read_dir(corpus().join(name)).expect("each target has a folder");
        let mut count = 0;
        for input in inputs {
            let path = input.expect("a file").path();
            target(&fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
            count += 1;
        }
        assert!(count > 0, "{name} has no inputs");
    }
}

#[test]
fn every_target_takes_an_empty_input() {
    for (_, target) in TARGETS {
        target(b"");
    }
}
