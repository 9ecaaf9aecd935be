//! Messages without what varies in them, so that those of one place in a program are one.
//!
//! Words are looked at one after the other. One with a digit is a number, a time, an address or an identifier, by its
//! `variable`; one without is kept. Texts in quotes and values after `key=` vary, too.

use memchr::memchr;

use super::tally::head;
use super::variable::{self, is_word};
use crate::view::pairs;

/// Bytes of a message that are looked at: those of its first line.
const LONGEST: usize = 1_000;

/// Bytes within quotes that are one text.
const LONGEST_QUOTED: usize = 300;

/// Appends the first line of a message, with what varies as `<number>`, `<id>` and the like.
pub fn put_template(message: &[u8], out: &mut Vec<u8>) {
    let line = message.trim_ascii();
    let end = memchr(b'\n', line).unwrap_or(line.len());
    let text = head(line[..end].trim_ascii_end(), LONGEST);
    let has_at = memchr(b'@', text).is_some();
    let mut at = 0;
    while at < text.len() {
        let is_after_word = at > 0 && is_word(text[at - 1]);
        at += match text[at] {
            byte if is_word(byte) => put_word(&text[at..], has_at, out),
            byte => put_other(byte, &text[at..], is_after_word, out),
        };
    }
}

/// Appends the word at the start of a text. Returns how much of the text that was.
fn put_word(text: &[u8], has_at: bool, out: &mut Vec<u8>) -> usize {
    let length = text.iter().position(|byte| !is_word(*byte)).unwrap_or(text.len());
    let word = &text[..length];
    let has_digit = word.iter().any(u8::is_ascii_digit);
    if has_at && let Some(length) = variable::email(text) {
        out.extend_from_slice(b"<email>");
        return length;
    }
    if !has_digit && !variable::may_be_hex(word, text) {
        out.extend_from_slice(word);
        return length + put_value(&text[length..], out);
    }
    if let Some((name, length)) = variable::find(text, length) {
        out.extend_from_slice(name);
        return length;
    }
    put_without_digits(word, out);
    length + put_value(&text[length..], out)
}

/// Appends a word with each of its numbers as `<number>`.
fn put_without_digits(word: &[u8], out: &mut Vec<u8>) {
    for run in word.chunk_by(|one, other| one.is_ascii_digit() == other.is_ascii_digit()) {
        out.extend_from_slice(if run[0].is_ascii_digit() { b"<number>" } else { run });
    }
}

/// Appends `=<value>` if a value follows the word before. Returns how much of the text that was.
fn put_value(text: &[u8], out: &mut Vec<u8>) -> usize {
    let Some(after) = text.strip_prefix(b"=").filter(|after| !after.starts_with(b"=")) else { return 0 };
    let (_, rest) = pairs::value(after);
    let value = &after[..after.len() - rest.len()];
    // What ends a list or a sentence is no part of the value.
    let ends = value.iter().rev().take_while(|byte| matches!(byte, b')' | b']' | b'}' | b',' | b';')).count();
    let value = &value[..value.len() - ends];
    if value.is_empty() {
        return 0;
    }
    out.extend_from_slice(b"=<value>");
    1 + value.len()
}

/// Appends what is no word: a text in quotes, or one byte. Returns how much of the text that was.
fn put_other(byte: u8, text: &[u8], is_after_word: bool, out: &mut Vec<u8>) -> usize {
    let next = text.get(1).copied().unwrap_or(b' ');
    match byte {
        b'"' | b'\'' | b'`' if !is_after_word => {
            if let Some(length) = quoted(text) {
                out.extend_from_slice(&[byte]);
                out.extend_from_slice(b"<text>");
                out.extend_from_slice(&[byte]);
                return length;
            }
        }
        // A sign is a part of the number.
        b'-' | b'+' if !is_after_word && next.is_ascii_digit() => return 1,
        b':' if !is_after_word && next == b':' => {
            if let Some(length) = variable::ip6(text) {
                out.extend_from_slice(b"<ip>");
                return length;
            }
        }
        _ => {}
    }
    out.push(byte);
    1
}

/// The length of a text in quotes, with both of them.
fn quoted(text: &[u8]) -> Option<usize> {
    let (quote, inner) = text.split_first()?;
    let inner = &inner[..inner.len().min(LONGEST_QUOTED)];
    let is_end =
        |at: &usize| !inner.get(at + 1).copied().is_some_and(is_word) && inner.get(at.wrapping_sub(1)) != Some(&b'\\');
    let end = memchr::memchr_iter(*quote, inner).find(is_end)?;
    (end > 0).then_some(end + 2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn template(message: &str) -> String {
        let mut out = Vec::new();
        put_template(message.as_bytes(), &mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn what_varies_has_a_name() {
        for (message, expected) in [
            ("paid 12 EUR", "paid <number> EUR"),
            ("-1.5e-7 and +3, 1,234.50", "<number> and <number>, <number>"),
            ("took 12ms, 1.5 s, 1h30m, 300 µs", "took <duration>, <duration>, <duration>, <duration>"),
            ("read 10KB of 5 GiB", "read <size> of <size>"),
            ("at 2025-01-15T10:30:45.123Z or 10:30", "at <time> or <time>"),
            ("2025-01-15 10:30:45,5 +0100: 2025-01-15", "<time>: <time>"),
            ("id 6f1ed002-ab59-5a7f-8f4e-0a1b2c3d4e5f", "id <uuid>"),
            ("at 0x7f3a deadbee1 3fa9c1d", "at <hex> <hex> <hex>"),
            ("from 10.0.0.1:443, ::1, fe80::1ff, 2001:db8::7", "from <ip>:<number>, <ip>, <ip>, <ip>"),
            ("mail to ann.b+c@example.org.", "mail to <email>."),
            ("no key 'ab c' in \"x\", can't", "no key '<text>' in \"<text>\", can't"),
            ("GET /users/42/orders/8f3a9c1e?x=1 200", "GET /users/<number>/orders/<hex>?x=<value> <number>"),
            ("worker-7 job_12 order991", "worker-<number> job_<number> order<number>"),
            ("token a8Fk29Xz", "token <id>"),
            (
                "done ms=12 user=ann note=\"a b\" (n=3), x==y",
                "done ms=<value> user=<value> note=<value> (n=<value>), x==y",
            ),
            ("plain words stay: a/b, c.", "plain words stay: a/b, c."),
            ("first 1\nsecond", "first <number>"),
            ("version 1.2.3 at 99%", "version <number> at <number>%"),
            ("café 3 naïve", "café <number> naïve"),
            ("3rd of 2xx", "<number>rd of <number>xx"),
            ("", ""),
        ] {
            assert_eq!(template(message), expected);
        }
    }

    proptest! {
        #[test]
        fn templates_are_the_same_for_all_numbers(one in 0..1_000_000_u32, other in 0..1_000_000_u32) {
            let message = |number| template(&format!("order {number} of user_{number} in {number}ms /a/{number}"));
            prop_assert_eq!(message(one), message(other));
        }

        #[test]
        fn any_text_has_a_template(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[-0-9a-f:.@=' é]{0,60}") {
            put_template(&bytes, &mut Vec::new());
            prop_assert!(std::str::from_utf8(template(&text).as_bytes()).is_ok());
        }
    }
}
