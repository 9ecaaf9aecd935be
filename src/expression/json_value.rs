//! Values from JSON: lists and mappings of a record, and whole lines of a file.
//!
//! The reader accepts all JSON that logly and Python's `json` write. This includes lone surrogates, which `serde_json`
//! refuses, and integers of any length, which it rounds. Values that are nested too deeply are texts.

use std::borrow::Cow;

use memchr::memchr2;

use super::datum::Datum;

/// The deepest nesting that is read, so that no value exhausts the stack of a thread.
const DEEPEST: usize = 64;

impl Datum<'_> {
    /// The value of a JSON text. None if it is no JSON, such as a line that is cut off.
    pub fn of_json(json: &[u8]) -> Option<Datum<'static>> {
        let mut reader = Reader { rest: json };
        let value = reader.value(0)?;
        reader.skip_blanks();
        reader.rest.is_empty().then_some(value)
    }
}

struct Reader<'j> {
    rest: &'j [u8],
}

impl Reader<'_> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn take(&mut self, wanted: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(wanted)?;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<Datum<'static>> {
        self.skip_blanks();
        match *self.rest.first()? {
            b'{' | b'[' if depth == DEEPEST => self.nested_text(),
            b'{' => self.members(depth),
            b'[' => self.items(depth),
            b'"' => self.string().map(|text| Datum::Text(Cow::Owned(text))),
            b't' => self.take(b"true").map(|()| Datum::Bool(true)),
            b'f' => self.take(b"false").map(|()| Datum::Bool(false)),
            b'n' => self.take(b"null").map(|()| Datum::None),
            _ => self.number(),
        }
    }

    fn items(&mut self, depth: usize) -> Option<Datum<'static>> {
        let mut items = Vec::new();
        self.series(b"[", b"]", |reader| {
            items.push(reader.value(depth + 1)?);
            Some(())
        })?;
        Some(Datum::List(items))
    }

    /// A later member of the same name replaces an earlier one.
    fn members(&mut self, depth: usize) -> Option<Datum<'static>> {
        let mut members: Vec<(Cow<'static, [u8]>, Datum<'static>)> = Vec::new();
        self.series(b"{", b"}", |reader| {
            let key = reader.string()?;
            reader.skip_blanks();
            reader.take(b":")?;
            members.push((Cow::Owned(key), reader.value(depth + 1)?));
            Some(())
        })?;
        Some(Datum::Map(members))
    }

    fn series(&mut self, start: &[u8], end: &[u8], mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.take(start)?;
        self.skip_blanks();
        if self.take(end).is_some() {
            return Some(());
        }
        loop {
            self.skip_blanks();
            item(self)?;
            self.skip_blanks();
            if self.take(end).is_some() {
                return Some(());
            }
            self.take(b",")?;
        }
    }

    fn string(&mut self) -> Option<Vec<u8>> {
        self.take(b"\"")?;
        let mut text = Vec::new();
        loop {
            let at = memchr2(b'"', b'\\', self.rest)?;
            text.extend_from_slice(&self.rest[..at]);
            let is_end = self.rest[at] == b'"';
            self.rest = &self.rest[at + 1..];
            if is_end {
                return Some(text);
            }
            self.escaped(&mut text)?;
        }
    }

    /// Reads the part of an escape after its backslash.
    fn escaped(&mut self, text: &mut Vec<u8>) -> Option<()> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        match first {
            b'n' => text.push(b'\n'),
            b't' => text.push(b'\t'),
            b'r' => text.push(b'\r'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'"' | b'\\' | b'/' => text.push(*first),
            b'u' => {
                let high = self.code_unit()?;
                let low = if (0xd800..0xdc00).contains(&high) { self.low_surrogate() } else { None };
                put_code_point(text, low.map_or(high, |low| 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)));
            }
            _ => return None,
        }
        Some(())
    }

    fn code_unit(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.rest = rest;
        u32::from_str_radix(digits, 16).ok()
    }

    /// The second half of a pair; None, and nothing is read, if another text follows.
    fn low_surrogate(&mut self) -> Option<u32> {
        let mut ahead = Reader { rest: self.rest };
        ahead.take(b"\\u")?;
        let low = ahead.code_unit().filter(|unit| (0xdc00..0xe000).contains(unit))?;
        self.rest = ahead.rest;
        Some(low)
    }

    fn number(&mut self) -> Option<Datum<'static>> {
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = self.rest.iter().take_while(|byte| is_part(byte)).count();
        let (digits, rest) = self.rest.split_at(length);
        let text = std::str::from_utf8(digits).ok()?;
        self.rest = rest;
        if digits.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
            return text.parse().ok().map(Datum::Float);
        }
        if let Ok(number) = text.parse() {
            return Some(Datum::Int(number));
        }
        let is_integer = digits.strip_prefix(b"-").unwrap_or(digits).iter().all(u8::is_ascii_digit) && length > 18;
        is_integer.then(|| Datum::Big(Cow::Owned(digits.to_vec())))
    }

    /// The JSON of a list or mapping, as text.
    fn nested_text(&mut self) -> Option<Datum<'static>> {
        let start = self.rest;
        let mut depth = 0_usize;
        loop {
            match *self.rest.first()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.rest = &self.rest[1..];
            if depth == 0 {
                let text = start[..start.len() - self.rest.len()].to_vec();
                return Some(Datum::Text(Cow::Owned(text)));
            }
        }
    }
}

/// Appends a code point as UTF-8, or a lone surrogate as WTF-8.
fn put_code_point(text: &mut Vec<u8>, point: u32) {
    match char::from_u32(point) {
        Some(character) => text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None => text.extend([0xe0 | (point >> 12), 0x80 | (point >> 6 & 0x3f), 0x80 | (point & 0x3f)].map(|b| b as u8)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(json: &str) -> Vec<u8> {
        match Datum::of_json(json.as_bytes()) {
            Some(Datum::Text(text)) => text.into_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn texts_keep_lone_surrogates() {
        assert_eq!(text_of(r#""a\ud83d\ude00\n\"""#), "a😀\n\"".as_bytes());
        assert_eq!(text_of(r#""\udc80\ud83dx""#), b"\xed\xb2\x80\xed\xa0\xbdx");
    }

    #[test]
    fn integers_have_any_length() {
        let digits = "9".repeat(400);

        assert!(matches!(Datum::of_json(digits.as_bytes()), Some(Datum::Big(known)) if *known == *digits.as_bytes()));
        assert!(matches!(Datum::of_json(b"-7"), Some(Datum::Int(-7))));
        assert!(matches!(Datum::of_json(b"1e400"), Some(Datum::Float(number)) if number.is_infinite()));
    }

    #[test]
    fn deep_values_are_texts() {
        let deep = "[".repeat(100_000) + "\"]\"" + &"]".repeat(100_000);

        assert!(matches!(Datum::of_json(deep.as_bytes()), Some(Datum::List(_))));
    }

    #[test]
    fn anything_else_is_no_value() {
        for broken in
            ["", "{", "[1,]", "{\"a\" 1}", "\"a", "tru", "1 2", "--1", "nul", "\"\\x\"", "\"\\u12\"", "-", "[1"]
        {
            assert!(Datum::of_json(broken.as_bytes()).is_none(), "{broken}");
        }
    }
}
