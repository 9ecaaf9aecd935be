//! Fuzzes the target `queue`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logly::fuzzing::run("queue", bytes));
