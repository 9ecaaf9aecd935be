//! From tokens to a tree.
//!
//! From the loosest to the tightest: `or`, `and`, `not`, comparisons (which chain, as in Python), values.

use regex::bytes::RegexBuilder;

use super::lexer::{Placed, Token, tokens};
use super::mistake::Mistake;
use super::names::Name;
use super::resolving::Resolver;
use super::tree::{Comparison, Constant, Kind, Node, Step};
use crate::sync::on_roomy_stack;

type Result<T> = std::result::Result<T, Mistake>;

/// The deepest nesting, so that no expression exhausts the stack of a thread.
const DEEPEST: usize = 50;

/// The longest source in bytes.
const LONGEST: usize = 65_536;

/// The most bytes that a compiled regular expression takes.
const MOST_PATTERN: usize = 1 << 20;

/// The most regular expressions. Each may take a megabyte and some milliseconds.
const MOST_PATTERNS: usize = 20;

const A_VALUE: &str = "a name, a number, a text, True, False, None, a list or \"(\"";

const OPERATORS: &[(&str, Comparison)] = &[
    ("==", Comparison::Equal),
    ("!=", Comparison::Unequal),
    ("<", Comparison::Less),
    ("<=", Comparison::AtMost),
    (">", Comparison::Greater),
    (">=", Comparison::AtLeast),
    ("in", Comparison::In),
    ("contains", Comparison::Contains),
    ("startswith", Comparison::StartsWith),
    ("endswith", Comparison::EndsWith),
];

const KEYWORDS: [&str; 9] = ["and", "or", "not", "in", "is", "contains", "startswith", "endswith", "exists"];

const CONSTANTS: &[(&str, Constant)] = &[
    ("True", Constant::Bool(true)),
    ("true", Constant::Bool(true)),
    ("False", Constant::Bool(false)),
    ("false", Constant::Bool(false)),
    ("None", Constant::None),
    ("null", Constant::None),
];

/// Parses a whole expression.
pub(super) fn parse(source: &str, resolver: &Resolver<'_>) -> Result<Node> {
    if source.len() > LONGEST {
        return Err(Mistake::new(format!("at most {LONGEST} bytes"), 0..source.len()));
    }
    let tokens = tokens(source)?;
    let mut parser = Parser { source, tokens: &tokens, next: 0, depth: 0, patterns: 0, resolver };
    let node = parser.any_of()?;
    match parser.peek() {
        None => Ok(node),
        Some(rest) => Err(Mistake::new("an operator such as ==, and, or, in, or the end", rest.span.clone())),
    }
}

