//! `format=` patterns: `{time:HH:mm} | {level: <8} | {message}`, compiled once.
//!
//! Placeholders take `str.format` widths (fill, alignment, width, precision). Colour markup such as `<green>` is read
//! in the pattern only, never in data. A name that is not a record key is a field; a missing field is empty.

use std::borrow::Cow;

use crate::braces::{Braces, Grammar, Segment};
use crate::error::{Error, Result, nearest};
use crate::format::number::{KINDS, Number};
use crate::format::time::pattern::TimePattern;
use crate::style::codes::Style;
use crate::style::markup::{Markup, MarkupParser};

/// The value that a placeholder shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Time(TimePattern),
    Level,
    LevelNo,
    LevelIcon,
    Message,
    Module,
    /// The file's name without its suffix.
    Stem,
    /// The module, unless the program set a name.
    Name,
    Function,
    Filename,
    Path,
    Line,
    Process,
    ProcessName,
    Thread,
    ThreadName,
    Task,
    Elapsed,
    Exception,
    /// The fields as a dict.
    Extra,
    /// The fields that the message does not show, as ` key=value`.
    Fields,
    Field(Box<[u8]>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    Literal(Box<[u8]>),
    Item(Item, Option<Width>),
    Open(Style),
    OpenLevel,
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
    Center,
}

/// `[[fill]align][sign][0][width][grouping][.precision][type]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width {
    pub fill: char,
    /// None aligns text to the left and numbers to the right.
    pub align: Option<Align>,
    /// The least number of characters.
    pub least: usize,
    pub precision: Option<usize>,
    /// `{n:05}`: the sign of a number comes before the zeros.
    pub is_signed_first: bool,
    /// The form of a number, if the spec has more than a width.
    pub number: Option<Number>,
}

/// A bare `{time}` in a pattern with the whole line.
const EXACT_TIME: &str = "YYYY-MM-DDTHH:mm:ss.SSSSSSZZ";

#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    pub pieces: Vec<Piece>,
    /// Whether a traceback appears only where the pattern places it.
    pub is_whole: bool,
    /// Whether the line is the pattern alone, without a line break after it.
    pub is_exact: bool,
}

impl Pattern {
    /// Compiles `text`. A bare `{time}` shows `time`. `argument` names the parameter in errors.
    pub fn parse(argument: &str, text: &str, time: &TimePattern) -> Result<Self> {
        Self::parse_with(&mut MarkupParser::new(), argument, text, time)
    }

    /// Compiles `text` with a parser of markup, which tells of mistakes.
    fn parse_with(markup: &mut MarkupParser, argument: &str, text: &str, time: &TimePattern) -> Result<Self> {
        if let Some(conversion) = conversion_of_logging(text) {
            let expected = "names in braces such as \"{time} {level} {message}\"";
            return Err(Error::value(argument, expected, format!("\"{conversion}\"")));
        }
        let mut pieces = Vec::new();
        // One parser reads the whole text, because a tag opened before a placeholder may be closed after it.
        for part in split_placeholders(text) {
            match part {
                Part::Placeholder(source) => pieces.push(placeholder(argument, source, time)?),
                Part::Literal(literal) => push_literal(&mut pieces, markup, &literal),
            }
        }
        Ok(Self { pieces, is_whole: false, is_exact: false })
    }

    /// Compiles a pattern in which the whole line stands, and `{module}` is the file's name without its suffix.
    pub fn parse_exact(argument: &str, text: &str) -> Result<Self> {
        let mut markup = MarkupParser::new();
        let time = TimePattern::parse("format", EXACT_TIME)?;
        let mut pattern = Self::parse_with(&mut markup, argument, text, &time)?;
        if markup.has_mistake() {
            return Err(Error::Unknown("Invalid format, color markups could not be parsed correctly".to_owned()));
        }
        for piece in &mut pattern.pieces {
            if let Piece::Item(item @ Item::Module, _) = piece {
                *item = Item::Stem;
            }
        }
        Ok(Self { is_exact: true, ..pattern })
    }

    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Item(item, _) => Some(item),
            _ => None,
        })
    }

    pub fn has(&self, item: &Item) -> bool {
        self.items().any(|known| known == item)
    }
}

