//! Expressions: `not` accepts exactly the other records, a mistake is shown with its place, and JSON is read as
//! `serde_json` reads it.

use serde_json::Value as Json;

use super::input::Input;
use crate::expression::compiled::Expression;
use crate::expression::datum::Datum;
use crate::expression::names::Key;
use crate::expression::values::Values;
use crate::level::Levels;

/// A record with the fields of one JSON text.
struct Line(Datum<'static>);

impl Values for Line {
    fn key(&self, key: Key) -> Option<Datum<'_>> {
        Some(match key {
            Key::LevelNo => Datum::Int(30),
            Key::LevelName => Datum::text(b"WARNING".as_slice()),
            Key::Message => Datum::text("paid 12 €".as_bytes()),
            Key::Time => Datum::Int(1_000_000_000_000_000_000),
            Key::Elapsed => Datum::Float(0.5),
            _ => return None,
        })
    }

    fn field(&self, name: &[u8]) -> Option<Datum<'_>> {
        self.0.member(name).cloned()
    }
}

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let (source, json) = (input.text(), input.bytes());
    let datum = Datum::of_json(json);
    check_json(json, datum.as_ref());
    let line = Line(datum.unwrap_or(Datum::None));
    let levels = Levels::default();
    let parse = |source: &str| Expression::parse("where", source, &levels);
    match parse(source) {
        Ok(expression) => {
            let is_accepted = expression.accepts(&line);
            for (changed, expected) in
                [(format!("({source}\n)"), is_accepted), (format!("not({source}\n)"), !is_accepted)]
            {
                match parse(&changed) {
                    Ok(changed) => assert_eq!(changed.accepts(&line), expected, "{source:?}"),
                    Err(error) => assert!(error.to_string().contains("at most"), "{source:?}: {error}"),
                }
            }
        }
        Err(error) => {
            let text = error.to_string();
            assert!(text.starts_with("where: expected "), "{text}");
            let last = text.lines().next_back().unwrap_or_default();
            assert!(last.trim() == "^" || text.contains("at most"), "{source:?}: {text}");
        }
    }
}

/// Whatever JSON `serde_json` reads, the reader of lines reads alike.
fn check_json(json: &[u8], read: Option<&Datum<'_>>) {
    let Ok(plain) = serde_json::from_slice::<Json>(json) else { return };
    let read = read.unwrap_or_else(|| panic!("{} is not read", String::from_utf8_lossy(json)));
    assert!(is_same(read, &plain, 0), "{read:?} is not {plain}");
}

/// `serde_json` reads a number with many digits to within a few units of its last place.
fn is_near(read: f64, plain: f64) -> bool {
    read.to_bits() == plain.to_bits() || (read - plain).abs() <= read.abs() * 4.0 * f64::EPSILON
}

fn is_same(read: &Datum<'_>, plain: &Json, depth: usize) -> bool {
    match (read, plain) {
        (Datum::None, Json::Null) => true,
        (Datum::Bool(flag), Json::Bool(plain)) => flag == plain,
        (Datum::Int(number), Json::Number(plain)) => plain.as_i64() == Some(*number),
        (Datum::Big(_), Json::Number(plain)) => plain.as_i64().is_none(),
        (Datum::Float(number), Json::Number(plain)) => plain.as_f64().is_some_and(|plain| is_near(*number, plain)),
        (Datum::Text(text), Json::String(plain)) => **text == *plain.as_bytes(),
        (Datum::Text(_), Json::Array(_) | Json::Object(_)) => depth == 64,
        (Datum::List(items), Json::Array(plain)) => {
            items.len() == plain.len() && items.iter().zip(plain).all(|(item, plain)| is_same(item, plain, depth + 1))
        }
        (Datum::Map(_), Json::Object(plain)) => plain
            .iter()
            .all(|(key, plain)| read.member(key.as_bytes()).is_some_and(|value| is_same(value, plain, depth + 1))),
        _ => false,
    }
}
