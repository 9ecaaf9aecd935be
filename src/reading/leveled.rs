//! The level of a finished line.
//!
//! A JSON line states it in its key `level`. In any other line, it is the first level name that appears as a word of
//! its own, in the case in which the level was defined. Colours around the name are ignored.

use crate::config::search::LevelFilter;
use crate::reading::json::{Members, string};

/// Whether a line has the level looked for.
pub(super) fn is_of_level(line: &[u8], filter: &LevelFilter) -> bool {
    if let Some(level) = json_level(line) {
        return level == filter.quoted;
    }
    filter.names.first(line) == Some(filter.name.as_bytes())
}

/// Returns the value of `level` at the top of a JSON object, if it is text.
fn json_level(line: &[u8]) -> Option<&[u8]> {
    let (_, value) = Members::of(line)?.find(|(key, _)| *key == b"level")?;
    string(value).map(|(level, _)| level)
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::level::Levels;

    fn is_error(line: &str) -> bool {
        let filter = LevelFilter::new("ERROR".to_owned(), &Levels::default()).expect("the names compile");
        is_of_level(line.as_bytes(), &filter)
    }

    #[test]
    fn first_name_of_a_level_decides_in_text() {
        assert!(is_error("10:30:45 | ERROR | no INFO"));
        assert!(is_error("[ERROR]"));
        assert!(!is_error("10:30:45 | INFO | saw an ERROR"));
        assert!(!is_error("10:30:45 | Level 35 | saw an ERROR"));
        assert!(!is_error("ERRORS, MY_ERROR"));
        assert!(!is_error("an error"));
    }

    #[test]
    fn colors_are_no_part_of_the_word() {
        assert!(is_error("10:30:45 | \x1b[1;31mERROR\x1b[0m | no"));
        assert!(is_error("\x1b[31m10:30:45 | ERROR | no\x1b[0m"));
    }

    #[test]
    fn own_key_decides_in_json() {
        assert!(is_error(r#"{"timestamp": "t", "level": "ERROR", "message": "INFO"}"#));
        assert!(is_error(r#" {"a":[{"level":"INFO"}, 1e3],"b":{"c":"\\\"}"}, "level" : "ERROR"}"#));
        assert!(!is_error(r#"{"level": "INFO", "message": "ERROR"}"#));
        assert!(!is_error(r#"{"fields": {"level": "ERROR"}, "level": "INFO"}"#));
    }

    #[test]
    fn broken_json_is_text() {
        assert!(is_error(r#"{"level": ERROR"#));
        assert!(!is_error(r#"{"level"#));
        assert!(!is_error(r"{"));
    }
}
