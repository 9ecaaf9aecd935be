//! Fuzzes the target `expressions`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logly::fuzzing::run("expressions", bytes));
