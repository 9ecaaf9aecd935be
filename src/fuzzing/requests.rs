//! Requests of exports: every length in the protobuf of a batch is right, and no record is missing.

use super::input::Input;
use super::sample::{Sample, site};
use crate::export::batch::Batch;
use crate::level::Levels;
use crate::record::decoded::Record;

/// The deepest message in a request, with values in values.
const DEEPEST: usize = 200;

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let site = site(&mut input);
    let (levels, mut batch, mut count) = (Levels::default(), Batch::default(), 0);
    while count == 0 || (count < 5 && !input.is_empty()) {
        let sample = Sample::of(&mut input, &site);
        batch.push(&Record::decode(&sample.bytes, &site, b""), &levels, 99);
        count += 1;
    }
    let request = batch.take_request(b"");
    assert!(batch.is_empty());

    let logs = messages(&request, 1);
    assert_eq!(logs.len(), 1);
    let scopes = messages(logs[0], 2);
    let records: Vec<_> = scopes.iter().flat_map(|scope| messages(scope, 2)).collect();
    assert_eq!(records.len(), count);
    for record in records {
        for body in messages(record, 5) {
            check_value(body, 0);
        }
        for pair in messages(record, 6) {
            check_pair(pair, 0);
        }
    }
}

/// An `AnyValue`: one field, a text that is UTF-8, or values in it.
fn check_value(value: &[u8], depth: usize) {
    assert!(depth < DEEPEST);
    let all = fields(value);
    assert!(all.len() <= 1, "{value:?}");
    for (number, content) in all {
        match (number, content) {
            (1, Some(text)) => assert!(std::str::from_utf8(text).is_ok(), "a text is UTF-8"),
            (5, Some(list)) => messages(list, 1).into_iter().for_each(|value| check_value(value, depth + 1)),
            (6, Some(list)) => messages(list, 1).into_iter().for_each(|pair| check_pair(pair, depth + 1)),
            (2..=4, None) => {}
            other => panic!("{other:?} is no field of a value"),
        }
    }
}

fn check_pair(pair: &[u8], depth: usize) {
    let keys = messages(pair, 1);
    assert!(keys.len() <= 1, "an empty key needs no field");
    assert!(keys.into_iter().all(|key| std::str::from_utf8(key).is_ok()), "a key is UTF-8");
    for value in messages(pair, 2) {
        check_value(value, depth);
    }
}

/// The contents of the fields with this number.
fn messages(message: &[u8], number: u64) -> Vec<&[u8]> {
    fields(message).into_iter().filter(|(known, _)| *known == number).filter_map(|(_, content)| content).collect()
}

/// The fields of a message, each with its number, and with its content if it has a length.
fn fields(message: &[u8]) -> Vec<(u64, Option<&[u8]>)> {
    let (mut rest, mut found) = (message, Vec::new());
    while !rest.is_empty() {
        let tag = varint(&mut rest);
        let content = match tag & 7 {
            0 => {
                varint(&mut rest);
                None
            }
            1 => {
                rest = &rest[8..];
                None
            }
            5 => {
                rest = &rest[4..];
                None
            }
            wire => {
                assert_eq!(wire, 2);
                let length = varint(&mut rest) as usize;
                let (content, after) = rest.split_at(length);
                rest = after;
                Some(content)
            }
        };
        found.push((tag >> 3, content));
    }
    found
}

fn varint(rest: &mut &[u8]) -> u64 {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = rest[0];
        *rest = &rest[1..];
        number |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            return number;
        }
    }
}
