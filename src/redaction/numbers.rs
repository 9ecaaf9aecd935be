//! Tests of values that no expression can make, and the search for card numbers.

use std::net::Ipv6Addr;
use std::ops::Range;

/// The lengths of card numbers, by ISO/IEC 7812-1 and the brands that are in use.
const CARD_LENGTHS: Range<usize> = 13..20;

/// Whether a word after `Bearer` is a token and not prose: it has a digit, or is long.
pub(super) fn is_tokenlike(text: &[u8]) -> bool {
    text.len() >= 20 || text.iter().any(u8::is_ascii_digit)
}

/// Whether a text is the base64 of a text with a colon in it.
pub(super) fn is_base64_of_pair(text: &[u8]) -> bool {
    let digits = text.iter().filter(|byte| **byte != b'=').map(|byte| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    });
    let (mut bits, mut count) = (0u32, 0);
    for digit in digits {
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            if (bits >> count) as u8 == b':' {
                return true;
            }
        }
    }
    false
}

/// Whether a text is an IPv6 address. Times such as `10:30:45` are none.
pub(super) fn is_ipv6(text: &[u8]) -> bool {
    let text = std::str::from_utf8(text).unwrap_or_default();
    text.len() > 2 && text.parse::<Ipv6Addr>().is_ok()
}

/// Finds card numbers: 13 to 19 digits that begin like a brand's and pass the Luhn test, in groups of any length.
pub(super) fn find_cards(text: &[u8], found: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while let Some(offset) = text[at..].iter().position(u8::is_ascii_digit) {
        let start = at + offset;
        if let Some(end) = card_at(text, start) {
            found.push(start..end);
            at = end;
        } else {
            // The next group of digits.
            at = start + text[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        }
    }
}

/// The end of the longest card number that begins at a group of digits.
fn card_at(text: &[u8], start: usize) -> Option<usize> {
    if start > 0 && (text[start - 1].is_ascii_alphanumeric() || b"._".contains(&text[start - 1])) {
        return None;
    }
    let mut digits = [0u8; CARD_LENGTHS.end];
    let (mut count, mut end, mut at) = (0, None, start);
    while count < digits.len() {
        match text.get(at) {
            Some(byte) if byte.is_ascii_digit() => {
                digits[count] = byte - b'0';
                count += 1;
                let is_last = !text.get(at + 1).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
                if is_last && CARD_LENGTHS.contains(&count) && is_card(&digits[..count]) {
                    end = Some(at + 1);
                }
            }
            Some(b' ' | b'-') if text.get(at + 1).is_some_and(u8::is_ascii_digit) => {}
            _ => break,
        }
        at += 1;
    }
    end
}

/// Whether digits begin like a card number, and their last one is the check digit of ISO/IEC 7812-1, annex B.
fn is_card(digits: &[u8]) -> bool {
    let two = digits[0] * 10 + digits[1];
    let is_brand = matches!(two, 22..=27 | 30 | 34..=39 | 40..=65 | 67 | 81);
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, u32::from(*digit) * (1 + at as u32 % 2)) {
            (1, double) if double > 9 => double - 9,
            (_, value) => value,
        })
        .sum();
    is_brand && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cards(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find_cards(text.as_bytes(), &mut found);
        found.into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn cards_are_found_in_any_grouping() {
        // The test numbers that card brands publish.
        for card in
            ["4111111111111111", "5555 5555 5555 4444", "3782-822463-10005", "6011111111111117", "4222222222222"]
        {
            assert_eq!(cards(&format!("paid with {card}, thanks")), [card]);
            assert_eq!(cards(&format!("order 12 {card}")), [card]);
        }
    }

    #[test]
    fn other_numbers_are_no_cards() {
        for text in [
            "4111111111111112",
            "1700000000000",
            "41111111111111111111111",
            "id4111111111111111",
            "2025-01-15 10:30:45",
        ] {
            assert_eq!(cards(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn base64_of_a_pair_is_told_from_prose() {
        assert!(is_base64_of_pair(b"QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        assert!(!is_base64_of_pair(b"training"));
    }
}
