//! Fuzzes the target `escaping`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logly::fuzzing::run("escaping", bytes));
