//! Entries that are JSON objects.

use super::entry::Entry;
use super::roles::{Role, role_of};
use super::times::Times;
use super::value::Value;
use crate::reading::json::Members;

/// The deepest object within an entry whose members are parts of it.
const DEEPEST: u8 = 2;

/// Reads an entry that is one object. None if it is none, such as one that is cut off.
pub fn read<'l>(lines: &'l [u8], times: &mut Times) -> Option<Entry<'l>> {
    let mut entry = Entry::new(lines.trim_ascii(), b"");
    if !add_members(&mut entry, lines, 0, times) {
        return None;
    }
    // Loguru writes the line of text beside the record.
    if Members::of(lines)?.any(|(key, value)| key == b"record" && value.starts_with(b"{")) {
        entry.parts.retain(|part| part.key != b"text");
    }
    Some(entry)
}

/// Adds the members of an object. Returns false if it is broken.
fn add_members<'l>(entry: &mut Entry<'l>, object: &'l [u8], depth: u8, times: &mut Times) -> bool {
    let Some(mut members) = Members::of(object) else { return false };
    for (key, value) in members.by_ref() {
        let (role, rank) = role_of(key);
        // `log` is an object in ECS, and text elsewhere.
        let is_inner = value.starts_with(b"{") && depth < DEEPEST;
        if is_inner && (matches!(role, Role::Fields | Role::Nested) || key == b"log") {
            add_members(entry, value, depth + 1, times);
            continue;
        }
        entry.add(key, Value::Json(value), (role, rank), times);
    }
    members.were_all()
}
