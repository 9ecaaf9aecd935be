//! Parts of messages that vary: numbers, times, addresses and identifiers.

use std::net::Ipv6Addr;

/// Units that stand right after a number.
const DURATIONS: [&str; 13] = ["ns", "us", "µs", "μs", "ms", "s", "sec", "m", "min", "h", "hr", "d", "w"];
const SIZES: [&str; 15] =
    ["B", "kB", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB", "kb", "mb", "gb", "bytes", "byte"];

/// Units that stand after a number and a space. Letters such as `m` and `d` may mean anything there.
const WORDS: [&str; 16] = [
    "ns", "us", "µs", "μs", "ms", "s", "sec", "secs", "second", "seconds", "min", "minutes", "hour", "hours", "day",
    "days",
];

/// The shortest identifier in hexadecimal, and that of digits and letters in turn.
const SHORTEST: usize = 6;

/// Bytes of words: letters, digits, and all of characters beyond ASCII.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// The name and the length of what varies at the start of a text, whose first word has this length.
pub(super) fn find(text: &[u8], length: usize) -> Option<(&'static [u8], usize)> {
    let word = &text[..length];
    if let Some(length) = uuid(text) {
        return Some((b"<uuid>", length));
    }
    if let Some(length) = ip6(text) {
        return Some((b"<ip>", length));
    }
    if !word.iter().any(u8::is_ascii_digit) {
        return None;
    }
    if word[0].is_ascii_digit() {
        let numeric = ip4(text).map(|length| (&b"<ip>"[..], length));
        if let Some(found) =
            numeric.or_else(|| time(text).map(|length| (&b"<time>"[..], length))).or_else(|| number(text))
        {
            return Some(found);
        }
    }
    let digits = word.strip_prefix(b"0x").unwrap_or(word);
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
    if is_hex && !digits.is_empty() && (digits.len() < length || length >= SHORTEST) {
        return Some((b"<hex>", length));
    }
    let runs = word.chunk_by(|one, other| one.is_ascii_digit() == other.is_ascii_digit()).count();
    (length >= SHORTEST && runs > 2).then_some((b"<id>", length))
}

/// Whether a word without digits may begin a UUID or an address.
pub(super) fn may_be_hex(word: &[u8], text: &[u8]) -> bool {
    let next = text.get(word.len()).copied();
    ((word.len() == 8 && next == Some(b'-')) || (word.len() <= 4 && next == Some(b':')))
        && word.iter().all(u8::is_ascii_hexdigit)
}

fn uuid(text: &[u8]) -> Option<usize> {
    let is_one = |(at, byte): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    (text.get(8) == Some(&b'-') && text.get(..36)?.iter().enumerate().all(is_one) && is_end(text, 36)).then_some(36)
}

pub(super) fn email(text: &[u8]) -> Option<usize> {
    let is_local = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-');
    let at = text.iter().position(|byte| !is_local(byte)).filter(|at| text[*at] == b'@')?;
    let is_domain = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let length = text[at + 1..].iter().take_while(is_domain).count();
    let domain = &text[at + 1..at + 1 + length];
    let trailing = domain.iter().rev().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
    let domain = &domain[..length - trailing];
    (domain.contains(&b'.')).then_some(at + 1 + domain.len())
}

/// The length of an address of IPv6, or of a network card.
pub(super) fn ip6(text: &[u8]) -> Option<usize> {
    let is_part = |byte: &&u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let run = &text[..text.iter().take(48).take_while(is_part).count()];
    let length = run.len() - run.iter().rev().take_while(|byte| matches!(byte, b'.')).count();
    let run = &run[..length];
    if memchr::memchr_iter(b':', run).count() < 2 || !is_end(text, length) {
        return None;
    }
    let is_card = length == 17 && run.split(|byte| *byte == b':').all(|part| part.len() == 2);
    let is_address = || std::str::from_utf8(run).is_ok_and(|run| run.parse::<Ipv6Addr>().is_ok());
    (length > 2 && (is_card || is_address())).then_some(length)
}

fn ip4(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for part in 0..4 {
        if part > 0 {
            at += text.get(at).filter(|byte| **byte == b'.').map(|_| 1)?;
        }
        let digits = digits(&text[at..]);
        if !(1..=3).contains(&digits) {
            return None;
        }
        at += digits;
    }
    let is_longer = text.get(at) == Some(&b'.') && text.get(at + 1).is_some_and(u8::is_ascii_digit);
    (is_end(text, at) && !is_longer).then_some(at)
}

/// The length of a date, of a time of the day, or of both.
fn time(text: &[u8]) -> Option<usize> {
    let Some(length) = date(text) else { return clock(text) };
    let has_clock = matches!(text.get(length), Some(b'T' | b' ' | b'_'));
    let clock = if has_clock { clock(&text[length + 1..]) } else { None };
    match clock {
        Some(clock) => Some(length + 1 + clock),
        None => is_end(text, length).then_some(length),
    }
}

fn date(text: &[u8]) -> Option<usize> {
    let date = text.get(..10)?;
    let is_one = date
        .iter()
        .enumerate()
        .all(|(at, byte)| if matches!(at, 4 | 7) { *byte == date[4] } else { byte.is_ascii_digit() });
    (is_one && matches!(date[4], b'-' | b'/' | b'.')).then_some(10)
}

fn clock(text: &[u8]) -> Option<usize> {
    let mut at = digits(text);
    if !(1..=2).contains(&at) {
        return None;
    }
    let mut parts = 0;
    while parts < 2 && text.get(at) == Some(&b':') && digits(&text[at + 1..]) == 2 {
        at += 3;
        parts += 1;
    }
    if parts == 0 {
        return None;
    }
    if matches!(text.get(at), Some(b'.' | b',')) && digits(&text[at + 1..]) > 0 {
        at += 1 + digits(&text[at + 1..]);
    }
    at += zone(&text[at..]);
    let goes_on = text.get(at) == Some(&b':') && text.get(at + 1).is_some_and(|byte| is_word(*byte));
    (is_end(text, at) && !goes_on).then_some(at)
}

/// The length of an offset from UTC.
fn zone(text: &[u8]) -> usize {
    if text.starts_with(b"Z") {
        return 1;
    }
    let space = usize::from(text.starts_with(b" "));
    let Some(b'+' | b'-') = text.get(space) else { return 0 };
    let rest = &text[space + 1..];
    match digits(rest) {
        4 => space + 5,
        2 if rest.get(2) == Some(&b':') && digits(&rest[3..]) == 2 => space + 6,
        _ => 0,
    }
}

/// A number, with its unit if it has one. None if letters follow that are no unit.
fn number(text: &[u8]) -> Option<(&'static [u8], usize)> {
    let mut at = plain_number(text);
    if is_end(text, at) {
        let unit = text[at..].strip_prefix(b" ").and_then(|rest| {
            unit(rest, &WORDS)
                .map(|unit| ("<duration>", unit))
                .or_else(|| unit(rest, &SIZES).map(|unit| ("<size>", unit)))
        });
        return Some(match unit {
            Some((name, unit)) => (name.as_bytes(), at + 1 + unit),
            None => (b"<number>", at),
        });
    }
    if let Some(unit) = unit(&text[at..], &SIZES) {
        return Some((b"<size>", at + unit));
    }
    // Such as 1h30m.
    loop {
        let letters = text[at..].iter().take_while(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80).count();
        let is_unit = DURATIONS.iter().any(|unit| unit.as_bytes() == &text[at..at + letters]);
        if !is_unit {
            return None;
        }
        at += letters;
        if is_end(text, at) {
            return Some((b"<duration>", at));
        }
        at += plain_number(&text[at..]);
    }
}

/// The length of a number: digits with separators between them, and an exponent.
fn plain_number(text: &[u8]) -> usize {
    let mut at = digits(text);
    while matches!(text.get(at), Some(b'.' | b',' | b'_')) && digits(&text[at + 1..]) > 0 {
        at += 1 + digits(&text[at + 1..]);
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(&text[(at + 1 + sign).min(text.len())..]);
        if exponent > 0 && is_end(text, at + 1 + sign + exponent) {
            at += 1 + sign + exponent;
        }
    }
    at
}

/// The length of the unit at the start of a text.
fn unit(text: &[u8], units: &[&str]) -> Option<usize> {
    let is_found = |unit: &&&str| text.starts_with(unit.as_bytes()) && is_end(text, unit.len());
    units.iter().find(is_found).map(|unit| unit.len())
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Whether no word goes on at a place.
fn is_end(text: &[u8], at: usize) -> bool {
    text.get(at).is_none_or(|byte| !is_word(*byte))
}
