//! Message templates: `{name}`, `{0}`, `{}` and `%d`, parsed once per call site; and template strings.
//!
//! Parsing never fails: text that is not a placeholder stays literal. Attribute and index access (`{x.y}`, `{x[0]}`) is
//! literal by design, because a message made from user data must not reach into objects. Sources are bytes, since a
//! message may contain lone surrogates.

pub mod interpolated;
pub mod spec;

use std::ops::Range;

use crate::braces::{Braces, Grammar, Segment};
use crate::message::interpolated::Part;
use crate::message::spec::Spec;

/// The syntax of placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Style {
    Braces = 0,
    /// `%`-conversions only; braces are text.
    Percent = 1,
    /// `%`-conversions for positional arguments, `{name}` for keywords.
    PercentAndBraces = 2,
    /// Given in parts, with all fields named; see `interpolated`.
    Interpolated = 3,
}

impl Style {
    pub fn from_byte(byte: u8) -> Self {
        match byte {
            1 => Self::Percent,
            2 => Self::PercentAndBraces,
            3 => Self::Interpolated,
            _ => Self::Braces,
        }
    }
}

/// The argument that a placeholder refers to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    Index(usize),
    Key(Box<[u8]>),
    /// A `%`-conversion that takes this many positional arguments (more than one with `*`).
    Percent(usize),
    /// `%(key)s`: taken from the single positional argument, a mapping.
    PercentKey,
}

/// One placeholder: its name, `!r`-style conversion, format spec, and its text in the message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Placeholder {
    pub name: Name,
    pub conversion: Option<u8>,
    pub spec: Box<[u8]>,
    pub source: Box<[u8]>,
    /// The form of plain values, if it is known without Python.
    pub form: Option<Spec>,
}

impl Placeholder {
    /// A field of a template that is given in parts.
    pub fn of_part(name: &[u8], conversion: Option<u8>, spec: &[u8]) -> Self {
        let conversion_text = conversion.map_or(Vec::new(), |conversion| vec![b'!', conversion]);
        let colon: &[u8] = if spec.is_empty() { b"" } else { b":" };
        let source = [b"{", name, &conversion_text, colon, spec, b"}"].concat();
        let form = if conversion.is_none() { Spec::parse(spec) } else { None };
        Self { name: Name::Key(name.into()), conversion, spec: spec.into(), source: source.into(), form }
    }

    /// Whether there is neither a conversion nor a spec, so that the writer can render the value from the record alone.
    pub fn is_plain_key(&self) -> bool {
        matches!(self.name, Name::Key(_)) && self.conversion.is_none() && self.spec.is_empty()
    }

    /// The name that it asks for, `user` in `{user}` and in `%(user)s`.
    pub fn key(&self) -> Option<&[u8]> {
        match &self.name {
            Name::Key(key) => Some(key),
            Name::PercentKey => self.source[2..].split(|byte| *byte == b')').next(),
            Name::Index(_) | Name::Percent(_) => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    Literal(Box<[u8]>),
    Placeholder(Placeholder),
}

impl Piece {
    fn of(part: Part<'_>) -> Self {
        match part {
            Part::Literal(text) => Self::Literal(text.into()),
            Part::Field { name, conversion, spec } => Self::Placeholder(Placeholder::of_part(name, conversion, spec)),
        }
    }

    /// The part that `of` makes this piece of.
    fn part(&self) -> Option<Part<'_>> {
        match self {
            Self::Literal(text) => Some(Part::Literal(text)),
            Self::Placeholder(Placeholder { name: Name::Key(name), conversion, spec, .. }) => {
                Some(Part::Field { name, conversion: *conversion, spec })
            }
            Self::Placeholder(_) => None,
        }
    }
}

/// A parsed message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    pub style: Style,
    pub pieces: Vec<Piece>,
}

