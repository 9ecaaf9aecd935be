//! TOML 1.1, read by `toml_edit`, which reports the positions of values.

use std::ops::Range;

use toml_edit::{Array, Document, InlineTable, Item, Table, Value as TomlValue};

use crate::config::document::value::{DEEPEST, Entry, Mistake, Value};

pub fn read(text: &str) -> Result<Entry, Mistake> {
    let document = Document::parse(text).map_err(|error| {
        let (line, column) = place(text, error.span().map_or(0, |span| span.start));
        Mistake { line, column, what: error.message().replace('\n', "; ") }
    })?;
    let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
    let value = Reader { breaks }.table(document.as_table(), 0)?;
    Ok(Entry { line: 1, value })
}

/// Line and column of an offset, both from 1.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    (1 + memchr::memchr_iter(b'\n', before).count(), 1 + String::from_utf8_lossy(&before[start..]).chars().count())
}

struct Reader {
    /// The offsets of line ends, so that the line of a value is found without counting from the start.
    breaks: Vec<usize>,
}

impl Reader {
    fn line(&self, span: Option<Range<usize>>) -> usize {
        1 + span.map_or(0, |span| self.breaks.partition_point(|at| *at < span.start))
    }

    fn table(&self, table: &Table, depth: usize) -> Result<Value, Mistake> {
        let keys = table.iter().map(|(key, item)| {
            // A key has the line where it is written. Tables that are only implied by others have no position of their
            // own.
            let line = self.line(table.key(key).and_then(toml_edit::Key::span).or_else(|| item.span()));
            Ok((key.to_owned(), self.item(item, line, depth + 1)?))
        });
        keys.collect::<Result<_, _>>().map(Value::Table)
    }

    fn item(&self, item: &Item, line: usize, depth: usize) -> Result<Entry, Mistake> {
        if depth > DEEPEST {
            return Err(Mistake { line, column: 1, what: "too many tables or arrays in each other".to_owned() });
        }
        let value = match item {
            Item::None => Value::Null,
            Item::Value(value) => self.value(value, depth)?,
            Item::Table(table) => self.table(table, depth)?,
            Item::ArrayOfTables(tables) => {
                let entries = tables.iter().map(|table| {
                    let line = table.span().map_or(line, |span| self.line(Some(span)));
                    Ok(Entry { line, value: self.table(table, depth + 1)? })
                });
                Value::List(entries.collect::<Result<_, _>>()?)
            }
        };
        Ok(Entry { line, value })
    }

    fn value(&self, value: &TomlValue, depth: usize) -> Result<Value, Mistake> {
        Ok(match value {
            TomlValue::String(text) => Value::Text(text.value().clone()),
            TomlValue::Integer(number) => Value::Int(*number.value()),
            TomlValue::Float(number) => Value::Float(*number.value()),
            TomlValue::Boolean(flag) => Value::Bool(*flag.value()),
            TomlValue::Datetime(time) => Value::Text(time.value().to_string()),
            TomlValue::Array(array) => self.array(array, depth)?,
            TomlValue::InlineTable(table) => self.inline_table(table, depth)?,
        })
    }

    fn array(&self, array: &Array, depth: usize) -> Result<Value, Mistake> {
        let entries = array.iter().map(|value| self.nested(value, depth));
        entries.collect::<Result<_, _>>().map(Value::List)
    }

    fn inline_table(&self, table: &InlineTable, depth: usize) -> Result<Value, Mistake> {
        let entries = table.iter().map(|(key, value)| Ok((key.to_owned(), self.nested(value, depth)?)));
        entries.collect::<Result<_, _>>().map(Value::Table)
    }

    fn nested(&self, value: &TomlValue, depth: usize) -> Result<Entry, Mistake> {
        let line = self.line(value.span());
        if depth > DEEPEST {
            return Err(Mistake { line, column: 1, what: "too many tables or arrays in each other".to_owned() });
        }
        Ok(Entry { line, value: self.value(value, depth + 1)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry<'e>(entry: &'e Entry, key: &str) -> &'e Entry {
        let Value::Table(entries) = &entry.value else { panic!("no table: {entry:?}") };
        &entries.iter().find(|(name, _)| name == key).unwrap_or_else(|| panic!("no {key}: {entry:?}")).1
    }

    #[test]
    fn values_have_the_line_of_their_key() {
        let read =
            read("level = \"INFO\"\n\n[[sinks]]\nsink = 'a'\n[[sinks]]\nsink = 'b'\nretention = { count = 3 }\n")
                .unwrap();

        let Value::List(sinks) = &entry(&read, "sinks").value else { panic!("no list") };
        assert_eq!(entry(&read, "level"), &Entry { line: 1, value: Value::Text("INFO".to_owned()) });
        assert_eq!((sinks[0].line, sinks[1].line), (3, 5));
        assert_eq!(entry(&sinks[1], "sink").line, 6);
        assert_eq!(entry(entry(&sinks[1], "retention"), "count"), &Entry { line: 7, value: Value::Int(3) });
    }

    #[test]
    fn a_mistake_has_its_place() {
        let mistake = read("level = \"INFO\"\njson = tru\n").unwrap_err();

        assert_eq!(mistake.line, 2);
        assert!(!mistake.what.is_empty());
    }

    #[test]
    fn a_key_that_occurs_twice_is_a_mistake() {
        assert_eq!(read("a = 1\nb = 2\na = 3\n").unwrap_err().line, 3);
    }

    #[test]
    fn dotted_keys_are_tables() {
        let read = read("tool.logly.level = \"INFO\"\n[tool.logly.extra]\nservice = \"shop\"\n").unwrap();

        let logly = entry(entry(&read, "tool"), "logly");
        assert_eq!(entry(logly, "level").line, 1);
        assert_eq!(entry(entry(logly, "extra"), "service").line, 3);
    }
}
