//! Encoded records: the writer reads the fields that a caller wrote, in the order of precedence.

use super::input::Input;
use super::sample::{Fields, Sample, site};
use crate::record::decoded::{Part, Record};
use crate::record::encoded::{Encoder, Kind, Value, length_of, put_value, sections, version_for};

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let site = site(&mut input);
    let sample = Sample::of(&mut input, &site);
    let record = Record::decode(&sample.bytes, &site, b"");

    assert_eq!(length_of(&sample.bytes), sample.bytes.len());
    check_fields(&record, &sample.fields);
    check_message(&record, sample.message.as_deref());
    check_copy(&record, &sample.bytes);
    assert_eq!(version_for(&sample.bytes, u32::MAX), sample.bytes);
}

/// The innermost value of each name holds, at its place among the innermost.
fn check_fields(record: &Record<'_>, sections: &[Fields]) {
    let mut expected = Vec::new();
    for fields in sections {
        for (name, value) in fields {
            expected.retain(|(known, _)| *known != name);
            expected.push((name, value));
        }
    }
    assert_eq!(record.fields.len(), expected.len());
    for (field, (name, value)) in record.fields.iter().zip(expected) {
        assert_eq!(field.key, name);
        assert!(is_same(field.value, value.value()), "{:?} is not {value:?}", field.value);
    }
}

fn is_same(one: Value<'_>, other: Value<'_>) -> bool {
    match (one, other) {
        (Value::Float(one), Value::Float(other)) => one.to_bits() == other.to_bits(),
        _ => one == other,
    }
}

/// A finished message is as it was, and a name that a message shows is the name of a field.
fn check_message(record: &Record<'_>, finished: Option<&[u8]>) {
    let mut text = Vec::new();
    record.parts(|part| match part {
        Part::Literal(literal) => text.extend_from_slice(literal),
        Part::Value(value, name) => {
            assert!(name.is_none_or(|name| record.is_shown(name) || matches!(value, Value::Str(_))));
        }
    });
    if let Some(finished) = finished {
        assert_eq!(text, finished);
        assert_eq!(record.finished(), finished);
    }
}

/// A record that is copied section by section is the same, and so is a value that is written again.
fn check_copy(record: &Record<'_>, bytes: &[u8]) {
    let mut copy = Vec::new();
    let mut encoder = Encoder::start(&mut copy, Kind::Record, &record.header);
    sections(bytes).for_each(|(tag, content)| encoder.copy(tag, content));
    encoder.finish();
    assert_eq!(copy, bytes);
    for field in &record.fields {
        let mut out = Vec::new();
        put_value(&mut out, field.value);
        assert!(is_same(crate::record::encoded::Reader::new(&out).value(), field.value));
    }
}
