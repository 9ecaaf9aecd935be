//! The members of a JSON object as they are written, without a copy of them.

use memchr::memchr2;

/// The members of an object, from its first to its last.
pub struct Members<'j> {
    rest: &'j [u8],
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    First,
    Next,
    /// The object has ended, with nothing after it.
    Whole,
    /// It is no JSON from here on, such as a line that is cut off.
    Broken,
}

impl<'j> Members<'j> {
    /// None if the text does not begin as an object.
    pub fn of(json: &'j [u8]) -> Option<Self> {
        let rest = json.trim_ascii_start().strip_prefix(b"{")?;
        Some(Self { rest, state: State::First })
    }

    /// Whether the members returned were all, and nothing follows the object.
    pub fn were_all(&self) -> bool {
        self.state == State::Whole
    }

    fn step(&mut self) -> Option<(&'j [u8], &'j [u8])> {
        let rest = self.rest.trim_ascii_start();
        let rest = match (rest.first()?, self.state) {
            (b'}', _) => {
                self.rest = rest[1..].trim_ascii_start();
                self.state = if self.rest.is_empty() { State::Whole } else { State::Broken };
                return None;
            }
            (b',', State::Next) => rest[1..].trim_ascii_start(),
            (_, State::First) => rest,
            _ => return None,
        };
        let (key, after) = string(rest)?;
        let value = after.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        let after = after_value(value)?;
        self.rest = after;
        self.state = State::Next;
        Some((key, value[..value.len() - after.len()].trim_ascii_end()))
    }
}

/// Keys as they are written between their quotes, and values as they are written.
impl<'j> Iterator for Members<'j> {
    type Item = (&'j [u8], &'j [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if matches!(self.state, State::Whole | State::Broken) {
            return None;
        }
        let found = self.step();
        if found.is_none() && self.state != State::Whole {
            self.state = State::Broken;
        }
        found
    }
}

/// The text of a JSON string between its quotes, if it has no escapes.
pub fn bare_text(value: &[u8]) -> Option<&[u8]> {
    let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    (!inner.contains(&b'\\')).then_some(inner)
}

/// JSON without its line breaks and indentation.
pub fn on_one_line(json: &[u8]) -> Vec<u8> {
    let (mut line, mut is_string, mut is_escaped) = (Vec::with_capacity(json.len()), false, false);
    for byte in json {
        if !is_string && byte.is_ascii_whitespace() {
            continue;
        }
        line.push(*byte);
        is_string ^= *byte == b'"' && !is_escaped;
        is_escaped = is_string && *byte == b'\\' && !is_escaped;
        if !is_string && matches!(byte, b',' | b':') {
            line.push(b' ');
        }
    }
    line
}

/// Splits off the JSON string at the start. Returns the string as written between its quotes, and the rest.
pub fn string(json: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = json.strip_prefix(b"\"")?;
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'\\', inner.get(at..)?)?;
        if inner[at] == b'"' {
            return Some((&inner[..at], &inner[at + 1..]));
        }
        at += 2;
    }
}

/// Returns the text after the JSON value at the start.
fn after_value(json: &[u8]) -> Option<&[u8]> {
    match *json.first()? {
        b'"' => string(json).map(|(_, after)| after),
        b'{' | b'[' => after_nested(json),
        _ => {
            let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'}' | b']');
            let length = json.iter().position(is_end)?;
            (length > 0).then(|| &json[length..])
        }
    }
}

/// Returns the text after the object or array at the start.
fn after_nested(json: &[u8]) -> Option<&[u8]> {
    let mut rest = json;
    let mut depth = 0_usize;
    loop {
        match *rest.first()? {
            b'"' => {
                rest = string(rest)?.1;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        rest = &rest[1..];
        if depth == 0 {
            return Some(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn members(json: &str) -> (Vec<(String, String)>, bool) {
        let text = |part: &[u8]| String::from_utf8(part.to_vec()).expect("UTF-8");
        let mut members = Members::of(json.as_bytes()).expect("an object");
        let found = members.by_ref().map(|(key, value)| (text(key), text(value))).collect();
        (found, members.were_all())
    }

    #[test]
    fn values_are_as_written() {
        let (found, is_whole) = members(r#" {"a": 1 , "b":"x\"}", "c" : [{"d":"]"}],"e":{}} "#);

        let known = [("a", "1"), ("b", r#""x\"}""#), ("c", r#"[{"d":"]"}]"#), ("e", "{}")];
        assert_eq!(found, known.map(|(key, value)| (key.to_owned(), value.to_owned())));
        assert!(is_whole);
    }

    #[test]
    fn broken_objects_have_the_members_before_the_break() {
        for json in
            [r#"{"a": 1, "b"#, r#"{"a": 1, "b": "x"#, r#"{"a": 1 "b": 2}"#, r#"{"a": 1} x"#, r#"{"a": 1, "b": ["#]
        {
            let (found, is_whole) = members(json);

            assert_eq!(found, [("a".to_owned(), "1".to_owned())], "{json}");
            assert!(!is_whole, "{json}");
        }
    }

    proptest! {
        #[test]
        fn members_are_those_of_a_parser(known: std::collections::BTreeMap<String, (String, Vec<i8>, bool)>) {
            let json = serde_json::to_string(&known).expect("JSON");

            let (found, is_whole) = members(&json);

            prop_assert!(is_whole);
            let parsed: Value = serde_json::from_str(&json).expect("JSON");
            prop_assert_eq!(found.len(), known.len());
            for (key, value) in found {
                let key: String = serde_json::from_str(&format!("\"{key}\"")).expect("a string");
                prop_assert_eq!(&parsed[key], &serde_json::from_str::<Value>(&value).expect("a value"));
            }
        }
    }
}
