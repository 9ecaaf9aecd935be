//! The style changes in a finished message, as encoded in the section `Styles`.
//!
//! Each change has an offset into the message, a kind, and the escape sequence if a style opens.

use crate::record::encoded::{Reader, put_bytes};
use crate::style::markup::Markup;

/// A style change at one position in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    Open(&'a str),
    /// The style of the record's level opens.
    OpenLevel,
    Close,
}

const OPEN: u8 = 0;
const OPEN_LEVEL: u8 = 1;
const CLOSE: u8 = 2;

/// Appends the change for a piece of markup, or nothing for text.
pub fn put_change(out: &mut Vec<u8>, at: usize, markup: &Markup) {
    let (tag, style) = match markup {
        Markup::Text(_) => return,
        Markup::Open(style) => (OPEN, style.open()),
        Markup::OpenLevel => (OPEN_LEVEL, ""),
        Markup::Close => (CLOSE, ""),
    };
    out.extend_from_slice(&(at as u32).to_ne_bytes());
    out.push(tag);
    put_bytes(out, style.as_bytes());
}

/// The changes at other places, in a message whose text has changed.
pub fn moved(section: &[u8], place: impl Fn(usize) -> usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(section.len());
    let mut reader = Reader::new(section);
    while !reader.is_empty() {
        out.extend_from_slice(&(place(reader.u32() as usize) as u32).to_ne_bytes());
        out.push(reader.byte());
        put_bytes(&mut out, reader.bytes());
    }
    out
}

/// The changes in order, each with its offset.
pub fn changes(section: &[u8]) -> impl Iterator<Item = (usize, Change<'_>)> {
    let mut reader = Reader::new(section);
    std::iter::from_fn(move || {
        if reader.is_empty() {
            return None;
        }
        let (at, tag, style) = (reader.u32() as usize, reader.byte(), reader.bytes());
        Some(match tag {
            OPEN => (at, Change::Open(std::str::from_utf8(style).unwrap_or_default())),
            OPEN_LEVEL => (at, Change::OpenLevel),
            _ => (at, Change::Close),
        })
    })
}
