//! Markup: a line has the text without its tags, and every style that is opened is closed.

use super::input::Input;
use crate::style::markup::{Markup, MarkupParser, StyleStack};

/// The most styles that are open at once.
const MOST_OPEN: usize = 64;

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let mut parser = MarkupParser::new();
    let (mut out, mut shown, mut fed) = (Vec::new(), String::new(), String::new());
    let mut stack = StyleStack::default();
    let mut open = 0_usize;
    while !input.is_empty() {
        let text = input.text();
        fed.push_str(text);
        for piece in parser.feed(text) {
            match piece {
                Markup::Text(text) => {
                    out.extend_from_slice(text.as_bytes());
                    shown.push_str(&text);
                }
                Markup::Open(style) => {
                    open += 1;
                    stack.open(style.open(), &mut out);
                }
                Markup::OpenLevel => {
                    open += 1;
                    stack.open("\x1b[1m", &mut out);
                }
                Markup::Close => {
                    open = open.checked_sub(1).expect("a close has its open");
                    stack.close(&mut out);
                }
            }
            assert!(open <= MOST_OPEN);
        }
    }
    stack.finish(&mut out);
    check(&fed, &shown, &out);
}

fn check(fed: &str, shown: &str, out: &[u8]) {
    let mut rest = fed.chars();
    assert!(shown.chars().all(|shown| rest.any(|letter| letter == shown)), "no letter is added or moved");
    if !fed.contains('<') {
        assert_eq!(fed, shown);
    }
    if !fed.contains('\x1b') {
        let out = std::str::from_utf8(out).expect("UTF-8");
        assert_eq!(without_escapes(out), shown);
        let last = out.rfind('\x1b').map_or("\x1b[0m", |at| &out[at..]);
        assert!(last.starts_with("\x1b[0m"), "no style is left open");
    }
}

/// The text without sequences that select a style.
pub(super) fn without_escapes(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\x1b[") {
        shown.push_str(&rest[..at]);
        let end = rest[at..].find('m').expect("a sequence has its end");
        rest = &rest[at + end + 1..];
    }
    shown + rest
}
