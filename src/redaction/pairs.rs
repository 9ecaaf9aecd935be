//! Names and their values in a text: `password=...`, `"token": ...`, `('key', ...)`, headers, options and elements.
//!
//! Containers shown in a message, texts of exceptions and output of other programs hide a value by its name like this.
//! One pass, left to right: no byte is searched twice for the end of a value.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::{memchr_iter, memchr3_iter};

use crate::redaction::keys::Keys;
use crate::redaction::mask::Mask;

/// Made once: making it takes longer than most searches.
static DASHES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"--"));

/// The most bytes of a name.
const LONGEST_NAME: usize = 100;

/// The most spaces on a side of the sign.
const MOST_SPACES: usize = 8;

/// Values that are no secrets.
const PLAIN: [&[u8]; 6] = [b"None", b"True", b"False", b"null", b"true", b"false"];

/// Headers whose value goes to the end of the line.
const HEADERS: [&[u8]; 5] = [b"authorization", b"proxy-authorization", b"cookie", b"cookie2", b"set-cookie"];

/// How much of a text to mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Any value.
    Text,
    /// In a line of a program: quoted values, and values within quotes. Others are names and calls.
    Code,
}

/// A name before a sign.
struct Name<'t> {
    text: &'t [u8],
    is_quoted: bool,
}

/// Finds the values that `keys` hide. A mask that stands there is left alone.
pub fn find(text: &[u8], keys: &Keys, mask: &Mask, scope: Scope, found: &mut Vec<Range<usize>>) {
    if keys.is_empty() {
        return;
    }
    let (mut from, mut quotes) = (0, Quotes::default());
    for at in memchr3_iter(b':', b'=', b'>', text) {
        if at < from {
            continue;
        }
        let is_text = scope == Scope::Text || quotes.are_open_at(text, at);
        let scope = if is_text { Scope::Text } else { Scope::Code };
        if let Some(value) = value_at(text, from, at, keys, mask, scope) {
            from = value.end;
            found.push(value);
        }
    }
    let mut from = 0;
    for at in memchr_iter(b'(', text) {
        if at >= from
            && let Some(value) = second_of_two(text, at, keys, mask)
        {
            from = value.end;
            found.push(value);
        }
    }
    let mut from = 0;
    for at in DASHES.find_iter(text) {
        if at >= from
            && scope == Scope::Text
            && let Some(value) = option_value(text, at, keys, mask)
        {
            from = value.end;
            found.push(value);
        }
    }
}

fn value_at(text: &[u8], from: usize, at: usize, keys: &Keys, mask: &Mask, scope: Scope) -> Option<Range<usize>> {
    if text[at] == b'>' {
        return element(text, from, at, keys).filter(|value| mask.length_at(&text[value.clone()]) != Some(value.len()));
    }
    let name = name_before(text, from, at)?;
    let start = value_start(text, at)?;
    let is_number = text[start..].first().is_some_and(u8::is_ascii_digit);
    if !hides(keys, name.text, is_number) || mask.length_at(&text[start..]).is_some() {
        return None;
    }
    let is_header =
        text[at] == b':' && !name.is_quoted && HEADERS.iter().any(|header| name.text.eq_ignore_ascii_case(header));
    let value = value_of(text, start, is_header, scope)?;
    Some(value).filter(|value| !value.is_empty() && mask.length_at(&text[value.clone()]) != Some(value.len()))
}

/// The quotes of a line of a program, from left to right.
#[derive(Default)]
struct Quotes {
    at: usize,
    open: Option<u8>,
}

impl Quotes {
    /// Whether the byte at `at` is within quotes. Each place must be beyond the one before.
    fn are_open_at(&mut self, text: &[u8], at: usize) -> bool {
        while self.at < at {
            match (text[self.at], self.open) {
                (b'\\', _) => self.at += 1,
                (byte @ (b'"' | b'\''), None) => self.open = Some(byte),
                (byte, Some(quote)) if byte == quote => self.open = None,
                _ => {}
            }
            self.at += 1;
        }
        self.open.is_some()
    }
}

/// Whether a name is hidden, or the last part of a dotted name.
fn hides(keys: &Keys, name: &[u8], is_number: bool) -> bool {
    let last = memchr::memrchr(b'.', name).map(|dot| &name[dot + 1..]);
    last.is_some_and(|last| keys.hides(last, is_number)) || keys.hides(name, is_number)
}

