//! Texts of files, made harmless.

use std::borrow::Cow;

use crate::format::escape::{Multiline, put_text};

pub(super) fn put_escaped(text: &[u8], out: &mut Vec<u8>) {
    put_text(out, &lossy(text), Multiline::Escape);
}

/// The text with bytes that are no UTF-8 replaced.
pub fn lossy(text: &[u8]) -> Cow<'_, [u8]> {
    match String::from_utf8_lossy(text) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(replaced) => Cow::Owned(replaced.into_bytes()),
    }
}