impl Template {
    pub fn parse(source: &[u8], style: Style) -> Self {
        if style == Style::Interpolated {
            return Self { style, pieces: interpolated::parts(source).map(Piece::of).collect() };
        }
        let braces = Braces::new(source, Grammar::MESSAGE);
        Parser { source, braces, next_index: 0, literal: Vec::new(), pieces: Vec::new() }.run(style)
    }

    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Placeholder(placeholder) => Some(placeholder),
            Piece::Literal(_) => None,
        })
    }

    /// Whether any placeholder must be rendered on the caller's thread, where the objects are.
    pub fn needs_objects(&self) -> bool {
        self.placeholders().any(|placeholder| !placeholder.is_plain_key())
    }

    /// The template of a call's message: by its `%`-conversions if they fit the number of positional arguments, and by
    /// its braces otherwise, or if they mean nothing. None if the arguments must be looked at first.
    pub fn for_call(source: &[u8], arguments: usize, has_names: bool, has_percent: bool) -> Option<Self> {
        if has_percent && arguments > 0 && source.contains(&b'%') {
            let style = if has_names { Style::PercentAndBraces } else { Style::Percent };
            let template = Self::parse(source, style);
            let takes_mapping = template.takes_mapping();
            if takes_mapping && arguments == 1 {
                return None;
            }
            if !takes_mapping && template.percent_arguments() == arguments {
                return Some(template);
            }
        }
        Some(Self::parse(source, Style::Braces))
    }

    /// A source that means the same. Braces and signs that are text are doubled in it.
    pub fn source(&self) -> Vec<u8> {
        if self.style == Style::Interpolated {
            let mut source = Vec::new();
            for part in self.pieces.iter().filter_map(Piece::part) {
                part.put(&mut source);
            }
            return source;
        }
        let (has_braces, has_percent) = (self.style != Style::Percent, self.style != Style::Braces);
        let is_special = |byte| matches!(byte, b'{' | b'}') && has_braces || byte == b'%' && has_percent;
        let mut source = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Placeholder(placeholder) => source.extend_from_slice(&placeholder.source),
                Piece::Literal(text) => {
                    for byte in text {
                        source.extend(std::iter::repeat_n(*byte, 1 + usize::from(is_special(*byte))));
                    }
                }
            }
        }
        source
    }

    /// Whether a `%`-conversion has a name.
    pub fn takes_mapping(&self) -> bool {
        self.placeholders().any(|placeholder| placeholder.name == Name::PercentKey)
    }

    /// The number of placeholders that the caller fills in.
    pub fn count_of_caller(&self) -> usize {
        self.placeholders().filter(|placeholder| !placeholder.is_plain_key()).count()
    }

    /// Whether the writer fills in any placeholder.
    pub fn has_plain_keys(&self) -> bool {
        self.placeholders().any(Placeholder::is_plain_key)
    }

    /// Bits for the positional arguments that no placeholder of a message with braces names, as `first_bits` has them.
    pub fn unused(&self, arguments: usize) -> u32 {
        let mut unused = first_bits(arguments);
        let mut take = |name: &Name| {
            if let Name::Index(at @ 0..32) = name {
                unused &= !(1 << at);
            }
        };
        for placeholder in self.placeholders() {
            take(&placeholder.name);
            if placeholder.spec.contains(&b'{') {
                Self::parse(&placeholder.spec, Style::Braces).placeholders().for_each(|inner| take(&inner.name));
            }
        }
        unused
    }

    /// The number of positional arguments that the `%`-conversions take.
    pub fn percent_arguments(&self) -> usize {
        self.placeholders().map(|p| if let Name::Percent(n) = p.name { n } else { 0 }).sum()
    }
}

/// Bits for the first `count` arguments. The last bit stands for all arguments from there on.
pub fn first_bits(count: usize) -> u32 {
    1u32.checked_shl(count as u32).map_or(u32::MAX, |bit| bit - 1)
}

struct Parser<'a> {
    source: &'a [u8],
    braces: Braces<'a>,
    next_index: usize,
    literal: Vec<u8>,
    pieces: Vec<Piece>,
}

