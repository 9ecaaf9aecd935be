//! Fuzzes the target `templates`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logly::fuzzing::run("templates", bytes));
