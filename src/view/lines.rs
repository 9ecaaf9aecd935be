//! Lines as entries: JSON, logfmt or text, whatever they are.

use memchr::memchr;

use super::entry::Entry;
use super::roles::role_of;
use super::times::Times;
use super::{json, pairs, text};

/// Reads an entry from its lines, without the line break at their end.
pub fn read<'l>(lines: &'l [u8], times: &mut Times) -> Entry<'l> {
    let is_object = lines.trim_ascii_start().starts_with(b"{");
    if is_object && let Some(entry) = json::read(lines, times) {
        return entry;
    }
    let end = memchr(b'\n', lines).unwrap_or(lines.len());
    let line = lines[..end].strip_suffix(b"\r").unwrap_or(&lines[..end]);
    let mut entry = Entry::new(line, lines.get(end + 1..).unwrap_or_default());
    if pairs::is_logfmt(line) {
        for (key, value) in pairs::pairs(line) {
            entry.add(key, value, role_of(key), times);
        }
    } else {
        text::read(&mut entry, times);
    }
    entry
}
