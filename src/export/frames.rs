//! Frames: messages of syslog or of the journal, one for each record. Those gathered so far are sent together.

use std::sync::Arc;

use ahash::AHashMap;

use crate::export::journal;
use crate::export::journal::Journal;
use crate::export::parts::Parts;
use crate::export::syslog::Syslog;
use crate::format::context::FormatContext;
use crate::format::escape::Multiline;
use crate::format::formatter::{Formatter, Layout};
use crate::format::time::pattern::TimeCache;
use crate::record::decoded::Record;
use crate::site::NO_SITE;

/// The form of a sink's messages.
pub enum Form {
    Syslog(Syslog),
    Journal(Journal),
}

/// The separation of messages from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// The number of bytes in decimal and a space stand before each message, as RFC 6587 and RFC 5425 have it.
    OctetCounting,
    /// Each message is a datagram. Four bytes before it, the lowest first, hold its length for the function that sends.
    Datagrams,
}

/// The messages for the next call that sends.
#[derive(Default)]
pub struct Frames {
    bytes: Vec<u8>,
    /// How many of the messages were cut.
    cut: u64,
    frame: Vec<u8>,
    line: Vec<u8>,
    time: TimeCache,
    formatter: Option<(Arc<Layout>, Formatter)>,
    /// The encoded parts that the records of a place have in common, by the numbers of call sites.
    places: AHashMap<u32, Vec<u8>>,
}

impl Frames {
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The bytes of its messages.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Takes the messages out, and the number of those that were cut.
    pub fn take(&mut self) -> (Vec<u8>, u64) {
        let next = Vec::with_capacity(self.bytes.len());
        (std::mem::replace(&mut self.bytes, next), std::mem::take(&mut self.cut))
    }

    /// Appends the message of a record. `layout` gives its text; `thread_name` stands for a name that the record lacks.
    pub fn push(
        &mut self,
        (form, framing): (&Form, Framing),
        record: &Record<'_>,
        layout: &Arc<Layout>,
        (context, thread_name): (&FormatContext<'_>, &[u8]),
    ) {
        self.put_text(record, layout, context);
        let (own, multiline) = (record.thread_name(), multiline_of(layout));
        let parts = Parts {
            record,
            context,
            message: self.line.strip_suffix(b"\n").unwrap_or(&self.line),
            thread_name: if own.is_empty() { thread_name } else { own },
            place: place(&mut self.places, form, record, multiline),
            multiline,
        };
        self.frame.clear();
        let is_whole = match form {
            Form::Syslog(syslog) => syslog.put(&mut self.frame, &parts, &mut self.time),
            Form::Journal(journal) => journal.put(&mut self.frame, &parts, &mut self.time),
        };
        self.cut += u64::from(!is_whole);
        framing.put(&mut self.bytes, &self.frame);
    }

    /// Makes the text of a record, in its layout.
    fn put_text(&mut self, record: &Record<'_>, layout: &Arc<Layout>, context: &FormatContext<'_>) {
        if !self.formatter.as_ref().is_some_and(|(known, _)| Arc::ptr_eq(known, layout)) {
            self.formatter = Some((Arc::clone(layout), Formatter::new((**layout).clone())));
            self.places.clear();
        }
        self.line.clear();
        if let Some((_, formatter)) = &mut self.formatter {
            formatter.put_line_of_site(&mut self.line, record, context);
        }
    }
}

/// The encoded parts of the record's place. None if it is not that of its call site.
fn place<'p>(
    places: &'p mut AHashMap<u32, Vec<u8>>,
    form: &Form,
    record: &Record<'_>,
    multiline: Multiline,
) -> Option<&'p [u8]> {
    let site = record.header.site;
    let is_at_site = site != NO_SITE && record.is_at_site && record.all_set().is_empty();
    is_at_site.then(|| {
        let place = places.entry(site).or_insert_with(|| match form {
            Form::Syslog(syslog) => syslog.place(record, multiline),
            Form::Journal(_) => journal::place(record),
        });
        place.as_slice()
    })
}

impl Framing {
    fn put(self, out: &mut Vec<u8>, frame: &[u8]) {
        match self {
            Self::OctetCounting => {
                out.extend_from_slice(itoa::Buffer::new().format(frame.len()).as_bytes());
                out.push(b' ');
            }
            Self::Datagrams => out.extend_from_slice(&length_of(frame)),
        }
        out.extend_from_slice(frame);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a record is far smaller than 4 GiB")]
fn length_of(frame: &[u8]) -> [u8; 4] {
    (frame.len() as u32).to_le_bytes()
}

/// The datagram at `at` of gathered messages, and where the next one begins.
pub fn datagram(frames: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let (length, rest) = frames.get(at..)?.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    Some((rest.get(..length)?, at + 4 + length))
}

/// The treatment of line breaks in the fields. It is that of the text.
fn multiline_of(layout: &Layout) -> Multiline {
    match layout {
        Layout::Text { multiline, .. } => *multiline,
        Layout::Json { .. } | Layout::Shaped(_) | Layout::Nested(_) => Multiline::Escape,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_are_found_again() {
        let mut out = Vec::new();
        for frame in [b"first".as_slice(), b"", b"last"] {
            Framing::Datagrams.put(&mut out, frame);
        }
        let (first, next) = datagram(&out, 0).expect("a datagram");
        let (empty, next) = datagram(&out, next).expect("a datagram");
        let (last, next) = datagram(&out, next).expect("a datagram");

        assert_eq!((first, empty, last), (b"first".as_slice(), b"".as_slice(), b"last".as_slice()));
        assert_eq!(datagram(&out, next), None);
        assert_eq!(datagram(&out[..7], 0), None);
    }

    #[test]
    fn octets_are_counted() {
        let mut out = Vec::new();
        Framing::OctetCounting.put(&mut out, b"0123456789");
        Framing::OctetCounting.put(&mut out, "é".as_bytes());

        assert_eq!(out, "10 01234567892 é".as_bytes());
    }
}
