//! The brace grammar of messages, line patterns, and the names of files and archives.
//!
//! A field is the text between `{` and `}`. Each kind of template gives fields its own meaning; the split into text and
//! fields is the same for all. Splitting never fails and takes linear time. Positions are in bytes.

use std::ops::Range;

/// The rules of one kind of template.
#[derive(Clone, Copy, Debug)]
pub struct Grammar {
    /// Whether `{{` and `}}` stand for one brace.
    pub has_escapes: bool,
    /// How deep braces may nest inside a field. At 0, the first `}` ends the field.
    pub nesting: usize,
}

impl Grammar {
    pub const MESSAGE: Self = Self { has_escapes: true, nesting: 1 };
    pub const LINE: Self = Self { has_escapes: true, nesting: 0 };
    pub const NAME: Self = Self { has_escapes: false, nesting: 0 };
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Text as it is shown. One stretch of text may come in several segments.
    Text(Range<usize>),
    /// A field, without its braces.
    Field(Range<usize>),
    /// A `{` that nothing closes.
    Unclosed(usize),
}

/// An iterator over the segments of a template.
#[derive(Clone, Debug)]
pub struct Braces<'a> {
    source: &'a [u8],
    grammar: Grammar,
    at: usize,
    /// The start of the last field.
    opened: usize,
    /// Whether a search found no `}` up to the end. Repeated searches would take quadratic time.
    is_spent: bool,
}

impl<'a> Braces<'a> {
    pub fn new(source: &'a [u8], grammar: Grammar) -> Self {
        Self { source, grammar, at: 0, opened: 0, is_spent: false }
    }

    /// Makes the `{` of the last field text and returns its range. The bytes after it are split again.
    pub fn reject(&mut self) -> Range<usize> {
        self.at = self.opened;
        self.opened - 1..self.opened
    }

    /// Continues at a later position.
    pub fn skip_to(&mut self, at: usize) {
        self.at = at;
    }

    /// The number of bytes before the next brace that may mean something.
    fn text_length(&self) -> usize {
        let rest = &self.source[self.at..];
        let brace =
            if self.grammar.has_escapes { memchr::memchr2(b'{', b'}', rest) } else { memchr::memchr(b'{', rest) };
        brace.unwrap_or(rest.len())
    }

    fn text(&mut self, length: usize) -> Segment {
        let start = self.at;
        self.at += length;
        Segment::Text(start..self.at)
    }

    fn brace(&mut self, brace: u8) -> Segment {
        let start = self.at;
        if self.grammar.has_escapes && self.source.get(start + 1) == Some(&brace) {
            self.at += 2;
            return Segment::Text(start..start + 1);
        }
        if brace == b'}' {
            return self.text(1);
        }
        let Some(end) = self.closing(start + 1) else {
            self.at += 1;
            return Segment::Unclosed(start);
        };
        self.opened = start + 1;
        self.at = end + 1;
        Segment::Field(self.opened..end)
    }

    /// The position of the `}` that closes the field that begins at `start`.
    fn closing(&mut self, start: usize) -> Option<usize> {
        let rest = &self.source[start..];
        if self.grammar.nesting == 0 {
            let end = if self.is_spent { None } else { memchr::memchr(b'}', rest) };
            self.is_spent = end.is_none();
            return end.map(|at| start + at);
        }
        let mut depth = 0;
        for at in memchr::memchr2_iter(b'{', b'}', rest) {
            if rest[at] == b'{' {
                depth += 1;
            } else if depth == 0 {
                return Some(start + at);
            } else {
                depth -= 1;
            }
            if depth > self.grammar.nesting {
                return None;
            }
        }
        None
    }
}

