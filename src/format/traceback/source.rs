//! The tokens of one line of Python source, as far as colours need them.
//!
//! A line may begin or end within a statement. A part that cannot be read, such as a text that ends on a later line, is
//! one plain token up to the end. Nothing is allocated but the list of tokens.

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// Spaces, and parts that cannot be read.
    Plain,
    Comment,
    Keyword,
    /// `True`, `False` and `None`.
    Constant,
    Name,
    Number,
    /// A text, or the literal parts of one with replacement fields.
    Text,
    Operator,
    /// Brackets, commas, colons and semicolons.
    Punctuation,
}

/// How deep replacement fields of texts are read.
const DEEPEST: usize = 8;

const KEYWORDS: [&[u8]; 32] = [
    b"and",
    b"as",
    b"assert",
    b"async",
    b"await",
    b"break",
    b"class",
    b"continue",
    b"def",
    b"del",
    b"elif",
    b"else",
    b"except",
    b"finally",
    b"for",
    b"from",
    b"global",
    b"if",
    b"import",
    b"in",
    b"is",
    b"lambda",
    b"nonlocal",
    b"not",
    b"or",
    b"pass",
    b"raise",
    b"return",
    b"try",
    b"while",
    b"with",
    b"yield",
];

const CONSTANTS: [&[u8]; 3] = [b"False", b"None", b"True"];

/// Operators of several characters, the longest first.
const OPERATORS: [&[u8]; 25] = [
    b"**=", b"//=", b">>=", b"<<=", b"...", b"**", b"//", b">>", b"<<", b"<=", b">=", b"==", b"!=", b"->", b"+=",
    b"-=", b"*=", b"/=", b"%=", b"&=", b"|=", b"^=", b"@=", b":=", b"<>",
];

/// Splits a line into tokens, which together are the line.
pub fn tokens(line: &[u8]) -> Vec<(Token, &[u8])> {
    let mut reader = Reader { line, at: 0, found: Vec::with_capacity(32), depth: 0 };
    while reader.at < line.len() && reader.token() {}
    reader.push(Token::Plain, line.len());
    reader.found
}

struct Reader<'l> {
    line: &'l [u8],
    /// The end of the last token.
    at: usize,
    found: Vec<(Token, &'l [u8])>,
    depth: usize,
}

