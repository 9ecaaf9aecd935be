//! Notes: what records refer to in the memory of their process, written so that another process can read the records.
//!
//! Records name their call site by a number, and a level of the program's own too. A process that reads them remembers
//! the sites as its own, and changes the numbers.

use std::sync::Arc;

use ahash::AHashMap;

use crate::crash::layout::number;
use crate::level::{LevelRef, Levels, STANDARD_NUMBERS, UNNAMED};
use crate::message::{Style, Template};
use crate::queue::checksum::checksum;
use crate::queue::ring::padded;
use crate::record::encoded::{
    Encoder, Header, Kind, Reader, Section, SetPart, header_of, kind_of, put_bytes, put_value, sections,
};
use crate::site;
use crate::site::{Location, NO_SITE, Site};

const SITE: u8 = 1;
const LEVEL: u8 = 2;

/// Bytes before a note's content: its checksum and its length.
const NOTE_HEAD: usize = 12;

/// Whether records of this level need a note.
#[inline]
pub fn needs_level(level: LevelRef) -> bool {
    level.id != UNNAMED && usize::from(level.id) >= STANDARD_NUMBERS.len()
}

/// The note of a site.
pub fn of_site(seed: u64, id: u32, site: &Site) -> Vec<u8> {
    let mut content = vec![SITE];
    content.extend_from_slice(&id.to_ne_bytes());
    for text in [&site.module, &site.function, &site.path] {
        put_bytes(&mut content, text);
    }
    content.extend_from_slice(&site.line.to_ne_bytes());
    content.extend_from_slice(&site.instruction.to_ne_bytes());
    content.push(u8::from(site.template.is_some()));
    if let Some(template) = &site.template {
        content.push(template.style as u8);
        put_bytes(&mut content, &template.source());
    }
    for key in &site.keys {
        put_bytes(&mut content, key);
    }
    finished(seed, &content)
}

/// The note of a level.
pub fn of_level(seed: u64, level: LevelRef, name: &str) -> Vec<u8> {
    let mut content = vec![LEVEL];
    content.extend_from_slice(&u32::from(level.id).to_ne_bytes());
    put_bytes(&mut content, name.as_bytes());
    finished(seed, &content)
}

fn finished(seed: u64, content: &[u8]) -> Vec<u8> {
    let mut note = checksum(seed, content).to_ne_bytes().to_vec();
    put_bytes(&mut note, content);
    note
}

/// The sites and levels of another process, by the numbers that its records have.
#[derive(Default)]
pub struct Notes {
    sites: AHashMap<u32, (u32, Arc<Site>)>,
    levels: AHashMap<u16, Vec<u8>>,
}

impl Notes {
    /// Reads the notes of a crash file, up to the first that is not whole.
    pub(super) fn read(seed: u64, bytes: &[u8]) -> Self {
        let mut notes = Self::default();
        let mut rest = bytes;
        while rest.len() > NOTE_HEAD {
            let length = u32::from_ne_bytes([rest[8], rest[9], rest[10], rest[11]]) as usize;
            let Some(content) = rest[NOTE_HEAD..].get(..length).filter(|content| content.len() > 5) else { break };
            if checksum(seed, content) != number(rest) {
                break;
            }
            notes.take(content);
            rest = rest.get(padded(NOTE_HEAD + length)..).unwrap_or_default();
        }
        notes
    }

    fn take(&mut self, content: &[u8]) {
        let mut reader = Reader::new(&content[1..]);
        let id = reader.u32();
        if content[0] == LEVEL {
            self.levels.insert(id as u16, reader.bytes().to_vec());
            return;
        }
        let (module, function, path) = (reader.bytes().into(), reader.bytes().into(), reader.bytes().into());
        let (line, instruction) = (reader.u32(), reader.u32() as i32);
        let template = (reader.byte() != 0).then(|| {
            let style = Style::from_byte(reader.byte());
            Template::parse(reader.bytes(), style)
        });
        let needs_objects = template.as_ref().is_some_and(Template::needs_objects);
        let mut keys = Vec::new();
        while !reader.is_empty() {
            keys.push(reader.bytes().into());
        }
        let site = Site { module, function, path, line, instruction, template, needs_objects, keys, ..Site::default() };
        // A number of its own, unless the table is full.
        let known = site::remember(Arc::new(site)).unwrap_or_else(|site| (NO_SITE, site));
        self.sites.insert(id, known);
    }