impl Iterator for Braces<'_> {
    type Item = Segment;

    fn next(&mut self) -> Option<Segment> {
        let first = *self.source.get(self.at)?;
        if first == b'{' || (first == b'}' && self.grammar.has_escapes) {
            return Some(self.brace(first));
        }
        let length = self.text_length();
        Some(self.text(length))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Segments as text, with neighbouring texts joined, fields in angle brackets, and `!` for a brace nothing closes.
    fn split(source: &str, grammar: Grammar) -> Vec<String> {
        let mut shown: Vec<String> = Vec::new();
        let mut is_text = false;
        for segment in Braces::new(source.as_bytes(), grammar) {
            let (text, is_next_text) = match segment {
                Segment::Text(range) => (source[range].to_owned(), true),
                Segment::Field(range) => (format!("<{}>", &source[range]), false),
                Segment::Unclosed(_) => ("!".to_owned(), false),
            };
            match shown.last_mut().filter(|_| is_text && is_next_text) {
                Some(last) => last.push_str(&text),
                None => shown.push(text),
            }
            is_text = is_next_text;
        }
        shown
    }

    #[test]
    fn escapes_are_one_brace_where_the_grammar_has_them() {
        assert_eq!(split("{{x}} {y}}}", Grammar::LINE), ["{x} ", "<y>", "}"]);
        assert_eq!(split("{{pid}}", Grammar::NAME), ["<{pid>", "}"]);
    }

    #[test]
    fn fields_nest_as_deep_as_the_grammar_allows() {
        assert_eq!(split("{x:{w}}", Grammar::MESSAGE), ["<x:{w}>"]);
        assert_eq!(split("{x:{w}}", Grammar::LINE), ["<x:{w>", "}"]);
        assert_eq!(split("{a{b{c}}}", Grammar::MESSAGE), ["!", "a", "<b{c}>", "}"]);
    }

    #[test]
    fn braces_without_partner_are_told() {
        assert_eq!(split("a { b } {c", Grammar::LINE), ["a ", "< b >", " ", "!", "c"]);
        assert_eq!(split("} {", Grammar::MESSAGE), ["} ", "!"]);
        assert_eq!(split("{", Grammar::NAME), ["!"]);
    }

    #[test]
    fn a_rejected_field_is_split_again() {
        let mut braces = Braces::new(b"{a{b}", Grammar::NAME);

        assert_eq!(braces.next(), Some(Segment::Field(1..4)));
        assert_eq!(braces.reject(), 0..1);
        assert_eq!(braces.collect::<Vec<_>>(), [Segment::Text(1..2), Segment::Field(3..4)]);
    }

    /// A template that Python's `string.Formatter().parse` accepts, and its parts.
    fn valid() -> impl Strategy<Value = (String, Vec<String>)> {
        let text = "[a-z<>%:! ]{1,4}|\\{\\{|\\}\\}".prop_map(|text| (text.clone(), (true, text)));
        let field = "[a-z0-9_]{0,4}(:[<>^0-9.]{0,3}(\\{[a-z]?\\})?)?";
        let field = field.prop_map(|field| (format!("{{{field}}}"), (false, format!("<{field}>"))));
        prop::collection::vec(prop_oneof![text, field], 0..12).prop_map(|parts| {
            let source = parts.iter().map(|(source, _)| source.as_str()).collect();
            let mut shown: Vec<String> = Vec::new();
            let mut was_text = false;
            for (_, (is_text, part)) in parts {
                let part = if is_text { part.replace("{{", "{").replace("}}", "}") } else { part };
                match shown.last_mut().filter(|_| is_text && was_text) {
                    Some(last) => last.push_str(&part),
                    None => shown.push(part),
                }
                was_text = is_text;
            }
            (source, shown)
        })
    }

    proptest! {
        #[test]
        fn valid_templates_split_into_their_parts((source, parts) in valid()) {
            prop_assert_eq!(split(&source, Grammar::MESSAGE), parts);
        }

        #[test]
        fn segments_are_in_order_and_cover_all_but_braces(
            source in "[{}a:]{0,40}",
            has_escapes: bool,
            nesting in 0usize..3,
        ) {
            let is_braces = |text: &str| text.bytes().all(|byte| b"{}".contains(&byte));
            let mut end = 0;
            for segment in Braces::new(source.as_bytes(), Grammar { has_escapes, nesting }) {
                let range = match segment {
                    Segment::Text(range) | Segment::Field(range) => range,
                    Segment::Unclosed(at) => at..at + 1,
                };
                prop_assert!(end <= range.start && range.start <= range.end);
                prop_assert!(is_braces(&source[end..range.start]));
                end = range.end;
            }
            prop_assert!(is_braces(&source[end..]));
        }
    }
}