/// The name that ends before the sign at `at`, not beyond `from`.
fn name_before(text: &[u8], from: usize, at: usize) -> Option<Name<'_>> {
    let before = &text[from..at];
    let before = &before[before.len().saturating_sub(LONGEST_NAME + MOST_SPACES)..];
    let spaces = before.iter().rev().take(MOST_SPACES).take_while(|byte| is_space(**byte)).count();
    let mut name = &before[..before.len() - spaces];
    // The key of a dict may be a tuple or a set with the name.
    let closing = name.iter().rev().take(4).take_while(|byte| b",)}".contains(byte)).count();
    if closing > 0 && matches!(name[..name.len() - closing].last(), Some(b'"' | b'\'')) {
        name = &name[..name.len() - closing];
    }
    let is_quoted = matches!(name.last(), Some(b'"' | b'\''));
    if is_quoted {
        name = &name[..name.len() - 1];
        let slashes = name.iter().rev().take_while(|byte| **byte == b'\\').count();
        name = &name[..name.len() - slashes];
    }
    let length = name.iter().rev().take_while(|byte| is_name(**byte)).count();
    let name = &name[name.len() - length..];
    let dashes = name.iter().take_while(|byte| **byte == b'-').count();
    (name.len() > dashes).then_some(Name { text: &name[dashes..], is_quoted })
}

/// The place after the sign at `at` and the spaces that follow it. None if the sign is part of another one.
fn value_start(text: &[u8], at: usize) -> Option<usize> {
    let mut start = at + 1;
    match (text[at], text.get(start)) {
        (b':', Some(b':')) => return None,
        (b':', Some(b'/')) if text.get(start + 1) == Some(&b'/') => return None,
        (b':', Some(b'=')) | (b'=', Some(b'=' | b'>')) => start += 1,
        _ => {}
    }
    start += text[start..].iter().take(MOST_SPACES).take_while(|byte| is_space(**byte)).count();
    (start < text.len()).then_some(start)
}

