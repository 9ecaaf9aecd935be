//! The tokens of an expression: names, numbers, texts and operators, each with its place in the source.

use std::ops::Range;

use winnow::LocatingSlice;
use winnow::Parser;
use winnow::Result;
use winnow::ascii::multispace0;
use winnow::combinator::{alt, not, opt, preceded, terminated};
use winnow::error::{ContextError, ParserError};
use winnow::stream::Location;
use winnow::token::{any, one_of, take, take_while};

use super::mistake::Mistake;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Int(i64),
    /// An integer beyond 64 bits, in decimal.
    Big(String),
    Float(f64),
    Text(String),
    /// A name or a keyword.
    Word(String),
    Sign(&'static str),
}

#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub token: Token,
    pub span: Range<usize>,
}

type Input<'s> = LocatingSlice<&'s str>;

/// The longer signs come first, as each begins with a shorter one.
const SIGNS: [&str; 15] = ["==", "!=", "<=", ">=", "<", ">", "~", "(", ")", "[", "]", ",", ".", "-", "="];

/// Splits the source into tokens.
pub(super) fn tokens(source: &str) -> std::result::Result<Vec<Placed>, Mistake> {
    let mut input = LocatingSlice::new(source);
    let mut tokens = Vec::new();
    loop {
        blank(&mut input);
        if input.is_empty() {
            return Ok(tokens);
        }
        let start = input.current_token_start();
        match token(&mut input) {
            Ok(token) => tokens.push(Placed { token, span: start..input.previous_token_end() }),
            Err(_) => return Err(unknown(source, start)),
        }
    }
}

fn blank(input: &mut Input<'_>) {
    // Nothing is blank space too, so this cannot fail.
    let _: Result<&str> = multispace0.parse_next(input);
}

fn unknown(source: &str, start: usize) -> Mistake {
    let rest = &source[start..];
    let first = rest.chars().next().unwrap_or_default();
    let text = rest.strip_prefix(['r', 'R']).unwrap_or(rest);
    if text.starts_with(['"', '\'']) {
        return Mistake::new("a text that ends with the quote it begins with", start..source.len());
    }
    let expected =
        if first.is_ascii_digit() { "a number such as 250 or 0.5" } else { "a name, a value or an operator" };
    let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
    Mistake::new(expected, start..start + length)
}

fn token(input: &mut Input<'_>) -> Result<Token> {
    alt((number, text, word, sign)).parse_next(input)
}

fn number(input: &mut Input<'_>) -> Result<Token> {
    let fraction = opt(('.', digits));
    let exponent = opt((one_of(['e', 'E']), opt(one_of(['+', '-'])), digits));
    let number = (digits, fraction, exponent).take();
    let digits = terminated(number, not(one_of(is_of_name))).parse_next(input)?.replace('_', "");
    if digits.contains(['.', 'e', 'E']) {
        return digits.parse().map(Token::Float).map_err(|_| ContextError::from_input(input));
    }
    Ok(digits.parse().map_or_else(|_| Token::Big(without_zeros(&digits)), Token::Int))
}

fn without_zeros(digits: &str) -> String {
    digits.trim_start_matches('0').to_owned()
}

fn digits<'s>(input: &mut Input<'s>) -> Result<&'s str> {
    let rest = take_while(0.., |c: char| c.is_ascii_digit() || c == '_');
    (one_of('0'..='9'), rest).take().parse_next(input)
}

/// A text as in Python: in single or double quotes, with escapes unless it begins with `r`.
fn text(input: &mut Input<'_>) -> Result<Token> {
    let is_raw = opt(one_of(['r', 'R'])).parse_next(input)?.is_some();
    let quote = one_of(['"', '\'']).parse_next(input)?;
    let mut text = String::new();
    loop {
        match any.parse_next(input)? {
            end if end == quote => return Ok(Token::Text(text)),
            '\\' if is_raw => text.extend(['\\', any.parse_next(input)?]),
            '\\' => escaped(input, &mut text)?,
            other => text.push(other),
        }
    }
}

/// Reads the part of an escape after its backslash. The backslash of an unknown escape stays, as in Python.
fn escaped(input: &mut Input<'_>, text: &mut String) -> Result<()> {
    let known = match any.parse_next(input)? {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\0',
        'x' => code_point(2, input)?,
        'u' => code_point(4, input)?,
        'U' => code_point(8, input)?,
        same @ ('\\' | '\'' | '"') => same,
        other => {
            text.push('\\');
            other
        }
    };
    text.push(known);
    Ok(())
}

fn code_point(length: usize, input: &mut Input<'_>) -> Result<char> {
    let mut point = take(length).verify_map(|hex: &str| {
        is_hex(hex).then(|| u32::from_str_radix(hex, 16).ok()).flatten().and_then(char::from_u32)
    });
    point.parse_next(input)
}

fn is_hex(digits: &str) -> bool {
    digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn word(input: &mut Input<'_>) -> Result<Token> {
    let first = one_of(|c: char| c.is_alphabetic() || c == '_');
    let word = (first, take_while(0.., is_of_name)).take();
    word.map(|word: &str| Token::Word(word.to_owned())).parse_next(input)
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn sign(input: &mut Input<'_>) -> Result<Token> {
    let sign = SIGNS.iter().find(|sign| input.starts_with(**sign)).copied();
    let sign = sign.ok_or_else(|| ContextError::from_input(input))?;
    preceded(take(sign.len()), winnow::combinator::empty).value(Token::Sign(sign)).parse_next(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Vec<Token> {
        tokens(source).expect("the source is right").into_iter().map(|placed| placed.token).collect()
    }

    fn refused(source: &str) -> (String, Range<usize>) {
        let mistake = tokens(source).expect_err("the source is wrong");
        (mistake.expected, mistake.at)
    }

    #[test]
    fn numbers_are_integers_or_floats() {
        assert_eq!(
            read("250 1_000 0.5 1e3"),
            [Token::Int(250), Token::Int(1000), Token::Float(0.5), Token::Float(1000.0)]
        );
        assert_eq!(read("18446744073709551616"), [Token::Big("18446744073709551616".to_owned())]);
        assert_eq!(refused("a < 3s"), ("a number such as 250 or 0.5".to_owned(), 4..6));
    }

    #[test]
    fn texts_have_escapes_of_python() {
        let text = |source| read(source).remove(0);

        assert_eq!(text(r"'it\'s'"), Token::Text("it's".to_owned()));
        assert_eq!(text(r#""a\tb\x41é\d""#), Token::Text("a\tbAé\\d".to_owned()));
        assert_eq!(text(r"r'\d+'"), Token::Text(r"\d+".to_owned()));
        assert_eq!(refused("path == '/health"), ("a text that ends with the quote it begins with".to_owned(), 8..16));
    }

    #[test]
    fn signs_need_no_blanks() {
        assert_eq!(read("ms>=2"), [Token::Word("ms".to_owned()), Token::Sign(">="), Token::Int(2)]);
        assert_eq!(refused("a ? b"), ("a name, a value or an operator".to_owned(), 2..3));
        assert_eq!(refused("a ≥ 1").1, 2..5);
        assert_eq!(refused("\u{feff}a").1, 0..4);
    }

    #[test]
    fn spans_are_those_of_the_source() {
        let spans: Vec<_> = tokens("é  == 'x'").expect("right").into_iter().map(|placed| placed.span).collect();

        assert_eq!(spans, [0..2, 4..6, 7..10]);
    }
}