struct Parser<'t> {
    source: &'t str,
    tokens: &'t [Placed],
    next: usize,
    depth: usize,
    /// The number of regular expressions so far.
    patterns: usize,
    resolver: &'t Resolver<'t>,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t Placed> {
        self.tokens.get(self.next)
    }

    fn advance(&mut self) -> Option<&'t Placed> {
        let placed = self.peek()?;
        self.next += 1;
        Some(placed)
    }

    /// Takes the next token if it is this keyword or sign.
    fn take(&mut self, wanted: &str) -> bool {
        let is_next = self.peek().is_some_and(|placed| is_word(&placed.token, wanted));
        self.next += usize::from(is_next);
        is_next
    }

    fn demand(&mut self, wanted: &str) -> Result<()> {
        if self.take(wanted) { Ok(()) } else { Err(self.mistake(format!("\"{wanted}\""))) }
    }

    /// A mistake at the next token, or at the end.
    fn mistake(&self, expected: impl Into<String>) -> Mistake {
        let end = self.source.len();
        Mistake::new(expected, self.peek().map_or(end..end, |placed| placed.span.clone()))
    }

    fn start(&self) -> usize {
        self.peek().map_or(self.source.len(), |placed| placed.span.start)
    }

    fn node(&self, kind: Kind, start: usize) -> Node {
        let end = self.tokens[self.next - 1].span.end;
        Node { kind, span: start..end }
    }

    /// Parses one level deeper.
    fn nested(&mut self, parse: impl FnOnce(&mut Self) -> Result<Node>) -> Result<Node> {
        if self.depth == DEEPEST {
            return Err(self.mistake(format!("at most {DEEPEST} levels of nesting")));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn any_of(&mut self) -> Result<Node> {
        self.series("or", Self::all_of, Kind::Or)
    }

    fn all_of(&mut self) -> Result<Node> {
        self.series("and", Self::negation, Kind::And)
    }

    fn series(
        &mut self,
        keyword: &str,
        part: fn(&mut Self) -> Result<Node>,
        join: fn(Vec<Node>) -> Kind,
    ) -> Result<Node> {
        let start = self.start();
        let first = part(self)?;
        let mut parts = vec![first];
        while self.take(keyword) {
            parts.push(part(self)?);
        }
        if parts.len() == 1 {
            return Ok(parts.remove(0));
        }
        Ok(self.node(join(parts), start))
    }

    fn negation(&mut self) -> Result<Node> {
        let start = self.start();
        if !self.take("not") {
            return self.comparison();
        }
        let negated = self.nested(Self::negation)?;
        Ok(self.node(Kind::Not(Box::new(negated)), start))
    }

    fn comparison(&mut self) -> Result<Node> {
        let start = self.start();
        let first = self.value()?;
        let mut steps = Vec::new();
        loop {
            if self.take("~") {
                steps.push(Step::Match(self.pattern()?));
                break;
            }
            let Some(comparison) = self.operator()? else { break };
            steps.push(Step::Compare(comparison, self.value()?));
        }
        if steps.is_empty() {
            return Ok(first);
        }
        let (first, steps) = self.resolver.resolve(first, steps)?;
        Ok(self.node(Kind::Chain(Box::new(first), steps), start))
    }

    fn operator(&mut self) -> Result<Option<Comparison>> {
        if let Some((_, comparison)) = OPERATORS.iter().find(|(operator, _)| self.take(operator)) {
            return Ok(Some(*comparison));
        }
        if self.take("not") {
            return self.demand("in").map(|()| Some(Comparison::NotIn));
        }
        match self.peek() {
            Some(placed) if is_word(&placed.token, "=") || is_word(&placed.token, "is") => Err(self.mistake("\"==\"")),
            _ => Ok(None),
        }
    }

    fn pattern(&mut self) -> Result<regex::bytes::Regex> {
        let placed = self.peek();
        let Some(Placed { token: Token::Text(pattern), span }) = placed else {
            return Err(self.mistake("a regular expression in quotes"));
        };
        if self.patterns == MOST_PATTERNS {
            return Err(self.mistake(format!("at most {MOST_PATTERNS} regular expressions; one may have parts a|b")));
        }
        self.patterns += 1;
        self.next += 1;
        on_roomy_stack(|| RegexBuilder::new(pattern).size_limit(MOST_PATTERN).build()).map_err(|error| {
            let text = error.to_string();
            let reason = text.rsplit("error: ").next().unwrap_or_default().trim().to_owned();
            Mistake::new("a regular expression", span.clone()).with_hint(format!(" ({reason})"))
        })
    }

    fn value(&mut self) -> Result<Node> {
        let start = self.start();
        if self.take("(") {
            return self.nested(|parser| parser.group(start));
        }
        if self.take("[") {
            return self.nested(|parser| parser.list(start, "]", Vec::new()));
        }
        if self.take("exists") {
            return self.exists(start);
        }
        if self.take("-") {
            return self.negative(start);
        }
        let Some(placed) = self.peek() else { return Err(self.mistake(A_VALUE)) };
        let constant = match &placed.token {
            Token::Word(word) => match CONSTANTS.iter().find(|(name, _)| name == word) {
                Some((_, constant)) => constant.clone(),
                None => return self.name().map(|name| self.node(Kind::Name(name), start)),
            },
            other => constant(other).ok_or_else(|| self.mistake(A_VALUE))?,
        };
        self.next += 1;
        Ok(self.node(Kind::Constant(constant), start))
    }

    /// After `(`: an expression, or a tuple.
    fn group(&mut self, start: usize) -> Result<Node> {
        if self.take(")") {
            return Ok(self.node(Kind::List(Vec::new()), start));
        }
        let first = self.any_of()?;
        if self.take(",") {
            return self.list(start, ")", vec![first]);
        }
        self.demand(")")?;
        Ok(Node { span: start..self.tokens[self.next - 1].span.end, ..first })
    }

    fn list(&mut self, start: usize, end: &str, mut items: Vec<Node>) -> Result<Node> {
        while !self.take(end) {
            items.push(self.any_of()?);
            if !self.take(",") {
                self.demand(end)?;
                break;
            }
        }
        Ok(self.node(Kind::List(items), start))
    }

    /// After `exists`: a name, which may be in parentheses.
    fn exists(&mut self, start: usize) -> Result<Node> {
        let has_parenthesis = self.take("(");
        let name = self.name()?;
        if has_parenthesis {
            self.demand(")")?;
        }
        Ok(self.node(Kind::Exists(name), start))
    }

    fn negative(&mut self, start: usize) -> Result<Node> {
        let negated = match self.peek().map(|placed| &placed.token) {
            Some(Token::Int(number)) => Constant::Int(-number),
            Some(Token::Float(number)) => Constant::Float(-number),
            Some(Token::Big(digits)) => {
                let text = format!("-{digits}");
                text.parse().map_or(Constant::Big(text), Constant::Int)
            }
            _ => return Err(self.mistake("a number after \"-\"")),
        };
        self.next += 1;
        Ok(self.node(Kind::Constant(negated), start))
    }

    /// A dotted name, whose parts may be written `["like this"]`.
    fn name(&mut self) -> Result<Name> {
        let start = self.start();
        let mut parts = vec![self.part()?];
        loop {
            if self.take(".") {
                parts.push(self.part()?);
            } else if self.take("[") {
                let Some(Placed { token: Token::Text(part), .. }) = self.advance() else {
                    self.next -= 1;
                    return Err(self.mistake("a field's name in quotes"));
                };
                parts.push(part.clone());
                self.demand("]")?;
            } else {
                let end = self.tokens[self.next - 1].span.end;
                return Name::of(&parts)
                    .ok_or_else(|| Mistake::new(format!("a field's name after \"{}.\"", parts[0]), start..end));
            }
        }
    }

    fn part(&mut self) -> Result<String> {
        match self.peek().map(|placed| &placed.token) {
            Some(Token::Word(word)) if !KEYWORDS.contains(&word.as_str()) => {
                self.next += 1;
                Ok(word.clone())
            }
            _ => Err(self.mistake(A_VALUE)),
        }
    }
}

fn is_word(token: &Token, wanted: &str) -> bool {
    match token {
        Token::Word(word) => word == wanted,
        Token::Sign(sign) => *sign == wanted,
        _ => false,
    }
}

fn constant(token: &Token) -> Option<Constant> {
    Some(match token {
        Token::Int(number) => Constant::Int(*number),
        Token::Big(digits) => Constant::Big(digits.clone()),
        Token::Float(number) => Constant::Float(*number),
        Token::Text(text) => Constant::Text(text.clone()),
        Token::Word(_) | Token::Sign(_) => return None,
    })
}
