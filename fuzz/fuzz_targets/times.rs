//! Fuzzes the target `times`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logly::fuzzing::run("times", bytes));
