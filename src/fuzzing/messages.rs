//! Messages of syslog and entries of the journal: each has the grammar of its standard, and the values of its fields.

use std::sync::Arc;

use super::input::Input;
use super::sample::{Sample, site, with_context};
use crate::export::frames::{Form, Frames, Framing, datagram};
use crate::export::journal::Journal;
use crate::export::syslog::{Standard, Syslog};
use crate::format::escape::Multiline;
use crate::format::formatter::Layout;
use crate::format::pattern::Pattern;
use crate::format::time::pattern::TimePattern;
use crate::format::traceback::palette::Palette;
use crate::record::decoded::Record;
use crate::record::detail::Detail;

const LEAST: usize = 1024;
const BOM: &[u8] = b"\xef\xbb\xbf";

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let limit = LEAST + input.byte() as usize * 16;
    let multiline = input.one_of(&[Multiline::Escape, Multiline::Raw, Multiline::Indent, Multiline::OneLine]);
    let site = site(&mut input);
    let sample = Sample::of(&mut input, &site);
    let record = Record::decode(&sample.bytes, &site, b"");
    let syslog = |standard| Form::Syslog(Syslog::new(standard, 19, (*b"host").into(), (*b"shop").into(), limit));

    let message = framed(&syslog(Standard::Rfc5424), &record, multiline);
    assert!(message.len() <= limit);
    check_message(&message);
    let old = framed(&syslog(Standard::Rfc3164 { has_host: true }), &record, multiline);
    assert!(old.len() <= limit && old.starts_with(b"<15") && std::str::from_utf8(&old).is_ok());
    let entry = framed(&Form::Journal(Journal::new((*b"shop").into(), None)), &record, multiline);
    check_entry(&entry, record.fields.len());
}

/// The message of a record, which is framed in both ways.
fn framed(form: &Form, record: &Record<'_>, multiline: Multiline) -> Vec<u8> {
    let layout = Arc::new(Layout::Text {
        pattern: Pattern::parse("format", "{message}", &TimePattern::default_text()).expect("the pattern is valid"),
        by_level: None,
        multiline,
        is_colored: false,
        palette: &Palette::PLAIN,
        detail: Detail::default(),
    });
    let (mut frames, mut counted) = (Frames::default(), Frames::default());
    with_context(|context| {
        frames.push((form, Framing::Datagrams), record, &layout, (context, b"thread \"7\""));
        counted.push((form, Framing::OctetCounting), record, &layout, (context, b"thread \"7\""));
    });
    let (bytes, _) = frames.take();
    let (message, end) = datagram(&bytes, 0).expect("a datagram");
    assert_eq!(end, bytes.len());
    let (counted, _) = counted.take();
    assert_eq!(counted, [format!("{} ", message.len()).as_bytes(), message].concat());
    message.to_vec()
}

/// RFC 5424: a header of six parts, structured data, and a text.
fn check_message(message: &[u8]) {
    let mut rest = message.strip_prefix(b"<15").expect("the facility");
    for most in [3, 32, 255, 48, 128, 32] {
        let end = memchr::memchr(b' ', rest).expect("a part of the header");
        assert!((1..=most).contains(&end) && rest[..end].iter().all(u8::is_ascii_graphic));
        rest = &rest[end + 1..];
    }
    let rest = after_elements(rest).strip_prefix(b" ").and_then(|text| text.strip_prefix(BOM)).expect("a text");
    assert!(std::str::from_utf8(rest).is_ok());
}

/// The bytes after the elements.
fn after_elements(mut rest: &[u8]) -> &[u8] {
    if let Some(rest) = rest.strip_prefix(b"-") {
        return rest;
    }
    while let Some(element) = rest.strip_prefix(b"[") {
        rest = after_name(element);
        assert_eq!(rest[0], b' ', "an element has a value");
        while let Some(name) = rest.strip_prefix(b" ") {
            rest = after_value(after_name(name).strip_prefix(b"=\"").expect("a value"));
        }
        rest = rest.strip_prefix(b"]").expect("the end of an element");
    }
    rest
}

fn after_name(rest: &[u8]) -> &[u8] {
    let is_end = |byte: &u8| !byte.is_ascii_graphic() || matches!(byte, b'=' | b']' | b'"');
    let end = rest.iter().position(is_end).expect("the end of a name");
    assert!((1..=32).contains(&end));
    &rest[end..]
}

fn after_value(rest: &[u8]) -> &[u8] {
    let mut at = 0;
    while rest[at] != b'"' {
        assert_ne!(rest[at], b']', "a bracket has a backslash");
        if rest[at] == b'\\' {
            at += 1;
            assert!(matches!(rest[at], b'"' | b'\\' | b']'), "a backslash has a character");
        }
        at += 1;
    }
    assert!(std::str::from_utf8(&rest[..at]).is_ok());
    &rest[at + 1..]
}

/// The journal's protocol: names and values, of which the record's own come first.
fn check_entry(entry: &[u8], fields: usize) {
    let (mut rest, mut names) = (entry, Vec::new());
    while !rest.is_empty() {
        let end = memchr::memchr2(b'=', b'\n', rest).expect("the end of a name");
        let (name, value) = rest.split_at(end);
        assert!(name.len() <= 64 && name.first().is_some_and(u8::is_ascii_uppercase));
        assert!(name.iter().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_')));
        let length = match value.strip_prefix(b"\n").and_then(|value| value.split_first_chunk::<8>()) {
            Some((length, _)) => u64::from_le_bytes(*length) as usize + 9,
            None => memchr::memchr(b'\n', value).expect("the end of a value"),
        };
        assert_eq!(value[length], b'\n');
        assert!(std::str::from_utf8(&value[if value[0] == b'=' { 1 } else { 9 }..length]).is_ok());
        names.push(name);
        rest = &value[length + 1..];
    }
    assert_eq!(names[..2], [b"MESSAGE".as_slice(), b"PRIORITY"]);
    assert_eq!(names.iter().filter(|name| ***name == *b"MESSAGE").count(), 1);
    assert!(names.len() >= fields);
}