impl<'l> Reader<'l> {
    fn rest(&self) -> &'l [u8] {
        &self.line[self.at..]
    }

    /// Ends a token. Empty ones are left out.
    fn push(&mut self, token: Token, end: usize) {
        if end > self.at {
            self.found.push((token, &self.line[self.at..end]));
            self.at = end;
        }
    }

    fn push_bytes(&mut self, token: Token, count: usize) -> bool {
        self.push(token, self.at + count);
        true
    }

    /// Reads one token. Returns false where the rest cannot be read.
    fn token(&mut self) -> bool {
        let rest = self.rest();
        let Some(first) = rest.first() else { return false };
        match first {
            b' ' | b'\t' | b'\x0c' | b'\r' => self.push_bytes(Token::Plain, 1),
            b'#' => self.push_bytes(Token::Comment, rest.len()),
            b'\\' => false,
            b'"' | b'\'' => self.text(0),
            b'0'..=b'9' => self.push_bytes(Token::Number, number(rest)),
            b'.' if rest.get(1).is_some_and(u8::is_ascii_digit) => self.push_bytes(Token::Number, number(rest)),
            byte if is_of_name(*byte) => self.word(),
            b'(' | b')' | b'[' | b']' | b'{' | b'}' | b',' | b';' => self.push_bytes(Token::Punctuation, 1),
            b':' if rest.get(1) != Some(&b'=') => self.push_bytes(Token::Punctuation, 1),
            _ => {
                let known = OPERATORS.iter().find(|operator| rest.starts_with(operator));
                self.push_bytes(Token::Operator, known.map_or(1, |operator| operator.len()))
            }
        }
    }

    fn word(&mut self) -> bool {
        let rest = self.rest();
        let end = rest.iter().position(|byte| !is_of_name(*byte)).unwrap_or(rest.len());
        let word = &rest[..end];
        if matches!(rest.get(end), Some(b'"' | b'\'')) && is_prefix(word) {
            return self.text(end);
        }
        let token = match word {
            _ if KEYWORDS.contains(&word) => Token::Keyword,
            _ if CONSTANTS.contains(&word) => Token::Constant,
            _ => Token::Name,
        };
        self.push_bytes(token, end)
    }

    /// Reads a text whose quotes begin behind its prefix. One that does not end on this line cannot be read.
    fn text(&mut self, prefix: usize) -> bool {
        let (start, known) = (self.at, self.found.len());
        let quotes = &self.rest()[prefix..];
        let count = if quotes.len() >= 3 && quotes[1] == quotes[0] && quotes[2] == quotes[0] { 3 } else { 1 };
        let quotes = &quotes[..count];
        let has_fields = self.rest()[..prefix].iter().any(|byte| matches!(byte, b'f' | b'F' | b't' | b'T'));
        let is_read = if has_fields {
            self.push_bytes(Token::Text, prefix + count);
            self.parts(quotes)
        } else {
            let from = self.at + prefix + count;
            let end = literal(&self.line[from..], |rest| rest.starts_with(quotes));
            end.is_some_and(|end| self.push_bytes(Token::Text, prefix + count + end + count))
        };
        if !is_read {
            self.found.truncate(known);
            self.at = start;
        }
        is_read
    }

    /// Reads the parts of a text with replacement fields, and its closing quotes.
    fn parts(&mut self, quotes: &[u8]) -> bool {
        while let Some(end) = literal(self.rest(), |rest| rest.starts_with(quotes) || is_field(rest)) {
            self.push_bytes(Token::Text, end);
            if self.rest().starts_with(quotes) {
                return self.push_bytes(Token::Text, quotes.len());
            }
            if !self.field(quotes) {
                break;
            }
        }
        false
    }

    /// Reads a replacement field, from its opening bracket to the closing one.
    fn field(&mut self, quotes: &[u8]) -> bool {
        if self.depth == DEEPEST {
            return false;
        }
        self.depth += 1;
        let mut open = 0_usize;
        let is_read = loop {
            match self.rest().first() {
                Some(b'{' | b'(' | b'[') => open += 1,
                Some(b'}' | b')' | b']') => open = open.saturating_sub(1),
                Some(b':') if open == 1 => {
                    self.push_bytes(Token::Punctuation, 1);
                    break self.spec(quotes);
                }
                Some(_) => {}
                None => break false,
            }
            if !self.token() {
                break false;
            }
            if open == 0 {
                break true;
            }
        };
        self.depth -= 1;
        is_read
    }

    /// Reads the part of a replacement field behind its colon, and the closing bracket.
    fn spec(&mut self, quotes: &[u8]) -> bool {
        while let Some(end) = literal(self.rest(), |rest| matches!(rest, [b'{' | b'}', ..])) {
            self.push_bytes(Token::Text, end);
            if self.rest().starts_with(b"}") {
                return self.push_bytes(Token::Punctuation, 1);
            }
            if !self.field(quotes) {
                break;
            }
        }
        false
    }
}

/// The length of a literal up to where `ends` is true. Escaped characters and doubled brackets do not end it.
fn literal(text: &[u8], ends: impl Fn(&[u8]) -> bool) -> Option<usize> {
    let mut at = 0;
    while at < text.len() {
        if ends(&text[at..]) {
            return Some(at);
        }
        at += match &text[at..] {
            [b'\\', ..] | [b'{', b'{', ..] | [b'}', b'}', ..] => 2,
            _ => 1,
        };
    }
    None
}

