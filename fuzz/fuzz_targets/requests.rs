//! Fuzzes the target `requests`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logly::fuzzing::run("requests", bytes));
