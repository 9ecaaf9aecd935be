//! Fuzzes the target `quantities`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logly::fuzzing::run("quantities", bytes));