impl Parser<'_> {
    fn run(mut self, style: Style) -> Template {
        if style == Style::Percent {
            self.percents(0..self.source.len());
        } else {
            self.split(style == Style::PercentAndBraces);
        }
        self.end_literal();
        Template { style, pieces: self.pieces }
    }

    fn split(&mut self, has_percent: bool) {
        while let Some(segment) = self.braces.next() {
            match segment {
                Segment::Text(text) if has_percent => self.percents(text),
                Segment::Text(text) => self.push_literal(text),
                Segment::Field(field) => self.field(field),
                Segment::Unclosed(at) => self.push_literal(at..at + 1),
            }
        }
    }

    fn push_literal(&mut self, text: Range<usize>) {
        // Most literals come in one stretch, and are then not shrunk at their end.
        if self.literal.is_empty() {
            self.literal.reserve_exact(text.len());
        }
        self.literal.extend_from_slice(&self.source[text]);
    }

    fn end_literal(&mut self) {
        if !self.literal.is_empty() {
            self.pieces.push(Piece::Literal(std::mem::take(&mut self.literal).into()));
        }
    }

    fn push(&mut self, placeholder: Placeholder) {
        self.end_literal();
        self.pieces.push(Piece::Placeholder(placeholder));
    }

    fn field(&mut self, field: Range<usize>) {
        let source = &self.source[field.start - 1..=field.end];
        let Some(mut placeholder) = brace_placeholder(source, self.next_index) else {
            let brace = self.braces.reject();
            return self.push_literal(brace);
        };
        self.next_index += usize::from(is_auto(source));
        if placeholder.spec.contains(&b'{') {
            placeholder.spec = self.numbered(&placeholder.spec);
        }
        self.push(placeholder);
    }

    /// A spec whose automatic placeholders have their numbers, which follow that of the placeholder itself.
    fn numbered(&mut self, spec: &[u8]) -> Box<[u8]> {
        let mut numbered = Vec::with_capacity(spec.len() + 1);
        for (at, byte) in spec.iter().enumerate() {
            numbered.push(*byte);
            if *byte == b'{' && matches!(spec.get(at + 1), Some(b'}' | b'!' | b':')) {
                numbered.extend_from_slice(self.next_index.to_string().as_bytes());
                self.next_index += 1;
            }
        }
        numbered.into()
    }

    /// Reads the `%`-conversions of a text. One whose key has braces may end after the text.
    fn percents(&mut self, text: Range<usize>) {
        let mut at = text.start;
        while let Some(length) = memchr::memchr(b'%', &self.source[at..text.end]) {
            self.push_literal(at..at + length);
            at += length;
            at += self.percent(at);
            if at > text.end {
                return self.braces.skip_to(at);
            }
        }
        self.push_literal(at..text.end);
    }

    /// Reads the `%` at a position and returns the number of bytes read.
    fn percent(&mut self, at: usize) -> usize {
        if self.source.get(at + 1) == Some(&b'%') {
            self.push_literal(at..at + 1);
            return 2;
        }
        let Some(placeholder) = percent_placeholder(&self.source[at..]) else {
            self.push_literal(at..at + 1);
            return 1;
        };
        let length = placeholder.source.len();
        self.push(placeholder);
        length
    }
}

/// Whether a placeholder is numbered automatically: `{}`, `{!r}` and `{:>5}`.
fn is_auto(source: &[u8]) -> bool {
    matches!(source[1], b'}' | b'!' | b':')
}

/// Reads the placeholder `{name!r:spec}`. Returns None if `source` is none.
fn brace_placeholder(source: &[u8], next_index: usize) -> Option<Placeholder> {
    let inner = &source[1..source.len() - 1];
    let split = inner.iter().position(|b| matches!(b, b'!' | b':')).unwrap_or(inner.len());
    let (name, mut rest) = inner.split_at(split);
    if name.iter().any(|b| matches!(b, b'.' | b'[' | b']' | b'{')) {
        return None;
    }
    let mut conversion = None;
    if rest.first() == Some(&b'!') {
        conversion = rest.get(1).copied().filter(|c| matches!(c, b'r' | b's' | b'a'));
        conversion?;
        rest = &rest[2..];
    }
    let spec = match rest.first() {
        None => rest,
        Some(b':') => &rest[1..],
        Some(_) => return None,
    };
    let name = field_name(name, next_index)?;
    let form = if conversion.is_none() { Spec::parse(spec) } else { None };
    Some(Placeholder { name, conversion, spec: spec.into(), source: source.into(), form })
}

fn field_name(name: &[u8], next_index: usize) -> Option<Name> {
    if name.is_empty() {
        return Some(Name::Index(next_index));
    }
    if name.iter().all(u8::is_ascii_digit) {
        return std::str::from_utf8(name).ok()?.parse().ok().map(Name::Index);
    }
    Some(Name::Key(name.into()))
}

/// The length limit of the key in `%(key)s`, in bytes. An unbounded search takes quadratic time if many keys begin.
const LONGEST_KEY: usize = 500;

