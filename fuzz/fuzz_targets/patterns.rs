//! Fuzzes the target `patterns`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logly::fuzzing::run("patterns", bytes));
