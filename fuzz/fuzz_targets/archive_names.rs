//! Fuzzes the target `archive_names`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logly::fuzzing::run("archive_names", bytes));
