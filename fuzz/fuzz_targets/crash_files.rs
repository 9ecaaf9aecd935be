//! Fuzzes the target `crash_files`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logly::fuzzing::run("crash_files", bytes));
