//! Notices, which a sink or callback gets in place of records: that they were dropped, or held back by a limit.

use crate::level::WARNING;
use crate::message::Style;
use crate::record::encoded::{Encoder, Header, Kind, Section, Value, put_bytes, put_value};
use crate::site::{Location, NO_SITE};

/// Encodes a record that tells how many others are missing.
pub fn encode(count: u64, time_ns: i64) -> Vec<u8> {
    let message = if count == 1 { "{dropped} record dropped" } else { "{dropped} records dropped" };
    encoded(message, &[("dropped", number(count))], time_ns)
}

/// Encodes a record that tells how many records of a call site were over a limit.
pub fn encode_held_back(count: u64, site: &[u8], limit: &str, time_ns: i64) -> Vec<u8> {
    let message = if count == 1 {
        "{held_back} record held back at {site}, over {limit}"
    } else {
        "{held_back} records held back at {site}, over {limit}"
    };
    let fields = [("held_back", number(count)), ("site", Value::Str(site)), ("limit", Value::Str(limit.as_bytes()))];
    encoded(message, &fields, time_ns)
}

fn number(count: u64) -> Value<'static> {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

fn encoded(message: &str, fields: &[(&str, Value<'_>)], time_ns: i64) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder =
        Encoder::start(&mut out, Kind::Record, &Header { level: WARNING, site: NO_SITE, time_ns, thread: 0 });
    encoder.inline_site(&Location { module: b"logly", function: b"", path: b"", line: 0 });
    let mark = encoder.begin(Section::Template);
    encoder.buffer().push(Style::Braces as u8);
    encoder.buffer().extend_from_slice(message.as_bytes());
    encoder.end(mark);
    let mark = encoder.begin(Section::Call);
    for (name, value) in fields {
        put_bytes(encoder.buffer(), name.as_bytes());
        put_value(encoder.buffer(), *value);
    }
    encoder.end(mark);
    encoder.finish();
    out
}
