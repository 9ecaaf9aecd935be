//! Fuzzes the target `documents`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logly::fuzzing::run("documents", bytes));
