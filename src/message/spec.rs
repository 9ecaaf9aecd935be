//! Format specs and `%`-conversions whose meaning for plain values is known without Python.
//!
//! The grammar is CPython's, from 3.9 to 3.13. A spec that its versions read differently, that asks for much, or that is
//! rare has no form here. Python then formats the value.

/// The greatest width and the greatest precision that are known here.
const WIDEST: usize = 1000;
const MOST_PRECISE: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Align {
    Left,
    Right,
    Center,
    /// Between the sign and the digits.
    Inside,
}

/// The parts of a spec. A `%`-conversion has the same parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spec {
    pub fill: char,
    /// None depends on the value.
    pub align: Option<Align>,
    /// `+` or a space, before numbers that are not negative. `-` adds nothing, but text refuses it.
    pub sign: Option<u8>,
    /// `0x` and the like before the digits.
    pub has_prefix: bool,
    pub width: usize,
    /// `,` or `_`.
    pub grouping: Option<u8>,
    pub precision: Option<usize>,
    /// The letter at the end.
    pub kind: Option<u8>,
    /// Whether any value becomes the text of `str()` first, as for `%s`.
    pub is_shown: bool,
}

impl Spec {
    /// The empty spec.
    pub const NONE: Self = Self {
        fill: ' ',
        align: None,
        sign: None,
        has_prefix: false,
        width: 0,
        grouping: None,
        precision: None,
        kind: None,
        is_shown: false,
    };

    /// Whether a value is shown as `str()` gives it.
    #[inline]
    pub fn is_str(&self) -> bool {
        self.width == 0 && self.precision.is_none() && (self.is_shown || *self == Self::NONE)
    }

    /// Reads what stands after the colon of a placeholder.
    pub fn parse(spec: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(spec).ok()?;
        let mut read = Self::NONE;
        let text = read.take_align(text);
        let mut rest = Rest(text.as_bytes());
        read.sign = rest.any(b"+- ");
        read.has_prefix = rest.any(b"#").is_some();
        read.take_zero(&mut rest)?;
        read.width = rest.number(WIDEST)?.unwrap_or(0);
        read.grouping = rest.any(b",_");
        if rest.any(b".").is_some() {
            read.precision = Some(rest.number(MOST_PRECISE)??);
        }
        read.kind = rest.any(b"sdbxXofFeEgG%");
        (rest.0.is_empty() && read.is_known()).then_some(read)
    }

    /// Reads the fill and the alignment, and returns the text after them.
    fn take_align<'t>(&mut self, text: &'t str) -> &'t str {
        let mut chars = text.chars();
        let (first, second) = (chars.next(), chars.next());
        if let (Some(fill), Some(align)) = (first, second.and_then(align_of)) {
            (self.fill, self.align) = (fill, Some(align));
            return chars.as_str();
        }
        self.align = first.and_then(align_of);
        if self.align.is_some() { &text[1..] } else { text }
    }

    /// Reads the zero before a width, which is the fill unless there is another. An alignment beside it is left to
    /// Python, and so is a fill: the zero is then a part of the width.
    fn take_zero(&mut self, rest: &mut Rest<'_>) -> Option<()> {
        if rest.0.first() != Some(&b'0') {
            return Some(());
        }
        (self.align.is_none()).then_some(())?;
        (self.fill, self.align) = ('0', Some(Align::Inside));
        rest.any(b"0").map(drop)
    }

    /// Whether the parts have a meaning together. Zeros between grouped digits are left to Python.
    fn is_known(&self) -> bool {
        let kind = self.kind.unwrap_or(b'd');
        let has_digits = self.kind.is_none() || kind != b's';
        let grouping = match kind {
            b'x' | b'X' | b'o' | b'b' => self.grouping != Some(b','),
            b's' => self.grouping.is_none(),
            _ => true,
        };
        grouping
            && !(self.grouping.is_some() && self.align == Some(Align::Inside))
            && (has_digits || (self.sign.is_none() && !self.has_prefix && self.align != Some(Align::Inside)))
            && (!self.has_prefix || matches!(kind, b'x' | b'X' | b'o' | b'b'))
    }

    /// Reads the `%`-conversion at the start of a text, such as `%5.2f`. Returns it with its length.
    pub fn percent(text: &[u8]) -> Option<(Self, usize)> {
        let mut rest = Rest(text.strip_prefix(b"%")?);
        let mut read = Self { align: Some(Align::Right), ..Self::NONE };
        let (mut is_left, mut has_zero) = (false, false);
        while let Some(flag) = rest.any(b"-0+ #") {
            match flag {
                b'-' => is_left = true,
                b'0' => has_zero = true,
                b'#' => return None,
                _ => read.sign = Some(if read.sign == Some(b'+') { b'+' } else { flag }),
            }
        }
        read.width = rest.number(WIDEST)?.unwrap_or(0);
        if rest.any(b".").is_some() {
            read.precision = Some(rest.number(MOST_PRECISE)?.unwrap_or(0));
        }
        let kind = rest.any(b"sdiuxXofFeEgG")?;
        read.is_shown = kind == b's';
        read.kind = Some(if matches!(kind, b'i' | b'u') { b'd' } else { kind });
        if is_left {
            read.align = Some(Align::Left);
        } else if has_zero && !read.is_shown {
            (read.fill, read.align) = ('0', Some(Align::Inside));
        }
        if read.is_shown {
            read.sign = None;
        }
        let is_known = read.precision.is_none() || !matches!(kind, b'd' | b'i' | b'u' | b'x' | b'X' | b'o');
        is_known.then_some((read, text.len() - rest.0.len()))
    }
}

