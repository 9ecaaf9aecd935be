//! The records that expressions accept, and the errors for their mistakes.

use super::*;
use crate::expression::datum::Datum;
use crate::level::Levels;

/// A warning with the fields of one JSON object.
struct Line(Datum<'static>);

impl Values for Line {
    fn key(&self, key: Key) -> Option<Datum<'_>> {
        Some(match key {
            Key::LevelNo => Datum::Int(30),
            Key::LevelName => Datum::text(b"WARNING".as_slice()),
            Key::Message => Datum::text("paid 12 €".as_bytes()),
            Key::Time => Datum::Int(1_000_000_000_000_000_000),
            _ => return None,
        })
    }

    fn field(&self, name: &[u8]) -> Option<Datum<'_>> {
        self.0.clone().into_member(name)
    }
}

fn compiled(source: &str) -> Expression {
    Expression::parse("where", source, &Levels::default()).expect("the expression is right")
}

fn accepts(source: &str) -> bool {
    let fields = br#"{"path": "/health", "ms": 251, "ok": false, "tags": ["a", 1], "none": null, "ratio": 0.5,
        "user": {"name": "ada", "roles": {"admin": true}}, "http.status": 500, "empty": "", "name": "field"}"#;
    compiled(source).accepts(&Line(Datum::of_json(fields).expect("JSON")))
}

fn refusal(source: &str) -> String {
    Expression::parse("where", source, &Levels::default()).expect_err("the expression is wrong").to_string()
}

#[test]
fn comparisons_hold_as_in_python() {
    for source in [
        "ms > 250 and not ok",
        "path == '/health'",
        "path != 'x' and missing != 'x'",
        "200 < ms <= 251 < 1e3",
        "ms in [250, 251] and 'a' in tags and 'heal' in path and 'name' in user",
        "ms not in (1, 2)",
        "tags == ['a', 1] and user == user",
        "(ok or ms) == 251",
        "-1 < ratio < 1",
        "ok == 0 and ok == False",
        "not empty and not missing and not none",
        "() == []",
    ] {
        assert!(accepts(source), "{source}");
    }
    for source in ["ms > 251", "ms < 200 or ok", "ms and empty", "5 in 5", "missing", "not ms"] {
        assert!(!accepts(source), "{source}");
    }
}

#[test]
fn unlike_types_do_not_compare() {
    assert!(!accepts("ms > '1'") && !accepts("ms < '1'") && !accepts("ms == '251'"));
    assert!(accepts("ms != '251'"));
    assert!(!accepts("missing < 1") && !accepts("missing >= 1"));
    assert!(!accepts("ms ~ '2'") && !accepts("ms startswith '2'"));
}

#[test]
fn texts_are_searched() {
    for source in [
        "path startswith '/he'",
        "path endswith 'lth'",
        "message contains '12 €'",
        r"message ~ 'paid \d+'",
        "tags contains 1",
    ] {
        assert!(accepts(source), "{source}");
    }
    assert!(!accepts("path ~ '^health'"));
}

#[test]
fn members_and_names_with_dots_are_fields() {
    assert!(accepts("user.name == 'ada' and user.roles.admin"));
    assert!(accepts("http.status == 500 and extra['http.status'] == 500"));
    assert!(accepts("extra.name == 'field' and name == None"));
    assert!(accepts("exists user.name and exists(none) and not exists user.age and not exists missing"));
}

#[test]
fn levels_are_compared_by_number() {
    assert!(accepts("level >= WARNING and level < error and level == 'warn'"));
    assert!(accepts("level in (ERROR, 'WARNING') and level > 29 and DEBUG < level <= 30"));
    assert!(accepts("level ~ 'ARN' and level startswith 'W' and level.name == 'WARNING' and level.no == 30"));
}

#[test]
fn times_are_compared_as_moments() {
    assert!(accepts("time == '2001-09-09T01:46:40Z' and '2001-09-08' < time < '2001-09-11'"));
    assert!(accepts("time < '2001-09-09T03:46:41+02:00[Europe/Berlin]'"));
}

#[test]
fn mistake_is_shown_with_a_caret() {
    assert_eq!(
        refusal("level >= WARNNG and ok"),
        concat!(
            "where: expected one of the levels TRACE, DEBUG, INFO, NOTICE, SUCCESS, WARNING, ERROR, FAIL, CRITICAL, ",
            "got \"WARNNG\" (did you mean \"WARNING\"?)\n  level >= WARNNG and ok\n           ^"
        )
    );
    assert_eq!(refusal("é == 1 ==").lines().last(), Some("           ^"));
    assert_eq!(refusal("ms > 1\n  or ok = 1"), "where: expected \"==\", got \"=\"\n    or ok = 1\n          ^");
}

#[test]
fn every_mistake_says_what_is_expected() {
    for (source, expected) in [
        ("", "a name, a number, a text, True, False, None, a list or \"(\", got the end"),
        ("(a", "expected \")\", got the end"),
        ("[1, 2", "expected \"]\", got the end"),
        ("a b", "an operator such as ==, and, or, in, or the end, got \"b\""),
        ("a not b", "expected \"in\", got \"b\""),
        ("a ~ b", "a regular expression in quotes, got \"b\""),
        ("a ~ '('", "a regular expression, got \"'('\" (unclosed group)"),
        ("a == -'x'", "a number after \"-\", got \"'x'\""),
        ("extra == 1", "a field's name after \"extra.\", got \"extra\""),
        ("time > 'noon'", "a time such as"),
        ("a is None", "expected \"==\", got \"is\""),
        ("a['x", "a text that ends with the quote it begins with"),
        ("a[0]", "a field's name in quotes, got \"0\""),
    ] {
        assert!(refusal(source).contains(expected), "{source}: {}", refusal(source));
    }
}

#[test]
fn nesting_and_length_are_bounded() {
    let nested = |depth: usize| "(".repeat(depth) + "1" + &")".repeat(depth);

    assert!(accepts(&nested(50)));
    assert!(refusal(&nested(51)).contains("at most 50 levels of nesting"));
    assert!(refusal(&("not ".repeat(100_000))).contains("at most"));
    assert!(refusal(&("a or ".repeat(10_000) + "\"")).contains("a text that ends"));
}

#[test]
fn used_names_are_known() {
    assert!(compiled("not (message ~ 'x') or user").uses(Key::Message));
    assert!(!compiled("level > INFO").uses_fields());
    assert!(compiled("1 < ms or exists x").uses_fields());
}
