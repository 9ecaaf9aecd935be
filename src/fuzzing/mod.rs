//! The targets of the fuzzers: functions that take any bytes, and check properties.
//!
//! `make fuzz` gives them the inputs of a fuzzer. `cargo test` gives them the inputs that are kept in `fuzz/corpus`.
//! Read `input` first (numbers and texts from bytes), then `sample` (records), then the targets.

mod input;
mod sample;

mod archive_names;
mod crash_files;
mod documents;
mod escaping;
mod expressions;
mod markup;
mod messages;
mod patterns;
mod prepared;
mod quantities;
mod queue;
mod records;
mod redaction;
mod requests;
mod templates;
mod times;

/// A target: its name and its function.
pub type Target = (&'static str, fn(&[u8]));

/// All targets. Each has a folder of its name in `fuzz/corpus`.
pub const TARGETS: [Target; 16] = [
    ("archive_names", archive_names::run),
    ("crash_files", crash_files::run),
    ("documents", documents::run),
    ("escaping", escaping::run),
    ("expressions", expressions::run),
    ("markup", markup::run),
    ("messages", messages::run),
    ("patterns", patterns::run),
    ("prepared", prepared::run),
    ("quantities", quantities::run),
    ("queue", queue::run),
    ("records", records::run),
    ("redaction", redaction::run),
    ("requests", requests::run),
    ("templates", templates::run),
    ("times", times::run),
];

/// Runs the target of this name.
///
/// # Panics
/// If there is no such target, or if something does not hold.
pub fn run(name: &str, bytes: &[u8]) {
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, target) = found.unwrap_or_else(|| panic!("no target is called {name}"));
    target(bytes);
}

#[cfg(test)]
mod tests;
