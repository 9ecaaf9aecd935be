//! Encoding of lines in encodings other than UTF-8.

use crate::config::sink::Encoding;

/// Re-encodes the UTF-8 from `mark` on. Characters that the encoding lacks become escapes, as Python's
/// `backslashreplace` writes them.
pub fn encode(out: &mut Vec<u8>, mark: usize, encoding: Encoding) {
    let text = String::from_utf8_lossy(&out[mark..]).into_owned();
    out.truncate(mark);
    for character in text.chars() {
        let code = u32::from(character);
        match (encoding, code) {
            (_, 0..=0x7f) | (Encoding::Latin1, 0x80..=0xff) => out.push(code as u8),
            (_, 0x80..=0xff) => out.extend_from_slice(format!("\\x{code:02x}").as_bytes()),
            (_, 0x100..=0xffff) => out.extend_from_slice(format!("\\u{code:04x}").as_bytes()),
            _ => out.extend_from_slice(format!("\\U{code:08x}").as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_encodings_escape_what_does_not_fit() {
        let encoded = |encoding| {
            let mut out = "x é € 😀".as_bytes().to_vec();
            encode(&mut out, 2, encoding);
            out
        };

        assert_eq!(encoded(Encoding::Ascii), br"x \xe9 \u20ac \U0001f600");
        assert_eq!(encoded(Encoding::Latin1), b"x \xe9 \\u20ac \\U0001f600");
    }
}