    /// The record as this process writes it. None if its site is not known.
    pub fn translated(&self, record: &[u8], levels: &Levels) -> Option<Vec<u8>> {
        let header = header_of(record);
        let (id, site) = match self.sites.get(&header.site) {
            Some((id, site)) => (*id, Some(site)),
            None if header.site == NO_SITE => (NO_SITE, None),
            None => return None,
        };
        let name = needs_level(header.level).then(|| self.levels.get(&header.level.id)).flatten();
        let level = if needs_level(header.level) { level_named(name, header.level.no, levels) } else { header.level };
        let mut out = Vec::with_capacity(record.len() + 64);
        let mut encoder = Encoder::start(&mut out, kind_of(record), &Header { site: id, level, ..header });
        if id == NO_SITE
            && let Some(site) = site
        {
            put_inline(&mut encoder, record, site);
        }
        for (tag, content) in sections(record) {
            match tag {
                tag if tag == Section::Later as u8 => self.put_later(&mut encoder, content, levels)?,
                tag if tag == Section::CallValues as u8 && id == NO_SITE => {
                    put_named(&mut encoder, content, site.map_or(&[][..], |site| &site.keys));
                }
                _ => encoder.copy(tag, content),
            }
        }
        if level.id == UNNAMED
            && let Some(name) = name
        {
            put_level_name(&mut encoder, record, name);
        }
        encoder.finish();
        Some(out)
    }

    fn put_later(&self, encoder: &mut Encoder<'_>, content: &[u8], levels: &Levels) -> Option<()> {
        let mut reader = Reader::new(content);
        let from = reader.u32();
        let later = self.translated(reader.bytes(), levels)?;
        let mark = encoder.begin(Section::Later);
        encoder.buffer().extend_from_slice(&from.to_ne_bytes());
        put_bytes(encoder.buffer(), &later);
        encoder.end(mark);
        Some(())
    }
}

/// The level of this process with the same name and number, or one without a name.
fn level_named(name: Option<&Vec<u8>>, no: i32, levels: &Levels) -> LevelRef {
    let known = name.and_then(|name| levels.id_of(std::str::from_utf8(name).ok()?));
    let id = known.filter(|id| levels.get(*id).is_some_and(|level| level.no == no));
    LevelRef { id: id.unwrap_or(UNNAMED), no }
}

/// Adds the name of a level that this process does not have. The program's own choice of a name stays.
fn put_level_name(encoder: &mut Encoder<'_>, record: &[u8], name: &[u8]) {
    if !sections(record).any(|(tag, _)| tag == Section::Set as u8) {
        let mark = encoder.begin(Section::Set);
        encoder.buffer().push(SetPart::LevelName as u8);
        put_bytes(encoder.buffer(), name);
        encoder.end(mark);
    }
}

/// Encodes the same record without a site: it has its place, its message and its names itself.
pub fn inlined(record: &[u8], site: &Site) -> Vec<u8> {
    let mut out = Vec::with_capacity(record.len() + 256);
    let mut encoder = Encoder::start(&mut out, Kind::Record, &Header { site: NO_SITE, ..header_of(record) });
    put_inline(&mut encoder, record, site);
    for (tag, content) in sections(record) {
        if tag == Section::CallValues as u8 {
            put_named(&mut encoder, content, &site.keys);
        } else {
            encoder.copy(tag, content);
        }
    }
    encoder.finish();
    out
}