/// Parses a printf conversion at the start of `text`, like Python's `str % args` but without the space flag: in a
/// message, `50% done` is prose.
fn percent_placeholder(text: &[u8]) -> Option<Placeholder> {
    let mut at = 1;
    let mut key = false;
    if text.get(at) == Some(&b'(') {
        at += memchr::memchr(b')', &text[at..text.len().min(at + LONGEST_KEY)])? + 1;
        key = true;
    }
    at += text[at..].iter().take_while(|b| b"#0-+".contains(b)).count();
    let mut arguments = 1;
    at += digits_or_star(&text[at..], &mut arguments);
    if text.get(at) == Some(&b'.') {
        at += 1;
        at += digits_or_star(&text[at..], &mut arguments);
    }
    at += text[at..].iter().take_while(|b| b"hlL".contains(b)).count();
    if !text.get(at).is_some_and(|b| b"diouxXeEfFgGcrsa".contains(b)) {
        return None;
    }
    let name = if key { Name::PercentKey } else { Name::Percent(arguments) };
    let source = &text[..=at];
    let form = if name == Name::Percent(1) { Spec::percent(source).map(|(form, _)| form) } else { None };
    Some(Placeholder { name, conversion: None, spec: Box::default(), source: source.into(), form })
}

fn digits_or_star(text: &[u8], arguments: &mut usize) -> usize {
    if text.first() == Some(&b'*') {
        *arguments += 1;
        return 1;
    }
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(source: &str) -> Vec<String> {
        Template::parse(source.as_bytes(), Style::Braces)
            .placeholders()
            .map(|p| match &p.name {
                Name::Key(key) => String::from_utf8_lossy(key).into_owned(),
                other => format!("{other:?}"),
            })
            .collect()
    }

    fn literal(source: &str, style: Style) -> String {
        let template = Template::parse(source.as_bytes(), style);
        let text = template.pieces.iter().flat_map(|piece| match piece {
            Piece::Literal(text) => text.to_vec(),
            Piece::Placeholder(placeholder) => placeholder.source.to_vec(),
        });
        String::from_utf8(text.collect()).expect("utf-8")
    }

    #[test]
    fn names_conversions_and_specs_are_split() {
        let template = Template::parse(b"{user!r:>10}", Style::Braces);
        let placeholder = template.placeholders().next().expect("one");

        assert_eq!(placeholder.name, Name::Key((*b"user").into()));
        assert_eq!(placeholder.conversion, Some(b'r'));
        assert_eq!(&*placeholder.spec, b">10");
    }

    #[test]
    fn automatic_numbers_count_only_automatic_fields() {
        assert_eq!(names("{} {5} {:>3} {x} {!r}"), ["Index(0)", "Index(5)", "Index(1)", "x", "Index(2)"]);
    }

    #[test]
    fn automatic_numbers_in_specs_follow_that_of_their_placeholder() {
        let template = Template::parse(b"{:>{}} {:{}.{}f} {} {x:{}} {:{2}}", Style::Braces);

        let specs = template.placeholders().map(|one| String::from_utf8_lossy(&one.spec).into_owned());
        assert_eq!(specs.collect::<Vec<_>>(), [">{1}", "{3}.{4}f", "", "{6}", "{2}"]);
        assert_eq!(template.unused(9), 1 << 8);
    }

    #[test]
    fn attribute_access_and_broken_braces_stay_literal() {
        for source in ["{user.secret}", "{x[0]}", "{", "}", "a { b", "{x!z}", "{x!r", "{a{b}c}", "{x!rr}"] {
            assert_eq!(literal(source, Style::Braces), source);
            assert_eq!(names(source).iter().filter(|n| *n != "b").count(), 0, "{source}");
        }
    }

    #[test]
    fn doubled_braces_become_one() {
        assert_eq!(literal("{{}} {{x}}", Style::Braces), "{} {x}");
        assert_eq!(literal("{{}}", Style::Percent), "{{}}");
    }

    #[test]
    fn percent_conversions_count_their_arguments() {
        let template = Template::parse(b"%d of %5.2f, %*d %% %(x)s %", Style::Percent);

        assert_eq!(template.percent_arguments(), 4);
        assert_eq!(template.placeholders().count(), 4);
    }

    #[test]
    fn percent_before_a_space_is_prose() {
        assert_eq!(Template::parse(b"50% done, 100% free", Style::Percent).percent_arguments(), 0);
    }

    #[test]
    fn unknown_conversions_stay_literal() {
        assert_eq!(literal("100% {x} %y", Style::Percent), "100% {x} %y");
    }
}
