//! The record that tells of records that were dropped.

use crate::level::WARNING;
use crate::record::{Encoder, Header, Kind, Section, put_bytes, put_int};
use crate::sink::clock;
use crate::site::NO_SITE;

/// Encodes it: at WARNING, from the module `logly`, with the field `dropped`.
pub fn encode(count: u64) -> Vec<u8> {
    let header = Header { level: WARNING, site: NO_SITE, time_ns: clock::now_ns(), thread: 0 };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::start(&mut bytes, Kind::Record, &header);
    let mark = encoder.begin(Section::InlineSite);
    for text in [b"logly".as_slice(), b"", b""] {
        put_bytes(encoder.buffer(), text);
    }
    encoder.buffer().extend_from_slice(&0u32.to_ne_bytes());
    encoder.end(mark);
    let what = if count == 1 { "record" } else { "records" };
    encoder.section(Section::Message, format!("{count} {what} dropped").as_bytes());
    let mark = encoder.begin(Section::Call);
    put_bytes(encoder.buffer(), b"dropped");
    put_int(encoder.buffer(), count as i64);
    encoder.end(mark);
    encoder.finish();
    bytes
}
