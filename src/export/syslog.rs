//! One record as a message of syslog: RFC 5424 with structured data, or RFC 3164.

use crate::export::parts::{CUT, Parts, boundary};
use crate::export::structured_data;
use crate::export::structured_data::put_name;
use crate::format::escape::Multiline;
use crate::format::text::put_int;
use crate::format::time::pattern::{TimeCache, TimePattern};
use crate::record::decoded::Record;
use crate::record::encoded::Value;

/// The most bytes of the name of an event or logger.
const MOST_MESSAGE_ID: usize = 32;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// The format of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standard {
    Rfc5424,
    Rfc3164 {
        /// Whether the name of the host stands in messages. Programs leave it out of those for their own machine.
        has_host: bool,
    },
}

pub struct Syslog {
    pub standard: Standard,
    /// From 0 to 23.
    pub facility: u8,
    /// The name of this host, in printable ASCII without spaces.
    pub host: Box<[u8]>,
    /// The name of the program, likewise.
    pub app_name: Box<[u8]>,
    /// The most bytes of a message.
    pub limit: usize,
    /// The form of times in this format.
    time: TimePattern,
}

impl Syslog {
    pub fn new(standard: Standard, facility: u8, host: Box<[u8]>, app_name: Box<[u8]>, limit: usize) -> Self {
        let time = match standard {
            Standard::Rfc5424 => TimePattern::rfc3339_local(),
            Standard::Rfc3164 { .. } => {
                TimePattern::parse("time", "%b %e %H:%M:%S").expect("the pattern is valid; this is a bug in logly")
            }
        };
        Self { standard, facility, host, app_name, limit, time }
    }

    /// Appends the message of a record. False if it was cut.
    pub(super) fn put(&self, out: &mut Vec<u8>, parts: &Parts<'_, '_>, time: &mut TimeCache) -> bool {
        let start = out.len();
        self.put_head(out, parts, time);
        let head = out.len();
        self.put_rest(out, parts, usize::MAX);
        if out.len() - start <= self.limit {
            return true;
        }
        out.truncate(head);
        self.put_rest(out, parts, start + self.limit / 2);
        self.cut(out, start);
        false
    }

    /// The encoded parts that all records of a place have.
    pub(super) fn place(&self, record: &Record<'_>, multiline: Multiline) -> Vec<u8> {
        match self.standard {
            Standard::Rfc5424 => structured_data::place(record, multiline),
            Standard::Rfc3164 { .. } => Vec::new(),
        }
    }

    /// Appends everything before the structured data, or before the text of RFC 3164.
    fn put_head(&self, out: &mut Vec<u8>, parts: &Parts<'_, '_>, time: &mut TimeCache) {
        let record = parts.record;
        out.push(b'<');
        put_int(out, i64::from(self.facility) * 8 + i64::from(parts.severity()));
        out.push(b'>');
        let is_old = self.standard != Standard::Rfc5424;
        if !is_old {
            out.extend_from_slice(b"1 ");
        }
        time.render(&self.time, record.header.time_ns, parts.context.zone, out);
        out.push(b' ');
        if self.standard != (Standard::Rfc3164 { has_host: false }) {
            out.extend_from_slice(&self.host);
            out.push(b' ');
        }
        out.extend_from_slice(&self.app_name);
        out.push(if is_old { b'[' } else { b' ' });
        put_int(out, record.process(parts.context.process).into());
        if is_old {
            return out.extend_from_slice(b"]: ");
        }
        out.push(b' ');
        put_message_id(out, parts);
        out.push(b' ');
    }

    /// Appends structured data up to `end`, and the text.
    fn put_rest(&self, out: &mut Vec<u8>, parts: &Parts<'_, '_>, end: usize) {
        if self.standard == Standard::Rfc5424 {
            structured_data::put(out, parts, end);
            out.push(b' ');
            out.extend_from_slice(BOM);
        }
        out.extend_from_slice(parts.message);
    }

    /// Cuts the text at the end of a message that is still too long.
    fn cut(&self, out: &mut Vec<u8>, start: usize) {
        if out.len() - start > self.limit {
            let at = boundary(&out[start..], self.limit - CUT.len());
            out.truncate(start + at);
            out.extend_from_slice(CUT);
        }
    }
}

/// Appends the name of the event, or else the end of the logger's name.
fn put_message_id(out: &mut Vec<u8>, parts: &Parts<'_, '_>) {
    let event = parts.record.fields.iter().find_map(|field| match (field.key, field.value) {
        (b"event_name" | b"event.name", Value::Str(name)) if !name.is_empty() => Some(name),
        _ => None,
    });
    let name = parts.record.name();
    match event {
        Some(event) => put_name(out, event, MOST_MESSAGE_ID),
        None if name.is_empty() => out.push(b'-'),
        None => put_name(out, &name[name.len().saturating_sub(MOST_MESSAGE_ID)..], MOST_MESSAGE_ID),
    }
}
