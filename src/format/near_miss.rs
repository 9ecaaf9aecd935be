//! Placeholders that can only be typing errors: a record key with a letter missing, doubled, exchanged or added.
//!
//! A name that is not a record key is a field, and a missing field is empty. A misspelled key would therefore leave the
//! value out of every line. Ordinary words are not errors: `{lines}`, `{field}` and `{massage}` are fields.

use crate::format::pattern::{key_names, names};

/// The misspelled names in a pattern, each with the record key that was meant.
pub fn near_misses(pattern: &str) -> impl Iterator<Item = (&str, &'static str)> {
    names(pattern).into_iter().filter_map(|name| Some((name, meant(name)?)))
}

/// Words one letter away from a record key. Plurals and similar forms are recognized by their ending.
const WORDS: [&str; 27] = [
    "bevel", "elapse", "field", "fiends", "junction", "lapsed", "levee", "leven", "lever", "libel", "lien", "linen",
    "linens", "massage", "modulo", "nodule", "precess", "profess", "prowess", "relapsed", "revel", "thead", "threat",
    "tread", "unction", "wields", "yields",
];

const ENDINGS: [&str; 6] = ["s", "es", "d", "ed", "r", "er"];

/// The record key that was meant by a misspelled name.
fn meant(name: &str) -> Option<&'static str> {
    let is_word = name.len() >= 4 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    // `{fileName}` may well be a field.
    let is_usual = name.bytes().skip(1).all(|byte| byte.is_ascii_lowercase());
    if !is_word || !is_usual {
        return None;
    }
    let lowered = name.to_ascii_lowercase();
    let mut keys = key_names().filter(|key| key.len() >= 4 && key.bytes().all(|byte| byte.is_ascii_lowercase()));
    if key_names().any(|key| key == lowered) {
        return keys.find(|key| *key == lowered && *key != name);
    }
    let is_known = WORDS.contains(&&*lowered);
    keys.find(|key| !is_known && !is_derived(&lowered, key) && is_slip(&lowered, key))
}

fn is_derived(name: &str, key: &str) -> bool {
    name.strip_prefix(key).is_some_and(|ending| ENDINGS.contains(&ending))
}

/// Many words are one letter away from a key of four letters. For such a key only two exchanged letters or a doubled
/// one count.
fn is_slip(name: &str, key: &str) -> bool {
    let is_near = strsim::osa_distance(name, key) == 1;
    let is_exchanged = name.len() == key.len() && strsim::levenshtein(name, key) == 2;
    is_near && (key.len() > 4 || is_exchanged || is_doubled(name, key))
}

fn is_doubled(name: &str, key: &str) -> bool {
    let mut letters: Vec<u8> = name.bytes().collect();
    letters.dedup();
    letters == key.as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_record_keys_are_told() {
        let slips = [
            ("levl", "level"),
            ("mesage", "message"),
            ("messsage", "message"),
            ("mesasge", "message"),
            ("Level", "level"),
            ("Time", "time"),
            ("tiem", "time"),
            ("nmae", "name"),
            ("linne", "line"),
            ("funtion", "function"),
            ("Mesage", "message"),
            ("exeption", "exception"),
            ("levelnam", "levelname"),
        ];
        for (slip, key) in slips {
            assert_eq!(meant(slip), Some(key), "{slip}");
        }
    }

    #[test]
    fn words_and_other_names_are_fields() {
        let fields = "user lines liner link lint live lane lever levels names named game paths path math patch bath tasks mask ask \
                      times timer tide tire files fire film file_name fileName filenames threads threat massage messages \
                      junction field yields extras extract processed process_id progress modules model line_no lev lvl \
                      msg tme time1 level_name LEVL Übel modulo elapse";
        for name in fields.split_whitespace() {
            assert_eq!(meant(name), None, "{name}");
        }
    }

    #[test]
    fn names_are_found_wherever_they_stand() {
        let found: Vec<_> =
            near_misses("{time:HH} {levl: <8} <red>{mesage}</red> {{tiem}} {extra[levl]} {user}").collect();

        assert_eq!(found, [("levl", "level"), ("mesage", "message")]);
    }
}