fn is_field(rest: &[u8]) -> bool {
    rest.starts_with(b"{") && !rest.starts_with(b"{{")
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Whether a word before quotes belongs to the text.
fn is_prefix(word: &[u8]) -> bool {
    let is_letter = |byte: &u8| b"rbuftRBUFT".contains(byte);
    word.len() <= 2 && word.iter().all(is_letter)
}

/// The length of a number.
fn number(text: &[u8]) -> usize {
    if let [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..] = text {
        return 2 + run(&text[2..], |byte| byte.is_ascii_hexdigit() || byte == b'_');
    }
    let is_digit = |byte: u8| byte.is_ascii_digit() || byte == b'_';
    let mut end = run(text, is_digit);
    if text.get(end) == Some(&b'.') {
        end += 1 + run(&text[end + 1..], is_digit);
    }
    let exponent = match &text[end..] {
        [b'e' | b'E', digit, ..] if digit.is_ascii_digit() => 1,
        [b'e' | b'E', b'+' | b'-', digit, ..] if digit.is_ascii_digit() => 2,
        _ => 0,
    };
    if exponent > 0 {
        end += exponent + run(&text[end + exponent..], is_digit);
    }
    end + usize::from(matches!(text.get(end), Some(b'j' | b'J')))
}

fn run(text: &[u8], is_part: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| !is_part(*byte)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Token::{Comment, Constant, Keyword, Name, Number, Operator, Plain, Punctuation, Text};
    use super::*;

    /// The tokens of a line without its spaces.
    fn read(line: &str) -> Vec<(Token, &str)> {
        let found = tokens(line.as_bytes());
        let words = found.into_iter().filter(|(_, text)| *text != b" ");
        words.map(|(token, text)| (token, std::str::from_utf8(text).expect("utf-8"))).collect()
    }

    #[test]
    fn words_numbers_and_operators_are_told_apart() {
        let expected = [
            (Keyword, "return"),
            (Name, "x"),
            (Operator, "**"),
            (Number, "1.5e-3"),
            (Keyword, "if"),
            (Constant, "None"),
            (Keyword, "else"),
            (Name, "f"),
            (Punctuation, "("),
            (Number, ".5"),
            (Punctuation, ")"),
            (Operator, "."),
            (Name, "é"),
            (Comment, "# or 'none'"),
        ];
        assert_eq!(read("return x ** 1.5e-3 if None else f(.5).é # or 'none'"), expected);
    }

    #[test]
    fn numbers_end_where_words_begin() {
        assert_eq!(read("1if 0x1F")[..2], [(Number, "1"), (Keyword, "if")]);
        assert_eq!(read("1_000j 5. 0b1 1e5"), [(Number, "1_000j"), (Number, "5."), (Number, "0b1"), (Number, "1e5")]);
    }

    #[test]
    fn texts_have_their_prefix_and_end_at_their_quotes() {
        let expected = [(Text, r"rb'\''"), (Text, r#"'''a"'b'''"#), (Text, "''"), (Name, "name"), (Text, "\"\"")];
        assert_eq!(read(r#"rb'\'' '''a"'b''' '' name"""#), expected);
    }

    #[test]
    fn replacement_fields_are_read_as_code() {
        let expected = [
            (Text, "f'"),
            (Text, "a {{ "),
            (Punctuation, "{"),
            (Name, "x"),
            (Punctuation, "["),
            (Text, "'k'"),
            (Punctuation, "]"),
            (Operator, "!"),
            (Name, "r"),
            (Punctuation, ":"),
            (Text, ">"),
            (Punctuation, "{"),
            (Name, "n"),
            (Punctuation, "}"),
            (Punctuation, "}"),
            (Text, "'"),
        ];
        assert_eq!(read("f'a {{ {x['k']!r:>{n}}'"), expected);
    }

    #[test]
    fn texts_that_end_on_another_line_are_plain() {
        assert_eq!(read("x = '''three"), [(Name, "x"), (Operator, "="), (Plain, "'''three")]);
        assert_eq!(read("f'a {b"), [(Plain, "f'a {b")]);
        assert_eq!(read("1 + \\"), [(Number, "1"), (Operator, "+"), (Plain, "\\")]);
    }

    #[test]
    fn fields_in_fields_are_read_to_a_depth() {
        let line = format!("{}{}", "f'{".repeat(100), "}'".repeat(100));

        assert_eq!(read(&line), [(Plain, line.as_str())]);
    }

    proptest! {
        #[test]
        fn tokens_are_the_line(line in "([a-z0-9 ]|f'|\"|\\{|\\}|:|!|\\\\|#|'''|é|\\.|=|\\[|\\]){0,40}") {
            let found = tokens(line.as_bytes());

            prop_assert!(found.iter().all(|(_, text)| !text.is_empty()));
            prop_assert_eq!(found.iter().map(|(_, text)| *text).collect::<Vec<_>>().concat(), line.into_bytes());
        }
    }
}
