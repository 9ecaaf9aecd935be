//! Redaction of JSON text, without a tree: members by their name at any depth, texts by their content.
//!
//! Valid JSON stays valid. Numbers under a hidden name become the mask as a text; null, true and false stay.

use std::borrow::Cow;

use crate::format::escape::put_json_string;
use crate::redaction::pairs::Scope;
use crate::redaction::redactor::Redactor;

/// The member of a frame that holds a line of a program.
const CODE: &[u8] = b"code";

/// Returns the JSON with masks, or None if nothing in it is secret. `has_code` says that it has frames.
pub fn redact(redactor: &Redactor, json: &[u8], has_code: bool) -> Option<Vec<u8>> {
    let mut walk = Walk { redactor, json, out: Vec::new(), copied: 0 };
    let mut scope = Scope::Text;
    let mut at = 0;
    while let Some(offset) = memchr::memchr(b'"', &json[at..]) {
        let start = at + offset;
        walk.numbers(at, start);
        let end = string_end(json, start);
        let Some(value) = value_after(json, end) else {
            walk.text(start, end, scope);
            at = end;
            scope = Scope::Text;
            continue;
        };
        let name = content(json, start, end);
        let is_number = matches!(json.get(value), Some(b'-' | b'0'..=b'9'));
        scope = if has_code && *name == *CODE { Scope::Code } else { Scope::Text };
        at = if redactor.hides(&name, is_number) { walk.hide(value) } else { value };
    }
    walk.numbers(at, json.len());
    (walk.copied > 0).then(|| {
        walk.out.extend_from_slice(&json[walk.copied..]);
        walk.out
    })
}

struct Walk<'j> {
    redactor: &'j Redactor,
    json: &'j [u8],
    out: Vec<u8>,
    /// The bytes of the JSON that `out` stands for.
    copied: usize,
}

impl Walk<'_> {
    /// Masks the secrets within a string.
    fn text(&mut self, start: usize, end: usize, scope: Scope) {
        let text = content(self.json, start, end);
        if let Some(masked) = self.redactor.changed_in(&text, scope) {
            self.replace(start, end, &masked);
        }
    }

    /// Masks the secret numbers between two strings.
    fn numbers(&mut self, start: usize, end: usize) {
        if !self.redactor.patterns.reads_numbers() {
            return;
        }
        let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        let mut at = start;
        while let Some(offset) = self.json[at..end].iter().position(is_part) {
            let from = at + offset;
            at = from + self.json[from..end].iter().take_while(|byte| is_part(byte)).count();
            if let Some(masked) = self.redactor.changed(&self.json[from..at]) {
                self.replace(from, at, &masked);
            }
        }
    }

    /// Masks a whole value, and returns its end.
    fn hide(&mut self, start: usize) -> usize {
        let end = value_end(self.json, start);
        let value = &self.json[start..end];
        if matches!(value, b"null" | b"true" | b"false" | b"\"\"" | b"[]" | b"{}" | b"") {
            return end;
        }
        let secret = if value[0] == b'"' { content(self.json, start, end) } else { Cow::Borrowed(value) };
        let masked = self.redactor.masked(&secret);
        if value[0] != b'"' || masked != *secret {
            self.replace(start, end, &masked);
        }
        end
    }

    fn replace(&mut self, start: usize, end: usize, text: &[u8]) {
        self.out.extend_from_slice(&self.json[self.copied..start]);
        put_json_string(&mut self.out, text);
        self.copied = end;
    }
}

