//! The JSON of an exception: `type`, `module`, `message`, `frames`, related exceptions, notes, and a `fingerprint`.
//!
//! The fingerprint is the same for the same failure in any run, on any machine and in any version of Python. It is made
//! of the types, and of the modules and functions of the program's own frames. It contains no line, message or path.

use std::sync::Arc;

use crate::config::tracebacks::FrameRules;
use crate::format::escape::put_json_string;
use crate::python::exception::failure::{Failure, Link, Relation};
use crate::python::exception::frames::Entry;
use crate::python::exception::shown;
use crate::python::exception::shown::Shown;
use crate::python::value::capture::Capture;

/// The most frames of one exception in JSON. If there are more, the first and the last ones are kept, this number in
/// total.
const MOST_FRAMES: usize = 200;

/// Appends the JSON object.
pub fn put(out: &mut Vec<u8>, failure: &Failure<'_>, rules: &FrameRules, capture: &Capture) {
    if rules.dialect.is_loguru() {
        return put_short(out, failure, capture);
    }
    let rules = FrameRules { most: Some(rules.most.unwrap_or(MOST_FRAMES).min(MOST_FRAMES)), ..rules.clone() };
    put_chain(out, &failure.links, &rules, capture);
    out.pop();
    out.extend_from_slice(format!(", \"fingerprint\": \"{:016x}\"}}", fingerprint(&failure.links)).as_bytes());
}

/// Appends the type, the text and whether there is a traceback, as records of Loguru's have them.
fn put_short(out: &mut Vec<u8>, failure: &Failure<'_>, capture: &Capture) {
    let Some(link) = failure.links.first() else { return out.extend_from_slice(b"null") };
    out.extend_from_slice(b"{\"type\": ");
    put_json_string(out, &link.kind);
    out.extend_from_slice(b", \"value\": ");
    put_json_string(out, &capture.cut(link.message.clone()));
    let has_traceback = link.traceback.is_some();
    out.extend_from_slice(format!(", \"traceback\": {has_traceback}}}").as_bytes());
}

fn put_chain(out: &mut Vec<u8>, links: &[Link<'_>], rules: &FrameRules, capture: &Capture) {
    let Some((link, rest)) = links.split_first() else { return out.extend_from_slice(b"null") };
    out.extend_from_slice(b"{\"type\": ");
    put_json_string(out, &link.kind);
    out.extend_from_slice(b", \"module\": ");
    put_json_string(out, link.module());
    out.extend_from_slice(b", \"message\": ");
    put_json_string(out, &capture.cut(link.message.clone()));
    put_frames(out, &link.frames, rules);
    if let Some(relation) = link.following {
        out.extend_from_slice(if relation == Relation::Cause { b", \"cause\": " } else { b", \"context\": " });
        put_chain(out, rest, rules, capture);
    }
    if !link.notes.is_empty() {
        put_array(out, b", \"notes\": ", &link.notes, |out, note| put_json_string(out, &capture.cut(note.clone())));
    }
    if !link.members.is_empty() {
        put_array(out, b", \"group\": ", &link.members, |out, member| put_chain(out, member, rules, capture));
    }
    out.push(b'}');
}

fn put_frames(out: &mut Vec<u8>, entries: &[Arc<Entry>], rules: &FrameRules) {
    let shown = shown::pick(entries, rules);
    let frames: Vec<&Arc<Entry>> = shown.iter().filter_map(Shown::entry).collect();
    put_array(out, b", \"frames\": ", &frames, |out, entry| out.extend_from_slice(&entry.json));
    let left_out = shown::left_out(&shown);
    if left_out > 0 {
        out.extend_from_slice(format!(", \"frames_left_out\": {left_out}").as_bytes());
    }
}

fn put_array<T>(out: &mut Vec<u8>, key: &[u8], items: &[T], put: impl Fn(&mut Vec<u8>, &T)) {
    out.extend_from_slice(key);
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(b", ");
        }
        put(out, item);
    }
    out.push(b']');
}

fn fingerprint(links: &[Link<'_>]) -> u64 {
    let mut hash = Fnv::default();
    put_links(&mut hash, links);
    hash.0
}

fn put_links(hash: &mut Fnv, links: &[Link<'_>]) {
    for link in links {
        hash.put(link.module());
        hash.put(&link.kind);
        let own: Vec<&Arc<Entry>> = link.frames.iter().filter(|entry| entry.is_own).collect();
        let all: Vec<&Arc<Entry>> = link.frames.iter().collect();
        put_places(hash, if own.is_empty() { &all } else { &own });
        for member in &link.members {
            hash.put(b"(");
            put_links(hash, member);
            hash.put(b")");
        }
    }
}

/// Hashes each place once, so that the depth of a recursion makes no difference.
fn put_places(hash: &mut Fnv, entries: &[&Arc<Entry>]) {
    let mut seen: Vec<(&[u8], &[u8])> = Vec::new();
    for entry in entries {
        let place = (&*entry.module, &*entry.function);
        // These have frames of their own up to Python 3.11, and none in later versions.
        let is_inlined = matches!(place.1, b"<listcomp>" | b"<dictcomp>" | b"<setcomp>");
        if !is_inlined && !seen.contains(&place) {
            hash.put(place.0);
            hash.put(place.1);
            seen.push(place);
        }
    }
}

/// FNV-1a with 64 bits. It must never change, as its hashes are compared over years.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    /// Hashes a text and a byte that marks its end.
    fn put(&mut self, text: &[u8]) {
        for byte in text.iter().chain(b"\0") {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
