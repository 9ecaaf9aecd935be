//! Escaping: JSON reads back as the text, and text sinks write no character that breaks or hides a line.

use super::input::Input;
use super::patterns::is_dangerous;
use crate::expression::datum::Datum;
use crate::format::escape::{Multiline, put_json_string, put_text};

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let text = input.wide_text();
    check_json(&text);
    check_text(&text);
}

fn check_json(text: &[u8]) {
    let mut json = Vec::new();
    put_json_string(&mut json, text);
    let shown = std::str::from_utf8(&json).expect("JSON is UTF-8");
    assert!(!shown.contains(is_dangerous), "{shown:?}");
    match Datum::of_json(&json) {
        Some(Datum::Text(read)) => assert_eq!(*read, *text),
        other => panic!("{other:?} of {shown:?}"),
    }
    if let Ok(text) = std::str::from_utf8(text) {
        assert_eq!(serde_json::from_slice::<String>(&json).expect("JSON"), text);
    }
}

fn check_text(text: &[u8]) {
    let of = |multiline| {
        let mut out = Vec::new();
        put_text(&mut out, text, multiline);
        String::from_utf8(out).expect("text is UTF-8")
    };
    let (escaped, indented, raw) = (of(Multiline::Escape), of(Multiline::Indent), of(Multiline::Raw));
    assert!(!escaped.contains(is_dangerous), "{escaped:?}");
    assert_eq!(of(Multiline::OneLine), escaped);
    assert_eq!(indented.replace("\n    ", "\\n"), escaped);
    if let Ok(text) = std::str::from_utf8(text) {
        assert_eq!(raw, text);
        if !text.contains(|letter: char| !(' '..='~').contains(&letter)) {
            assert_eq!(escaped, text);
        }
    }
}
