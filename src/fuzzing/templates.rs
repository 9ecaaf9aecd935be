//! Message templates: a message written with doubled braces and signs means the same.

use super::input::Input;
use crate::message::{Name, Piece, Style, Template, first_bits};

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let style = Style::from_byte(input.byte() % 3);
    let arguments = input.below(40);
    let source = input.wide_text();
    let template = Template::parse(&source, style);

    check_pieces(&template, &source);
    assert_eq!(Template::parse(&template.source(), style).pieces, template.pieces);
    check_call(&source, arguments);
    check_parts(&source);
}

/// The pieces stand in the source in this order, and no literal is empty or follows another one.
fn check_pieces(template: &Template, source: &[u8]) {
    let mut rest = source;
    let mut was_literal = false;
    for piece in &template.pieces {
        let (text, is_literal) = match piece {
            Piece::Literal(text) => (text, true),
            Piece::Placeholder(placeholder) => (&placeholder.source, false),
        };
        assert!(!text.is_empty(), "no piece is empty");
        assert!(!is_literal || !was_literal, "no literal follows another one");
        was_literal = is_literal;
        for byte in text {
            let at = memchr::memchr(*byte, rest).expect("the bytes of the source in their order");
            rest = &rest[at + 1..];
        }
    }
}

/// A source in parts is read to its end, or to a part that is none, and means the same when it is written again.
fn check_parts(source: &[u8]) {
    let template = Template::parse(source, Style::Interpolated);
    assert_eq!(Template::parse(&template.source(), Style::Interpolated), template);
}

/// The template of a call takes the arguments of the call, or leaves them.
fn check_call(source: &[u8], arguments: usize) {
    for has_names in [false, true] {
        let Some(template) = Template::for_call(source, arguments, has_names, true) else { continue };
        match template.style {
            Style::Braces | Style::Interpolated => {
                let unused = template.unused(arguments);
                assert_eq!(unused & !first_bits(arguments), 0);
                let used =
                    |index: usize| template.placeholders().any(|placeholder| placeholder.name == Name::Index(index));
                (0..arguments.min(31)).for_each(|index| assert!(!(used(index) && unused & (1 << index) != 0)));
            }
            Style::Percent | Style::PercentAndBraces => assert_eq!(template.percent_arguments(), arguments),
        }
    }
}
