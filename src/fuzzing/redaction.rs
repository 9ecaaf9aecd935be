//! Redaction: a masked record has nothing left to mask, its JSON stays JSON, and hidden names have no values.

use serde_json::Value as Json;

use super::input::Input;
use crate::level::INFO;
use crate::record::decoded::Record;
use crate::record::encoded::{Encoder, Header, Kind, Section, Value, put_bytes, put_odd, put_str};
use crate::redaction::encoded::redact;
use crate::redaction::json;
use crate::redaction::keys::Keys;
use crate::redaction::mask::Mask;
use crate::redaction::patterns::Patterns;
use crate::redaction::redactor::Redactor;
use crate::site::{NO_SITE, Site};

thread_local! {
    /// The redactors of all inputs without rules of their own, as a pattern takes long to compile.
    static KEPT: [Redactor; 2] = [standard(Mask::default()), standard(Mask::Last4)];
}

fn standard(mask: Mask) -> Redactor {
    let names = ["default", "card", "email", "ipv4", "ipv6"];
    Redactor::new(Keys::standard(), Patterns::parse("patterns", names).expect("kept patterns"), mask)
}

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    match input.below(4) {
        0 => run_own(&mut input),
        kept => KEPT.with(|redactors| check(&redactors[kept % 2], &mut input, kept % 2 == 0)),
    }
}

/// Rules of the input.
fn run_own(input: &mut Input<'_>) {
    let (key, pattern) = (input.text(), input.text());
    let Ok(keys) = Keys::parse("keys", [key, "default"]) else { return };
    let Ok(patterns) = Patterns::parse("patterns", [pattern]) else { return };
    check(&Redactor::new(keys, patterns, Mask::default()), input, false);
}

/// `is_stable` says that masks do not match the rules themselves.
fn check(redactor: &Redactor, input: &mut Input<'_>, is_stable: bool) {
    let (message, name, text) = (input.wide_text(), input.text(), input.text());
    check_json(redactor, name, text);
    let json = serde_json::json!({ name: [text, 5], "a": { "password": text } }).to_string();
    let bytes = encoded(&message, name, text, &json);
    let site = Site::unknown();
    let record = Record::decode(&bytes, &site, b"");
    let Some(masked) = redact(redactor, &bytes, &record) else {
        let is_hidden = json.contains("\"password\"") && !text.is_empty() && !text.contains('*');
        assert!(!is_hidden, "nothing was masked in {json}");
        return;
    };
    let record = Record::decode(&masked, &site, b"");
    for field in &record.fields {
        if let Value::Odd { json, .. } = field.value {
            serde_json::from_slice::<Json>(json).expect("JSON stays JSON");
        }
    }
    if is_stable && let Some(again) = redact(redactor, &masked, &record) {
        assert_eq!(shown(&Record::decode(&again, &site, b"")), shown(&record));
    }
}

/// The parts of a record that rules are for.
fn shown(record: &Record<'_>) -> String {
    let text = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let values = record.fields.iter().map(|field| match field.value {
        Value::Str(value) => text(value),
        Value::Odd { display, json } => text(display) + " as " + &text(json),
        other => format!("{other:?}"),
    });
    // Texts of exceptions are left out: once a secret there is masked, a quote that nothing closed may find its end.
    let json = record.exception.map(|(_, json)| text(json)).unwrap_or_default();
    let values: Vec<_> = values.collect();
    format!("{}\n{values:#?}\n{json}", text(record.finished()))
}

fn encoded(message: &[u8], name: &str, text: &str, json: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let header = Header { level: INFO, site: NO_SITE, time_ns: 5, thread: 7 };
    let mut encoder = Encoder::start(&mut bytes, Kind::Record, &header);
    encoder.section(Section::Message, message);
    let mark = encoder.begin(Section::Call);
    put_bytes(encoder.buffer(), name.as_bytes());
    put_str(encoder.buffer(), text.as_bytes());
    put_bytes(encoder.buffer(), b"a value");
    put_odd(encoder.buffer(), text.as_bytes(), |out| out.extend_from_slice(json.as_bytes()));
    encoder.end(mark);
    let mark = encoder.begin(Section::Exception);
    put_bytes(encoder.buffer(), format!("Traceback\n  File \"a\", line 1\n    {name}={text}\nE: {text}\n").as_bytes());
    put_bytes(encoder.buffer(), json.as_bytes());
    encoder.end(mark);
    encoder.finish();
    bytes
}

fn check_json(redactor: &Redactor, name: &str, text: &str) {
    let plain = serde_json::json!({ "a": [{ name: text }, 7], "password": text }).to_string();
    let Some(masked) = json::redact(redactor, plain.as_bytes(), false) else {
        assert!(text.is_empty() || plain.contains("***") || text.contains('*'), "{plain}");
        return;
    };
    let masked: Json = serde_json::from_slice(&masked).expect("JSON stays JSON");
    let hidden = masked["password"].as_str().expect("a text");
    assert!(hidden != text || text.is_empty() || text.contains('*'), "{masked}");
}
