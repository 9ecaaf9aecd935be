//! Levels by the names and numbers that logging libraries write, as logly's numbers.

use memchr::memmem;

/// Names in upper case, each with its number. Lines may have them in lower case or with one capital, too.
const NAMES: [(&str, i32); 31] = [
    ("TRACE", 5),
    ("VERBOSE", 5),
    ("TRC", 5),
    ("DEBUG", 10),
    ("DBG", 10),
    ("FINE", 10),
    ("INFO", 20),
    ("INF", 20),
    ("INFORMATION", 20),
    ("INFORMATIONAL", 20),
    ("NOTICE", 22),
    ("SUCCESS", 25),
    ("WARNING", 30),
    ("WARN", 30),
    ("WRN", 30),
    ("ERROR", 40),
    ("ERR", 40),
    ("SEVERE", 40),
    ("EROR", 40),
    ("FAIL", 45),
    ("CRITICAL", 50),
    ("CRIT", 50),
    ("FATAL", 50),
    ("FTL", 50),
    ("ALERT", 50),
    ("EMERGENCY", 50),
    ("EMERG", 50),
    ("PANIC", 50),
    ("DPANIC", 50),
    ("PNC", 50),
    ("CRT", 50),
];

const LONGEST: usize = 13;

/// The start of the name of a number that has none.
const UNNAMED: &[u8] = b"Level ";

/// The numbers of Bunyan and pino, and logly's for them.
const BUNYAN: [(i32, i32); 6] = [(10, 5), (20, 10), (30, 20), (40, 30), (50, 40), (60, 50)];

/// The number of a level's name; None for other words.
pub fn number_of(name: &[u8]) -> Option<i32> {
    if let Some(number) = name.strip_prefix(UNNAMED) {
        return std::str::from_utf8(number).ok()?.parse().ok();
    }
    if name.len() > LONGEST || !is_spelled(name) {
        return None;
    }
    NAMES.iter().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name)).map(|(_, no)| *no)
}

/// logly's numbers for the severities of syslog, from 0.
const SYSLOG: [i32; 8] = [50, 50, 50, 40, 30, 22, 20, 10];

/// The number of a level that is written as a number: a severity of syslog, or a level of Bunyan or pino.
pub fn number_of_number(level: i32) -> i32 {
    if let Some(no) = usize::try_from(level).ok().and_then(|level| SYSLOG.get(level)) {
        return *no;
    }
    let below = BUNYAN.iter().rev().find(|(theirs, _)| *theirs <= level);
    below.map_or(level.min(5), |(theirs, ours)| ours + (level - theirs).min(4))
}

/// The name that is shown for a level's number.
pub fn name_of(no: i32) -> &'static str {
    let standard = ["TRACE", "DEBUG", "INFO", "NOTICE", "SUCCESS", "WARNING", "ERROR", "FAIL", "CRITICAL"];
    let at = crate::level::STANDARD_NUMBERS.iter().rposition(|known| *known <= no).unwrap_or(0);
    standard[at]
}

/// Whether a word is in one of the cases that names have: `ERROR`, `error` or `Error`.
fn is_spelled(word: &[u8]) -> bool {
    let Some((first, rest)) = word.split_first() else { return false };
    let is_lower = rest.iter().all(u8::is_ascii_lowercase);
    (first.is_ascii_alphabetic() && is_lower) || word.iter().all(u8::is_ascii_uppercase)
}

/// Texts of which each line has one, if it has the name of a level of this number or above.
pub fn spellings(least: i32) -> Vec<Vec<u8>> {
    let mut all = vec![UNNAMED.to_vec()];
    for (name, _) in NAMES.iter().filter(|(_, no)| *no >= least) {
        let lower = name.to_ascii_lowercase();
        let capital = format!("{}{}", &name[..1], &lower[1..]);
        all.extend([(*name).to_owned(), lower, capital].map(String::into_bytes));
    }
    without_longer(all)
}

/// Leaves out each text that has another one in it.
fn without_longer(mut all: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    all.sort_by_key(Vec::len);
    let mut kept: Vec<Vec<u8>> = Vec::new();
    for text in all {
        if !kept.iter().any(|shorter| memmem::find(&text, shorter).is_some()) {
            kept.push(text);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_libraries_are_known_in_three_cases() {
        assert_eq!(number_of(b"WARN"), Some(30));
        assert_eq!(number_of(b"warn"), Some(30));
        assert_eq!(number_of(b"Warn"), Some(30));
        assert_eq!(number_of(b"wARN"), None);
        assert_eq!(number_of(b"Level 37"), Some(37));
        assert_eq!(number_of(b"failed"), None);
        assert_eq!(number_of(b""), None);
    }

    #[test]
    fn numbers_are_those_of_bunyan_or_of_syslog() {
        assert_eq!([10, 20, 30, 40, 50, 60, 35].map(number_of_number), [5, 10, 20, 30, 40, 50, 24]);
        assert_eq!([0, 3, 4, 6, 7].map(number_of_number), [50, 40, 30, 20, 10]);
    }

    #[test]
    fn each_level_that_is_high_enough_has_a_spelling() {
        for least in [5, 20, 30, 40, 45, 50] {
            let spellings = spellings(least);
            let has = |line: &[u8]| spellings.iter().any(|text| memmem::find(line, text).is_some());

            for (name, no) in NAMES {
                let lower = name.to_ascii_lowercase();
                assert!(no < least || (has(name.as_bytes()) && has(lower.as_bytes())), "{name} {least}");
            }
        }
    }

    #[test]
    fn names_are_those_of_the_standard_levels() {
        assert_eq!([0, 5, 20, 31, 50, 99].map(name_of), ["TRACE", "TRACE", "INFO", "WARNING", "CRITICAL", "CRITICAL"]);
    }
}