/// Finds `%(message)s` in a pattern without braces. Every line would be this text, and the records would be lost.
fn conversion_of_logging(text: &str) -> Option<&str> {
    let conversion = &text[text.find("%(")?..];
    let (name, rest) = conversion[2..].split_once(')')?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (is_name && !text.contains('{'))
        .then(|| &conversion[..conversion.len() - rest.len() + rest.chars().next().map_or(0, char::len_utf8)])
}

/// The parts of a line pattern.
enum Part<'a> {
    Literal(String),
    Placeholder(&'a str),
}

/// Splits at placeholders. Text is in one piece between two placeholders, as markup needs it.
fn split_placeholders(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    for segment in Braces::new(text.as_bytes(), Grammar::LINE) {
        match segment {
            Segment::Text(range) => literal.push_str(&text[range]),
            Segment::Unclosed(_) => literal.push('{'),
            Segment::Field(range) => {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
                parts.push(Part::Placeholder(&text[range]));
            }
        }
    }
    parts.push(Part::Literal(literal));
    parts
}

fn push_literal(pieces: &mut Vec<Piece>, markup: &mut MarkupParser, literal: &str) {
    for piece in markup.feed(literal) {
        pieces.push(match piece {
            Markup::Text(text) if text.is_empty() => continue,
            Markup::Text(text) => Piece::Literal(text.into_bytes().into()),
            Markup::Open(style) => Piece::Open(style),
            Markup::OpenLevel => Piece::OpenLevel,
            Markup::Close => Piece::Close,
        });
    }
}

/// The record keys a pattern may name, with the attributes in common use.
const KEYS: [(&str, Item); 28] = [
    ("level", Item::Level),
    ("level.name", Item::Level),
    ("level.no", Item::LevelNo),
    ("level.icon", Item::LevelIcon),
    ("message", Item::Message),
    ("module", Item::Module),
    ("name", Item::Name),
    ("function", Item::Function),
    ("filename", Item::Filename),
    ("file", Item::Filename),
    ("file.name", Item::Filename),
    ("path", Item::Path),
    ("file.path", Item::Path),
    ("line", Item::Line),
    ("lineno", Item::Line),
    ("process", Item::Process),
    ("process.id", Item::Process),
    ("process.name", Item::ProcessName),
    ("thread", Item::Thread),
    ("thread.id", Item::Thread),
    ("thread.name", Item::ThreadName),
    ("task", Item::Task),
    ("task.name", Item::Task),
    ("elapsed", Item::Elapsed),
    ("exception", Item::Exception),
    ("extra", Item::Extra),
    ("fields", Item::Fields),
    ("levelname", Item::Level),
];

/// The record keys, including `time`.
pub(super) fn key_names() -> impl Iterator<Item = &'static str> {
    std::iter::once("time").chain(KEYS.iter().map(|(key, _)| *key))
}

/// The names in the placeholders of a pattern.
pub(super) fn names(text: &str) -> Vec<&str> {
    let sources = split_placeholders(text).into_iter().filter_map(|part| match part {
        Part::Placeholder(source) => Some(source),
        Part::Literal(_) => None,
    });
    sources.map(|source| source.split_once(':').map_or(source, |(name, _)| name)).collect()
}

/// A record key in capitals means that key: `{TIME}`, `{LEVEL.NAME}`.
fn without_capitals(name: &str) -> Cow<'_, str> {
    let lowered = name.to_ascii_lowercase();
    let is_key = name == name.to_ascii_uppercase() && key_names().any(|key| key == lowered);
    if is_key { lowered.into() } else { name.into() }
}