/// The place after a string's closing quote.
fn string_end(json: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(offset) = memchr::memchr2(b'"', b'\\', json.get(at..).unwrap_or_default()) {
        at += offset;
        if json[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    json.len()
}

/// The start of the value, if the string that ends at `end` is the name of a member.
fn value_after(json: &[u8], end: usize) -> Option<usize> {
    let colon = end + blanks(&json[end..]);
    (json.get(colon) == Some(&b':')).then(|| colon + 1 + blanks(&json[colon + 1..]))
}

fn blanks(json: &[u8]) -> usize {
    json.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

fn value_end(json: &[u8], start: usize) -> usize {
    match json.get(start) {
        Some(b'"') => string_end(json, start),
        Some(b'[' | b'{') => container_end(json, start),
        _ => {
            let length = json[start..].iter().position(|byte| b",]} \n\r\t".contains(byte));
            start + length.unwrap_or(json.len() - start)
        }
    }
}

fn container_end(json: &[u8], start: usize) -> usize {
    let mut depth = 0usize;
    let mut at = start;
    while let Some(byte) = json.get(at) {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth == 1 => return at + 1,
            b']' | b'}' => depth -= 1,
            b'"' => {
                at = string_end(json, at);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    json.len()
}

/// The text of a JSON string, as WTF-8.
pub fn text_of_string(json: &[u8]) -> Cow<'_, [u8]> {
    content(json, 0, json.len())
}

/// The text of a string, as WTF-8.
fn content(json: &[u8], start: usize, end: usize) -> Cow<'_, [u8]> {
    let inner = &json[start + 1..end.max(start + 2) - 1];
    if memchr::memchr(b'\\', inner).is_none() {
        return Cow::Borrowed(inner);
    }
    let mut text = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        text.extend_from_slice(&rest[..at]);
        rest = unescape(&rest[at + 1..], &mut text);
    }
    text.extend_from_slice(rest);
    Cow::Owned(text)
}

/// Appends the character of an escape, and returns the text after it.
fn unescape<'j>(rest: &'j [u8], text: &mut Vec<u8>) -> &'j [u8] {
    let Some((kind, rest)) = rest.split_first() else { return rest };
    match kind {
        b'n' => text.push(b'\n'),
        b't' => text.push(b'\t'),
        b'r' => text.push(b'\r'),
        b'b' => text.push(8),
        b'f' => text.push(12),
        b'u' => return unescape_code(rest, text),
        other => text.push(*other),
    }
    rest
}

fn unescape_code<'j>(rest: &'j [u8], text: &mut Vec<u8>) -> &'j [u8] {
    let Some(first) = hex(rest) else { return rest };
    let mut rest = &rest[4..];
    let mut code = first;
    if (0xd800..0xdc00).contains(&first)
        && let Some(second) = rest.strip_prefix(b"\\u").and_then(hex)
        && (0xdc00..0xe000).contains(&second)
    {
        code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        rest = &rest[6..];
    }
    match char::from_u32(code) {
        Some(char) => text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        // A lone surrogate.
        None => text.extend([0xe0 | code >> 12, 0x80 | code >> 6 & 0x3f, 0x80 | code & 0x3f].map(|byte| byte as u8)),
    }
    rest
}

fn hex(text: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(text.get(..4)?).ok()?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(json: &str) -> String {
        let redactor = Redactor::standard().expect("valid");
        let out = redact(&redactor, json.as_bytes(), false).unwrap_or_else(|| json.as_bytes().to_vec());
        let out = String::from_utf8(out).expect("utf-8");
        serde_json::from_str::<serde::de::IgnoredAny>(&out).expect("valid JSON");
        out
    }

    #[test]
    fn members_are_masked_at_any_depth() {
        let json = r#"{"a": [{"password": "x"}, {"b": {"apiKey": [1, {"c": "]"}], "n": 1}}], "pin": 1234}"#;

        let masked = r#"{"a": [{"password": "***"}, {"b": {"apiKey": "***", "n": 1}}], "pin": "***"}"#;
        assert_eq!(redacted(json), masked);
    }

    #[test]
    fn empty_and_boolean_values_stay() {
        let json = r#"{"password": null, "token": true, "secret": "", "creds": [], "tokens": 12}"#;

        assert_eq!(redacted(json), json);
    }

    #[test]
    fn texts_with_escapes_stay_valid() {
        let json = r#"{"q\u0022": "say \"password=\\\"a b\\\"\" \ud83d\ude00", "k": "\u0062earer abcdef123"}"#;

        assert_eq!(redacted(json), r#"{"q\u0022": "say \"password=\\\"***\\\"\" 😀", "k": "bearer ***"}"#);
    }

    #[test]
    fn names_with_escapes_are_read() {
        assert_eq!(redacted(r#"{"pass\u0077ord":"x"}"#), r#"{"pass\u0077ord":"***"}"#);
    }
}
