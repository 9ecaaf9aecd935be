//! Fuzzes the target `prepared`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logly::fuzzing::run("prepared", bytes));