fn placeholder(argument: &str, source: &str, time: &TimePattern) -> Result<Piece> {
    let (name, spec) = source.split_once(':').unwrap_or((source, ""));
    let name = &*without_capitals(name);
    if name == "time" {
        let pattern = if spec.is_empty() { time.clone() } else { TimePattern::parse(argument, spec)? };
        return Ok(Piece::Item(Item::Time(pattern), None));
    }
    let item = item(argument, name)?;
    Ok(Piece::Item(item, Width::parse(argument, source, spec)?))
}

fn item(argument: &str, name: &str) -> Result<Item> {
    if let Some((_, item)) = KEYS.iter().find(|(key, _)| *key == name) {
        return Ok(item.clone());
    }
    let field = name.strip_prefix("extra[").or_else(|| name.strip_prefix("EXTRA["));
    if let Some(field) = field.and_then(|rest| rest.strip_suffix(']'))
        && !field.contains(['[', ']'])
    {
        return Ok(Item::Field(field.trim_matches(['"', '\'']).as_bytes().into()));
    }
    let base = name.split(['.', '[', '!']).next().unwrap_or(name);
    let is_converted = ["!r", "!s", "!a"].iter().any(|conversion| name.ends_with(conversion));
    let is_key = base == "extra" || base == "time" || KEYS.iter().any(|(key, _)| *key == base);
    if is_converted || (base != name && is_key) {
        let names = KEYS.iter().map(|(key, _)| *key);
        let expected = format!("record keys without conversions or other attributes ({})", known_names());
        return Err(Error::value(argument, expected, format!("\"{{{name}}}\"{}", nearest(name, names))));
    }
    Ok(Item::Field(name.as_bytes().into()))
}

fn known_names() -> String {
    let names: Vec<&str> = KEYS.iter().map(|(key, _)| *key).collect();
    format!("time, {}, extra[name]", names.join(", "))
}

impl Width {
    /// Parses a width; None if there is none.
    fn parse(argument: &str, source: &str, spec: &str) -> Result<Option<Self>> {
        if spec.is_empty() {
            return Ok(None);
        }
        Self::read(spec).map(Some).ok_or_else(|| {
            let expected =
                "a width such as {level: <8}, {line:>4} or {message:.80}, or a number's form such as {cost:.2f}";
            Error::value(argument, expected, format!("\"{{{source}}}\""))
        })
    }

    fn read(spec: &str) -> Option<Self> {
        let align_of = |c: char| match c {
            '<' => Some(Align::Left),
            '>' => Some(Align::Right),
            '^' => Some(Align::Center),
            _ => None,
        };
        let mut chars = spec.chars();
        let (first, second) = (chars.next()?, chars.next());
        let (fill, align, mut rest) = match (align_of(first), second.and_then(align_of)) {
            (_, Some(align)) => (first, Some(align), &spec[first.len_utf8() + 1..]),
            (Some(align), None) => (' ', Some(align), &spec[1..]),
            (None, None) => (' ', None, spec),
        };
        let mut width = Self { fill, align, least: 0, precision: None, is_signed_first: false, number: None };
        let mut number = Number { kind: rest.chars().last().filter(|kind| KINDS.contains(*kind)), ..Number::default() };
        rest = rest.strip_suffix('s').or(number.kind.and_then(|kind| rest.strip_suffix(kind))).unwrap_or(rest);
        number.sign = rest.chars().next().filter(|sign| ['+', ' '].contains(sign));
        rest = rest.strip_prefix(['+', ' ', '-']).unwrap_or(rest);
        if align.is_none() && rest.starts_with('0') && rest.len() > 1 {
            width.fill = '0';
            width.is_signed_first = true;
        }
        let (digits, precision) =
            rest.split_once('.').map_or((rest, None), |(digits, precision)| (digits, Some(precision)));
        number.grouping = digits.chars().last().filter(|separator| [',', '_'].contains(separator));
        let digits = digits.strip_suffix([',', '_']).unwrap_or(digits);
        // The zeros would have to be grouped too.
        if number.grouping.is_some() && width.is_signed_first {
            return None;
        }
        width.least = if digits.is_empty() { 0 } else { bounded(digits)? };
        width.number = Some(number).filter(Number::is_needed);
        width.precision = precision.map(bounded).map_or(Some(None), |parsed| parsed.map(Some))?;
        Some(width)
    }