fn value_of(text: &[u8], start: usize, is_header: bool, scope: Scope) -> Option<Range<usize>> {
    let prefix = text[start..].iter().take(2).take_while(|byte| b"bruBRU".contains(byte)).count();
    if let Some(quoted) = quoted(text, start + prefix).or_else(|| quoted(text, start)) {
        return Some(quoted);
    }
    if scope == Scope::Code {
        return None;
    }
    if is_header {
        return Some(start..start + memchr::memchr2(b'\r', b'\n', &text[start..]).unwrap_or(text.len() - start));
    }
    if matches!(text[start], b'[' | b'{' | b'(') {
        return Some(start..container_end(text, start));
    }
    let end = bare_end(text, start);
    let word = &text[start..end];
    if PLAIN.contains(&word) {
        return None;
    }
    let is_scheme =
        [b"bearer".as_slice(), b"basic", b"token", b"digest"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
    let after = end + text[end..].iter().take(MOST_SPACES).take_while(|byte| is_space(**byte)).count();
    Some(start..if is_scheme && after > end { bare_end(text, after) } else { end })
}

/// The content of a text in quotes, which may be escaped themselves. A text without a closing quote was cut.
fn quoted(text: &[u8], at: usize) -> Option<Range<usize>> {
    let slashes = text[at..].iter().take(4).take_while(|byte| **byte == b'\\').count();
    let quote = *text.get(at + slashes).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let start = at + slashes + 1;
    let mut run = 0;
    for (offset, byte) in text[start..].iter().enumerate() {
        match byte {
            b'\\' => run += 1,
            // More backslashes than before the opening quote escape a quote within the text.
            _ if *byte == quote && (run == slashes || (slashes == 0 && run % 2 == 0)) => {
                return Some(start..start + offset - if slashes == 0 { 0 } else { run });
            }
            _ => run = 0,
        }
    }
    Some(start..text.len())
}

/// The end of a container, or of a text that was cut within one.
fn container_end(text: &[u8], start: usize) -> usize {
    let mut depth = 0usize;
    let mut at = start;
    while at < text.len() {
        match text[at] {
            b'[' | b'{' | b'(' => depth += 1,
            b']' | b'}' | b')' => depth -= 1,
            b'"' | b'\'' => at = quoted(text, at).map_or(at, |content| content.end),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

fn bare_end(text: &[u8], start: usize) -> usize {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'&,;)}]<".contains(byte);
    start + text[start..].iter().position(ends).unwrap_or(text.len() - start)
}

/// The content of `<password>...<`, given the place of `>`.
fn element(text: &[u8], from: usize, at: usize, keys: &Keys) -> Option<Range<usize>> {
    let before = &text[from..at];
    let before = &before[before.len().saturating_sub(LONGEST_NAME)..];
    let length = before.iter().rev().take_while(|byte| is_name(**byte) || **byte == b':').count();
    let name = &before[before.len() - length..];
    if before[..before.len() - length].last() != Some(&b'<') || !hides(keys, name, false) {
        return None;
    }
    let end = at + 1 + memchr::memchr(b'<', &text[at + 1..])?;
    (end > at + 1).then_some(at + 1..end)
}

/// The value of `--password value`, given the place of the dashes.
fn option_value(text: &[u8], at: usize, keys: &Keys, mask: &Mask) -> Option<Range<usize>> {
    if at > 0 && is_name(text[at - 1]) {
        return None;
    }
    let name = &text[at + 2..];
    let name = &name[..name.iter().take(LONGEST_NAME).take_while(|byte| is_name(**byte)).count()];
    let spaces = text[at + 2 + name.len()..].iter().take(MOST_SPACES).take_while(|byte| is_space(**byte)).count();
    let start = at + 2 + name.len() + spaces;
    let is_value = spaces > 0 && text.get(start).is_some_and(|byte| *byte != b'-');
    if !is_value || !keys.hides(name, false) || mask.length_at(&text[start..]).is_some() {
        return None;
    }
    let value = quoted(text, start).unwrap_or_else(|| start..bare_end(text, start));
    (!value.is_empty()).then_some(value)
}

/// The second text of a tuple of two whose first one is a name, given the place of its bracket. Headers and items of
/// dicts are shown like this.
fn second_of_two(text: &[u8], at: usize, keys: &Keys, mask: &Mask) -> Option<Range<usize>> {
    let content = |at: usize| quoted(text, at + usize::from(text.get(at) == Some(&b'b')));
    let name = content(at + 1).filter(|name| name.len() <= LONGEST_NAME && name.end < text.len())?;
    let rest = text[name.end..].iter().take_while(|byte| b"\\'\"".contains(byte)).count() + name.end;
    let value = text[rest..].starts_with(b", ").then(|| content(rest + 2)).flatten()?;
    let after = text[value.end..].iter().take_while(|byte| b"\\'\"".contains(byte)).count() + value.end;
    let is_pair = matches!(text.get(after), None | Some(b')')) && !value.is_empty();
    let is_hidden = is_pair && hides(keys, &text[name], false);
    Some(value).filter(|value| is_hidden && mask.length_at(&text[value.clone()]) != Some(value.len()))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b"_-.".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, scope: Scope) -> Vec<&str> {
        let mut found = Vec::new();
        find(text.as_bytes(), &Keys::standard(), &Mask::default(), scope, &mut found);
        found.into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn values_of_secret_names_are_found() {
        let cases = [
            ("login password=hunter2 for ada", "hunter2"),
            ("{'password': 'it\\'s', 'n': 1}", "it\\'s"),
            ("{\"user\": {\"api_key\": \"k,e}y\"}}", "k,e}y"),
            ("body: {\\\"token\\\": \\\"abc\\\", \\\"n\\\": 1}", "abc"),
            ("Authorization: Digest a=\"b\", c=d\r\nHost: x", "Digest a=\"b\", c=d"),
            ("password = b'bytes'", "bytes"),
            ("secret: Bearer abc def", "Bearer abc"),
            ("User(name='x', passwd=['a', 'b)'], n=1)", "['a', 'b)']"),
            ("GET /?token=abc&n=1", "abc"),
            ("config.password: abc", "abc"),
            ("run --password abc --verbose", "abc"),
            ("run --password=abc", "abc"),
            ("<password>abc</password>", "abc"),
            (":secret => 'abc'", "abc"),
            ("password='cut off", "cut off"),
            ("dbPass=12", "12"),
            ("OrderedDict([('password', 'it')])", "it"),
            ("[(b'x-api-key', b'abc'), (b'host', b'x')]", "abc"),
            ("(\\'password\\', \\'abc\\')", "abc"),
            ("{('password',): 'abc'}", "abc"),
            ("{frozenset({'password'}): 'abc'}", "abc"),
        ];
        for (text, secret) in cases {
            assert_eq!(found(text, Scope::Text), [secret], "{text}");
        }
    }

    #[test]
    fn other_texts_are_left() {
        let cases = [
            "user=ada",
            "password=None",
            "token=***",
            "password=",
            "TokenError: expired",
            "secret://host",
            "secret::item",
            "tokens=350",
            "a : b = c > d",
            "::==>>",
            "'password'",
            "password",
            "-- password x",
            "",
            "x--password y",
            "('password', 'email', 'name')",
            "['password', 'email']",
            "('password', )",
            "('user', 'password')",
            "f('password')",
            "('password'",
        ];
        for text in cases {
            assert_eq!(found(text, Scope::Text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn code_shows_only_its_literals_to_be_masked() {
        assert_eq!(found("    password = settings.password", Scope::Code), Vec::<&str>::new());
        assert_eq!(found("    connect(password='abc', user=user)", Scope::Code), ["abc"]);
        assert_eq!(found("    raise E('token=abc', token=token)", Scope::Code), ["abc"]);
    }
}
