//! JSON, read by `serde_json`. It does not report the positions of values, so lines are counted while it reads.

use std::cell::Cell;
use std::io::{self, Read};

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;
use serde_json::de::IoRead;

use crate::config::document::value::{Entry, Mistake, Value};

pub fn read(text: &str) -> Result<Entry, Mistake> {
    let lines = Cell::new(1);
    let mut reader = Deserializer::new(IoRead::new(Counted { rest: text.as_bytes(), lines: &lines }));
    let entry = Seed(&lines).deserialize(&mut reader).and_then(|entry| reader.end().map(|()| entry));
    entry.map_err(|error| {
        let what = error.to_string();
        // The message ends with the position, which is reported separately.
        let what = what.split(" at line ").next().unwrap_or_default().to_owned();
        Mistake { line: error.line(), column: error.column(), what }
    })
}

/// A text that counts its lines as `serde_json` reads it byte by byte.
struct Counted<'t> {
    rest: &'t [u8],
    lines: &'t Cell<usize>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (Some((byte, rest)), Some(place)) = (self.rest.split_first(), buffer.first_mut()) else { return Ok(0) };
        self.rest = rest;
        self.lines.set(self.lines.get() + usize::from(*byte == b'\n'));
        *place = *byte;
        Ok(1)
    }
}

/// Reads one value and records the line where it begins. The value of a key gets the line of the key.
#[derive(Clone, Copy)]
struct Seed<'l>(&'l Cell<usize>);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Entry;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Entry, D::Error> {
        reader.deserialize_any(self)
    }
}

impl Seed<'_> {
    #[expect(clippy::unnecessary_wraps, reason = "visitors return a Result")]
    fn entry<E>(self, value: Value) -> Result<Entry, E> {
        Ok(Entry { line: self.0.get(), value })
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Entry;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Entry, E> {
        self.entry(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Entry, E> {
        self.entry(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Entry, E> {
        self.entry(Value::Int(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Entry, E> {
        self.entry(i64::try_from(number).map(Value::Int).map_err(|_| E::custom("the number is too large"))?)
    }

    fn visit_f64<E>(self, number: f64) -> Result<Entry, E> {
        self.entry(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Entry, E> {
        self.entry(Value::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Entry, A::Error> {
        let line = self.0.get();
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element_seed(self)? {
            entries.push(entry);
        }
        Ok(Entry { line, value: Value::List(entries) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Entry, A::Error> {
        let line = self.0.get();
        let mut entries: Vec<(String, Entry)> = Vec::new();
        while let Some(key) = table.next_key::<String>()? {
            if entries.iter().any(|(known, _)| *known == key) {
                return Err(A::Error::custom(format!("the key \"{key}\" is there twice")));
            }
            let line = self.0.get();
            let Entry { value, .. } = table.next_value_seed(self)?;
            entries.push((key, Entry { line, value }));
        }
        Ok(Entry { line, value: Value::Table(entries) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_line_of_their_key() {
        let read = read("{\n  \"level\": \"INFO\",\n  \"sinks\": [\n    {\"a\": 1.5},\n    null\n  ]\n}\n").unwrap();

        let Value::Table(entries) = read.value else { panic!("no table") };
        assert_eq!(entries[0], ("level".to_owned(), Entry { line: 2, value: Value::Text("INFO".to_owned()) }));
        let Value::List(sinks) = &entries[1].1.value else { panic!("no list") };
        let table = Value::Table(vec![("a".to_owned(), Entry { line: 4, value: Value::Float(1.5) })]);
        assert_eq!(sinks[..], [Entry { line: 4, value: table }, Entry { line: 5, value: Value::Null }]);
    }

    #[test]
    fn a_mistake_has_its_place() {
        let mistake = read("{\n  \"level\": INFO\n}").unwrap_err();

        assert_eq!((mistake.line, mistake.what.as_str()), (2, "expected value"));
    }

    #[test]
    fn a_key_that_occurs_twice_is_a_mistake() {
        let mistake = read("{\"a\": 1,\n \"a\": 2}").unwrap_err();

        assert_eq!((mistake.line, mistake.what.as_str()), (2, "the key \"a\" is there twice"));
    }

    #[test]
    fn what_follows_the_value_is_a_mistake() {
        assert_eq!(read("{}\n{}").unwrap_err().line, 2);
    }

    #[test]
    fn nesting_has_an_end() {
        assert!(read(&"[".repeat(100_000)).is_err());
    }
}