    /// Cuts and pads the text appended since `mark`. It is valid UTF-8, because text is escaped first.
    pub fn apply(&self, out: &mut Vec<u8>, mark: usize, is_number: bool) {
        let text = String::from_utf8_lossy(&out[mark..]).into_owned();
        let kept: String = text
            .chars()
            .take(self.precision.filter(|_| !is_number && self.number.is_none()).unwrap_or(usize::MAX))
            .collect();
        let missing = self.least.saturating_sub(kept.chars().count());
        let align = self.align.unwrap_or(if is_number { Align::Right } else { Align::Left });
        let before = match align {
            Align::Left => 0,
            Align::Right => missing,
            Align::Center => missing / 2,
        };
        let fill = |count: usize| std::iter::repeat_n(self.fill, count).collect::<String>();
        let sign = usize::from(is_number && self.is_signed_first && kept.starts_with(['-', '+', ' ']));
        out.truncate(mark);
        out.extend_from_slice(&kept.as_bytes()[..sign]);
        out.extend_from_slice(fill(before).as_bytes());
        out.extend_from_slice(&kept.as_bytes()[sign..]);
        out.extend_from_slice(fill(missing - before).as_bytes());
    }
}

/// Parses a width. The upper bound keeps a pattern from making lines of any size.
fn bounded(digits: &str) -> Option<usize> {
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten().filter(|number| *number <= 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Pattern> {
        Pattern::parse("format", text, &TimePattern::default_text())
    }

    fn width(spec: &str, text: &str) -> String {
        let mut out = text.as_bytes().to_vec();
        Width::read(spec).expect("a width").apply(&mut out, 0, false);
        String::from_utf8(out).expect("utf-8")
    }

    #[test]
    fn widths_are_those_of_str_format() {
        assert_eq!(width(" <8", "INFO"), "INFO    ");
        assert_eq!(width(">6", "é"), "     é");
        assert_eq!(width("*^7", "ab"), "**ab***");
        assert_eq!(width(".3", "abcdef"), "abc");
        assert_eq!(width("5.2s", "abc"), "ab   ");
    }

    #[test]
    fn names_are_keys_or_fields() {
        let pattern = parse("{message} {extra[user]} {user} {fields}").expect("valid");

        let fields = pattern.items().filter(|item| matches!(item, Item::Field(name) if &**name == b"user")).count();
        assert_eq!(fields, 2);
        assert!(pattern.has(&Item::Message) && pattern.has(&Item::Fields));
    }

    #[test]
    fn unknown_attributes_and_bad_widths_are_refused() {
        for text in ["{level.nme}", "{process.nam}", "{message!r}", "{level:zz}", "{line:99999}"] {
            let message = parse(text).expect_err(text).to_string();

            assert!(message.starts_with("format: expected "), "{message}");
        }
    }

    #[test]
    fn patterns_of_logging_are_refused() {
        let message = parse("%(asctime)s: %(message)s").expect_err("no placeholder").to_string();

        assert_eq!(
            message,
            "format: expected names in braces such as \"{time} {level} {message}\", got \"%(asctime)s\""
        );
        assert!(parse("100% (sure)").is_ok() && parse("{message} %(user)s").is_ok());
    }

    #[test]
    fn braces_without_partner_are_text() {
        let pattern = parse("{{x}} } {").expect("valid");

        assert_eq!(pattern.pieces, [Piece::Literal((*b"{x} } {").into())]);
    }
}
