//! Fuzzes the target `markup`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logly::fuzzing::run("markup", bytes));