fn put_inline(encoder: &mut Encoder<'_>, record: &[u8], site: &Site) {
    let Location { module, function, path, line } = site.location();
    encoder.inline_site(&Location { module, function, path, line });
    let is_text = |tag: u8| tag == Section::Message as u8 || tag == Section::Template as u8;
    if let Some(template) = &site.template
        && !sections(record).any(|(tag, _)| is_text(tag))
    {
        let mark = encoder.begin(Section::Template);
        encoder.buffer().push(template.style as u8);
        encoder.buffer().extend_from_slice(&template.source());
        encoder.end(mark);
    }
}

fn put_named(encoder: &mut Encoder<'_>, values: &[u8], keys: &[Box<[u8]>]) {
    let mut reader = Reader::new(values);
    let mark = encoder.begin(Section::Call);
    for key in keys {
        put_bytes(encoder.buffer(), key);
        put_value(encoder.buffer(), reader.value());
    }
    encoder.end(mark);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::level::INFO;
    use crate::record::decoded::Record;
    use crate::record::encoded::{Value, put_int};

    use super::*;

    fn site() -> Site {
        Site {
            module: Box::from(&b"app.pay"[..]),
            function: Box::from(&b"pay"[..]),
            path: Box::from(&b"/app/pay.py"[..]),
            line: 7,
            instruction: 12,
            template: Some(Template::parse(b"{{paid}} {amount}", Style::Braces)),
            keys: vec![Box::from(&b"amount"[..])],
            ..Site::default()
        }
    }

    fn record(site: u32, level: LevelRef) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::start(&mut out, Kind::Record, &Header { level, site, time_ns: 5, thread: 6 });
        let mark = encoder.begin(Section::CallValues);
        put_int(encoder.buffer(), 12);
        encoder.end(mark);
        encoder.finish();
        out
    }

    fn message(record: &Record<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        record.message(|value| match value {
            Value::Str(text) => out.extend_from_slice(text),
            other => out.extend_from_slice(format!("{other:?}").as_bytes()),
        });
        out
    }

    fn assert_is_whole(bytes: &[u8]) {
        let record = Record::decode(bytes, site::find(header_of(bytes).site), &[]);
        assert_eq!(message(&record), b"{paid} Int(12)");
        assert_eq!((record.location.module, record.location.line), (&b"app.pay"[..], 7));
        assert_eq!(record.field(b"amount").map(|field| field.value), Some(Value::Int(12)));
    }

    #[test]
    fn a_record_is_read_by_the_note_of_its_site() {
        let notes = Notes::read(3, &of_site(3, 4711, &site()));

        let translated = notes.translated(&record(4711, INFO), &Levels::default()).expect("known");

        assert_is_whole(&translated);
        assert!(notes.translated(&record(4712, INFO), &Levels::default()).is_none());
    }

    #[test]
    fn a_record_without_a_site_has_everything_itself() {
        assert_is_whole(&inlined(&record(4711, INFO), &site()));
    }

    #[test]
    fn a_level_that_is_not_known_here_keeps_its_name() {
        let level = LevelRef { id: 9, no: 33 };
        let mut bytes = of_level(3, level, "AUDIT");
        bytes.resize(padded(bytes.len()), 0);
        bytes.extend_from_slice(&of_site(3, 1, &site()));

        let translated = Notes::read(3, &bytes).translated(&record(1, level), &Levels::default()).expect("known");

        let record = Record::decode(&translated, site::find(header_of(&translated).site), &[]);
        assert_eq!((&*record.level_name(&Levels::default()), record.header.level.no), ("AUDIT", 33));
    }

    #[test]
    fn notes_end_at_the_first_that_is_torn() {
        let mut bytes = of_site(3, 1, &site());
        let last = bytes.len() - 1;
        bytes[last] ^= 1;

        assert!(Notes::read(3, &bytes).sites.is_empty());
        assert!(Notes::read(4, &of_site(3, 1, &site())).sites.is_empty());
    }

    proptest! {
        #[test]
        fn a_template_is_parsed_again_from_its_source(text in "[a-z{}%()!:0-9. ]{0,30}", style in 0u8..3) {
            let template = Template::parse(text.as_bytes(), Style::from_byte(style));

            prop_assert_eq!(&Template::parse(&template.source(), template.style), &template);
        }
    }
}
