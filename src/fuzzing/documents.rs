//! Configuration files: read as the parsers of JSON and TOML read them, with lines that the file has.

use serde_json::Value as Json;
use toml_edit::Document;

use super::input::Input;
use crate::config::document::value::{Entry, Mistake, Value};
use crate::config::document::{json, toml};

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let is_json = input.flag();
    let text = input.text();
    let lines = 1 + memchr::memchr_iter(b'\n', text.as_bytes()).count();
    if is_json {
        check_json(text, lines);
    } else {
        check_toml(text, lines);
    }
}

fn check_json(text: &str, lines: usize) {
    let plain = serde_json::from_str::<Json>(text);
    match json::read(text) {
        Ok(entry) => {
            let plain = plain.expect("JSON that is read is JSON");
            assert!(is_same(&entry.value, &plain), "{entry:?} is not {plain:?}");
            check_lines(&entry, lines);
        }
        Err(mistake) => {
            check_mistake(&mistake, lines);
            let is_stricter =
                ["is there twice", "the number is too large"].iter().any(|why| mistake.what.contains(why));
            assert!(plain.is_err() || is_stricter, "{mistake:?} of {plain:?}");
        }
    }
}

fn check_toml(text: &str, lines: usize) {
    let plain = Document::parse(text);
    match toml::read(text) {
        Ok(entry) => {
            let plain = plain.expect("TOML that is read is TOML");
            check_lines(&entry, lines);
            let Value::Table(entries) = &entry.value else { panic!("a document is a table") };
            assert!(entries.iter().map(|(key, _)| key.as_str()).eq(plain.iter().map(|(key, _)| key)));
        }
        Err(mistake) => {
            check_mistake(&mistake, lines);
            assert!(plain.is_err() || mistake.what.contains("in each other"), "{mistake:?}");
        }
    }
}

fn check_mistake(mistake: &Mistake, lines: usize) {
    assert!(
        mistake.line <= lines && !mistake.what.is_empty() && !mistake.what.contains('\n'),
        "{mistake:?} of {lines}"
    );
}

fn check_lines(entry: &Entry, lines: usize) {
    assert!((1..=lines).contains(&entry.line), "{entry:?} of {lines}");
    match &entry.value {
        Value::List(entries) => entries.iter().for_each(|entry| check_lines(entry, lines)),
        Value::Table(entries) => {
            for (_, entry) in entries {
                check_lines(entry, lines);
            }
            let is_first = |at: usize| entries[..at].iter().all(|(key, _)| *key != entries[at].0);
            assert!((0..entries.len()).all(is_first), "each key is there once");
        }
        _ => {}
    }
}

fn is_same(value: &Value, plain: &Json) -> bool {
    match (value, plain) {
        (Value::Null, Json::Null) => true,
        (Value::Bool(flag), Json::Bool(plain)) => flag == plain,
        (Value::Int(number), plain) => plain.as_i64() == Some(*number),
        (Value::Float(number), plain) => plain.as_f64().is_some_and(|plain| plain.to_bits() == number.to_bits()),
        (Value::Text(text), plain) => plain.as_str() == Some(text),
        (Value::List(entries), Json::Array(plain)) => {
            entries.len() == plain.len() && entries.iter().zip(plain).all(|(entry, plain)| is_same(&entry.value, plain))
        }
        (Value::Table(entries), Json::Object(plain)) => {
            let is_in_plain =
                |(key, entry): &(String, Entry)| plain.get(key).is_some_and(|plain| is_same(&entry.value, plain));
            entries.len() == plain.len() && entries.iter().all(is_in_plain)
        }
        _ => false,
    }
}
