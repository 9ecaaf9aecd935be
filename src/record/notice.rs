//! The notice that records were dropped, which a sink or callback gets in place of those records.

use crate::level::WARNING;
use crate::message::Style;
use crate::record::encoded::{Encoder, Header, Kind, Section, put_bytes, put_int};
use crate::site::{Location, NO_SITE};

/// Encodes a record that tells how many others are missing.
pub fn encode(count: u64, time_ns: i64) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder =
        Encoder::start(&mut out, Kind::Record, &Header { level: WARNING, site: NO_SITE, time_ns, thread: 0 });
    encoder.inline_site(&Location { module: b"logly", function: b"", path: b"", line: 0 });
    let message = if count == 1 { "{dropped} record dropped" } else { "{dropped} records dropped" };
    let mark = encoder.begin(Section::Template);
    encoder.buffer().push(Style::Braces as u8);
    encoder.buffer().extend_from_slice(message.as_bytes());
    encoder.end(mark);
    let mark = encoder.begin(Section::Call);
    put_bytes(encoder.buffer(), b"dropped");
    put_int(encoder.buffer(), i64::try_from(count).unwrap_or(i64::MAX));
    encoder.end(mark);
    encoder.finish();
    out
}