fn align_of(letter: char) -> Option<Align> {
    match letter {
        '<' => Some(Align::Left),
        '>' => Some(Align::Right),
        '^' => Some(Align::Center),
        '=' => Some(Align::Inside),
        _ => None,
    }
}

/// The part of a spec that was not read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// Reads one of these bytes.
    fn any(&mut self, bytes: &[u8]) -> Option<u8> {
        let first = *self.0.first().filter(|first| bytes.contains(first))?;
        self.0 = &self.0[1..];
        Some(first)
    }

    /// Reads a number, if there is one. None for a number above `most`.
    #[expect(clippy::option_option, reason = "no number differs from one that is too large")]
    fn number(&mut self, most: usize) -> Option<Option<usize>> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.0.split_at(digits);
        self.0 = rest;
        let add = |sum: usize, digit: &u8| Some(sum * 10 + usize::from(digit - b'0')).filter(|sum| *sum <= most);
        if digits == 0 { Some(None) } else { number.iter().try_fold(0, add).map(Some) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_is_read_in_its_parts() {
        let read = Spec::parse("é^+#12_x".as_bytes()).expect("it is known");

        assert_eq!((read.fill, read.align, read.sign, read.has_prefix), ('é', Some(Align::Center), Some(b'+'), true));
        assert_eq!((read.width, read.grouping, read.precision, read.kind), (12, Some(b'_'), None, Some(b'x')));
    }

    #[test]
    fn a_zero_before_the_width_is_the_fill() {
        let read = Spec::parse(b"08.3f").expect("it is known");

        assert_eq!((read.fill, read.align, read.width, read.precision), ('0', Some(Align::Inside), 8, Some(3)));
    }

    #[test]
    fn an_empty_spec_and_a_plain_conversion_show_the_text_of_a_value() {
        assert!(Spec::parse(b"").is_some_and(|spec| spec.is_str()));
        assert_eq!(Spec::percent(b"%s and more").map(|(spec, length)| (spec.is_str(), length)), Some((true, 2)));
    }

    #[test]
    fn specs_that_are_rare_or_wrong_are_left_to_python() {
        for spec in
            ["n", "z.2f", "<05", "*<05", "1001", ".101f", ".f", ",x", "+s", "-s", "#d", "010,", "y", "d ", "{w}", "c"]
        {
            assert_eq!(Spec::parse(spec.as_bytes()), None, "{spec}");
        }
        for conversion in ["%", "%r", "%#x", "%.3d", "%*d", "%(a)s", "%c", "%1001d", "%ld"] {
            assert_eq!(Spec::percent(conversion.as_bytes()), None, "{conversion}");
        }
    }
}
