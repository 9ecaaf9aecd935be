//! A record in a form that means the same in another process.
//!
//! Records refer to call sites and settings of their process. Here the place, the finished message, all fields and the
//! process stand in the record itself.

use crate::format::finished::Finished;
use crate::record::decoded::Record;
use crate::record::encoded::{Encoder, Header, Kind, Section, put_bytes, put_value, sections};
use crate::site::NO_SITE;

/// Sections that are written anew, or that belong to the process alone.
const LEFT_OUT: [Section; 9] = [
    Section::Extra,
    Section::Bound,
    Section::Context,
    Section::Call,
    Section::CallValues,
    Section::Alone,
    Section::InlineSite,
    Section::ProcessName,
    Section::Later,
];

/// Encodes a record for another process. `own` is the number of this process.
pub fn standalone(bytes: &[u8], record: &Record<'_>, own: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 256);
    let mut encoder = Encoder::start(&mut out, Kind::Record, &Header { site: NO_SITE, ..record.header });
    encoder.inline_site(&record.location);
    for (tag, content) in sections(bytes) {
        if !LEFT_OUT.iter().any(|section| *section as u8 == tag) {
            encoder.copy(tag, content);
        }
    }
    encoder.section(Section::Alone, b"");
    let mark = encoder.begin(Section::Call);
    for field in &record.fields {
        put_bytes(encoder.buffer(), field.key);
        put_value(encoder.buffer(), field.value);
    }
    encoder.end(mark);
    if record.origin.is_none() {
        let mark = encoder.begin(Section::Origin);
        encoder.buffer().extend_from_slice(&own.to_ne_bytes());
        put_bytes(encoder.buffer(), record.process_name());
        put_bytes(encoder.buffer(), b"");
        encoder.end(mark);
    }
    encoder.finish();
    Finished::of(record, false).replace_in(&out, &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::INFO;
    use crate::message::{Style, Template};
    use crate::record::encoded::{Value, put_int, put_str};
    use crate::site::Site;

    #[test]
    fn a_record_keeps_its_meaning_without_its_site() {
        let template = Some(Template::parse(b"paid {amount}", Style::Braces));
        let keys = vec![Box::from(&b"amount"[..])];
        let site = Site {
            module: Box::from(&b"shop"[..]),
            path: Box::from(&b"/a.py"[..]),
            line: 7,
            template,
            keys,
            ..Site::default()
        };
        let mut bytes = Vec::new();
        let header = Header { level: INFO, site: 5, time_ns: 1, thread: 2 };
        let mut encoder = Encoder::start(&mut bytes, Kind::Record, &header);
        let mark = encoder.begin(Section::CallValues);
        put_int(encoder.buffer(), 12);
        encoder.end(mark);
        encoder.finish();
        let mut extra = Vec::new();
        put_bytes(&mut extra, b"app");
        put_str(&mut extra, b"till");

        let alone = standalone(&bytes, &Record::decode(&bytes, &site, &extra), 99);

        let unknown = Site::unknown();
        let record = Record::decode(&alone, &unknown, b"");
        let fields: Vec<_> = record.fields.iter().map(|field| (field.key, field.value)).collect();
        assert_eq!(record.finished(), b"paid 12");
        assert_eq!(fields, [(&b"app"[..], Value::Str(b"till")), (&b"amount"[..], Value::Int(12))]);
        assert_eq!(
            (record.location.module, record.location.path, record.location.line),
            (&b"shop"[..], &b"/a.py"[..], 7)
        );
        assert_eq!((record.process(1), record.header.thread, record.is_shown(b"amount")), (99, 2, true));
    }
}
