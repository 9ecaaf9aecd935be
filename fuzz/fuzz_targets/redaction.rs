//! Fuzzes the target `redaction`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logly::fuzzing::run("redaction", bytes));
