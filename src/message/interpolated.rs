//! Sources of templates that a program gives in parts, as template strings do: the parts one after another.
//!
//! The names of fields are expressions of the program and may contain anything, so no grammar of braces could read them
//! back. Numbers are little-endian. Reading never fails: bytes that are no part end it.

const LITERAL: u8 = 0;
const FIELD: u8 = 1;

/// A part of such a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    Literal(&'a [u8]),
    Field { name: &'a [u8], conversion: Option<u8>, spec: &'a [u8] },
}

impl Part<'_> {
    /// Appends the part to a source.
    pub fn put(&self, source: &mut Vec<u8>) {
        match *self {
            Self::Literal(text) => {
                source.push(LITERAL);
                put(source, text);
            }
            Self::Field { name, conversion, spec } => {
                source.extend_from_slice(&[FIELD, conversion.unwrap_or(0)]);
                put(source, name);
                put(source, spec);
            }
        }
    }
}

/// Reads a source.
pub fn parts(source: &[u8]) -> impl Iterator<Item = Part<'_>> {
    let mut rest = source;
    std::iter::from_fn(move || {
        let (part, left) = take_part(rest)?;
        rest = left;
        Some(part)
    })
}

fn put(source: &mut Vec<u8>, text: &[u8]) {
    source.extend_from_slice(&(text.len() as u32).to_le_bytes());
    source.extend_from_slice(text);
}

fn take_part(source: &[u8]) -> Option<(Part<'_>, &[u8])> {
    match source {
        [LITERAL, rest @ ..] => take(rest).map(|(text, rest)| (Part::Literal(text), rest)),
        [FIELD, conversion, rest @ ..] => {
            let conversion = Some(*conversion).filter(|conversion| matches!(conversion, b'r' | b's' | b'a'));
            let (name, rest) = take(rest)?;
            let (spec, rest) = take(rest)?;
            Some((Part::Field { name, conversion, spec }, rest))
        }
        _ => None,
    }
}

fn take(source: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = source.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: [Part<'_>; 3] = [
        Part::Literal(b"{x} 50% "),
        Part::Field { name: b"row['a}:!r']", conversion: Some(b'r'), spec: b">10" },
        Part::Field { name: b"user.id", conversion: None, spec: b"" },
    ];

    fn source() -> Vec<u8> {
        let mut source = Vec::new();
        for part in PARTS {
            part.put(&mut source);
        }
        source
    }

    #[test]
    fn parts_are_read_back_whatever_their_names_are() {
        assert_eq!(parts(&source()).collect::<Vec<_>>(), PARTS);
    }

    #[test]
    fn cut_source_gives_the_parts_that_are_whole() {
        let whole = source();

        for length in 0..whole.len() {
            let read: Vec<_> = parts(&whole[..length]).collect();
            assert!(PARTS.starts_with(&read), "{length}");
        }
    }
}
