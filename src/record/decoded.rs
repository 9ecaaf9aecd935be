//! A record in the form that is filtered and formatted.
//!
//! All its parts borrow from the encoded bytes and the call site. The message is filled in while it is read.

use std::borrow::Cow;
use std::ops::Range;
use std::str::FromStr;

use smallvec::SmallVec;

use crate::level::Levels;
use crate::message::{Name, Piece, Placeholder, Style, Template};
use crate::record::configured::Outer;
use crate::record::detail::{Detail, INDENTED};
use crate::record::encoded::{Field, HEADER, Header, Reader, Section, SetPart, Value, header_of, set_parts};
use crate::site::{Location, Site};

/// Begins a `repr()` in the place of a value's JSON form.
pub const REPR_MARK: u8 = 1;

/// A message that the caller finished, or a template to be filled in during formatting.
#[derive(Clone, Copy)]
enum Text<'a> {
    Finished(&'a [u8]),
    Site(&'a Template),
    Inline(Style, &'a [u8]),
}

/// The origin of a record from another library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    pub process: u32,
    pub process_name: &'a [u8],
    /// The loggers that the record came through, so that it does not reach one of them again.
    pub trail: &'a [u8],
}

/// The version of a record for sinks with the id `from` or a higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Later<'a> {
    pub from: u32,
    pub record: &'a [u8],
}

/// A piece of a message: its own text, or a value filled in.
pub enum Part<'a> {
    Literal(&'a [u8]),
    /// With the name of the field, if it has one.
    Value(Value<'a>, Option<&'a [u8]>),
}

/// A decoded record.
pub struct Record<'a> {
    pub header: Header,
    /// The bytes of its encoded form.
    pub length: usize,
    /// A bit for each `Section` that it has.
    pub sections: u32,
    pub location: Location<'a>,
    /// Whether the location is that of the call site.
    pub is_at_site: bool,
    /// In the order configured, bound, context, call. Each name is there once.
    pub fields: SmallVec<[Field<'a>; 16]>,
    /// The exception, as Python's text and as a JSON object.
    pub exception: Option<(&'a [u8], &'a [u8])>,
    /// The exception's texts with more detail, by `Detail`.
    tracebacks: SmallVec<[(u8, &'a [u8]); 1]>,
    thread_name: &'a [u8],
    pub task: &'a [u8],
    /// Only present if a sink shows it, or if the record came from another library.
    process_name: &'a [u8],
    pub origin: Option<Origin<'a>>,
    /// The caller's stack, as Python's text and as a JSON array.
    pub stack: Option<(&'a [u8], &'a [u8])>,
    /// The style changes in a finished message.
    pub styles: &'a [u8],
    /// Whether text sinks write only the message.
    pub is_raw: bool,
    /// The version of the record that a filter made for later sinks.
    pub later: Option<Later<'a>>,
    /// Whether a field that replaces another one gets its place.
    keeps_places: bool,
    /// The parts that were set, each as `SetPart` and text.
    set: &'a [u8],
    used: &'a [u8],
    filled: &'a [u8],
    text: Text<'a>,
    rendered: &'a [u8],
    parsed: Option<Template>,
}

impl<'a> Record<'a> {
    /// Decodes one record. `site` is the site of the header's id; `extra` has the fields that every record gets.
    pub fn decode(bytes: &'a [u8], site: &'a Site, extra: impl Into<Outer<'a>>) -> Self {
        let mut record = Self::undecoded(bytes, site);
        record.read(bytes, site, extra.into());
        record
    }

    /// A record that `read` fills in where it lies. It takes a kilobyte, and to return it decoded would copy that, which
    /// costs the writer as much as decoding.
    #[inline]
    pub fn undecoded(bytes: &'a [u8], site: &'a Site) -> Self {
        Self {
            header: header_of(bytes),
            length: bytes.len(),
            sections: 0,
            location: site.location(),
            is_at_site: true,
            fields: SmallVec::new(),
            exception: None,
            tracebacks: SmallVec::new(),
            thread_name: b"",
            task: b"",
            process_name: b"",
            origin: None,
            stack: None,
            styles: b"",
            is_raw: false,
            later: None,
            keeps_places: false,
            set: b"",
            used: b"",
            filled: b"",
            text: site.template.as_ref().map_or(Text::Finished(b""), Text::Site),
            rendered: b"",
            parsed: None,
        }
    }

    /// Decodes the sections, after `undecoded`.
    #[inline(never)]
    pub fn read(&mut self, bytes: &'a [u8], site: &'a Site, Outer { fields: extra, keeps_places }: Outer<'a>) {
        self.keeps_places = keeps_places;
        if !extra.is_empty() {
            self.sections |= bit(Section::Extra as u8);
            self.read_section(Section::Extra as u8, extra, site);
        }
        let mut reader = Reader::new(&bytes[HEADER..]);
        while !reader.is_empty() {
            let tag = reader.byte();
            let content = reader.bytes();
            self.sections |= bit(tag);
            self.read_section(tag, content, site);
        }
        if let Text::Inline(style, source) = self.text {
            self.parsed = Some(Template::parse(source, style));
        }
    }

    #[inline]
    fn read_section(&mut self, tag: u8, content: &'a [u8], site: &'a Site) {
        let mut reader = Reader::new(content);
        // Names are unique within a section, so only fields of earlier sections can be replaced.
        let mut earlier = self.fields.len();
        match tag {
            t if t == Section::Message as u8 => self.text = Text::Finished(content),
            t if t == Section::Template as u8 => {
                self.text = Text::Inline(Style::from_byte(content[0]), &content[1..]);
            }
            t if t == Section::Rendered as u8 => self.rendered = content,
            t if t == Section::CallValues as u8 => {
                if earlier == 0 {
                    let fields = site.keys.iter().map(|key| Field { key, value: reader.value() });
                    return self.fields.extend(fields);
                }
                for key in &site.keys {
                    let value = reader.value();
                    self.push_field(&mut earlier, key, value);
                }
            }
            t if t == Section::Exception as u8 => self.exception = Some((reader.bytes(), reader.bytes())),
            t if t == Section::Traceback as u8 => self.tracebacks.push((content[0], &content[1..])),
            t if t == Section::ThreadName as u8 => self.thread_name = content,
            t if t == Section::Task as u8 => self.task = content,
            t if t == Section::ProcessName as u8 => self.process_name = content,
            t if t == Section::Origin as u8 => {
                let (process, process_name) = (reader.u32(), reader.bytes());
                self.process_name = process_name;
                self.origin = Some(Origin { process, process_name, trail: reader.bytes() });
            }
            t if t == Section::InlineSite as u8 => {
                self.is_at_site = false;
                self.location = Location {
                    module: reader.bytes(),
                    function: reader.bytes(),
                    path: reader.bytes(),
                    line: reader.u32(),
                };
            }
            t if t == Section::Alone as u8 => self.fields.clear(),
            t if t == Section::Used as u8 => self.used = content,
            t if t == Section::Filled as u8 => self.filled = content,
            t if t == Section::Styles as u8 => self.styles = content,
            t if t == Section::Raw as u8 => self.is_raw = true,
            t if t == Section::Stack as u8 => self.stack = Some((reader.bytes(), reader.bytes())),
            t if t == Section::Later as u8 => self.later = Some(Later { from: reader.u32(), record: reader.bytes() }),
            t if t == Section::Set as u8 => self.set = content,
            _ => {
                while !reader.is_empty() {
                    let key = reader.bytes();
                    let value = reader.value();
                    self.push_field(&mut earlier, key, value);
                }
            }
        }
    }

    /// Adds a field. It replaces one of the same name among the first `earlier`, since sections come in the order of
    /// precedence.
    #[inline]
    fn push_field(&mut self, earlier: &mut usize, key: &'a [u8], value: Value<'a>) {
        if let Some(at) = self.fields[..*earlier].iter().position(|field| field.key == key) {
            if self.keeps_places {
                self.fields[at].value = value;
                return;
            }
            self.fields.remove(at);
            *earlier -= 1;
        }
        self.fields.push(Field { key, value });
    }

    /// Whether it has only the sections of usual records: a message, fields, the names of thread, task and process, and
    /// the origin of a record of `logging`. A record whose site has a number comes from this process.
    pub fn is_common(&self) -> bool {
        let common = FIELDS
            .into_iter()
            .chain([Section::CallValues, Section::Origin])
            .chain(NAMES)
            .fold(0, |bits, section| bits | bit(section as u8));
        self.sections & !common == 0
    }

    /// Whether its fields are those of the call, whose names the site has.
    pub fn has_fields_of_site_alone(&self) -> bool {
        FIELDS.iter().all(|section| self.sections & bit(*section as u8) == 0)
    }

    /// The template of the message, if the site has it.
    pub fn site_template(&self) -> Option<&'a Template> {
        if let Text::Site(template) = self.text { Some(template) } else { None }
    }

    /// Whether the message shows the field of this name.
    #[inline]
    pub fn is_shown(&self, name: &[u8]) -> bool {
        let is_name = |placeholder: &Placeholder| matches!(&placeholder.name, Name::Key(key) if **key == *name);
        match (&self.text, &self.parsed) {
            (Text::Site(template), _) => template.placeholders().any(is_name),
            (Text::Inline(..), Some(template)) => template.placeholders().any(is_name),
            _ => self.used_names().any(|used| used == name),
        }
    }

    /// The names of the fields that a finished message shows.
    fn used_names(&self) -> impl Iterator<Item = &'a [u8]> {
        let mut names = Reader::new(self.used);
        std::iter::from_fn(move || (!names.is_empty()).then(|| names.bytes()))
    }

    /// The text of the exception with this much detail, or Python's own text if no sink asked for more when it was
    /// logged. If `is_indented`, lines that are not Python's own are indented.
    pub fn traceback(&self, detail: Detail, is_indented: bool) -> Option<&'a [u8]> {
        let (plain, _) = self.exception?;
        let find = |wanted: u8| self.tracebacks.iter().find(|(known, _)| *known == wanted).map(|(_, text)| *text);
        let of = |detail: Detail| {
            let indented = is_indented.then(|| find(detail as u8 | INDENTED)).flatten();
            indented.or_else(|| find(detail as u8))
        };
        Some(of(detail).or_else(|| of(Detail::Plain)).unwrap_or(plain))
    }

    /// The message if the caller finished it, otherwise empty.
    pub fn finished(&self) -> &'a [u8] {
        if let Text::Finished(text) = self.text { text } else { b"" }
    }

    /// The parts of a finished message that fields filled in, each with the field's name.
    pub fn filled(&self) -> impl Iterator<Item = (Range<usize>, &'a [u8])> {
        let mut reader = Reader::new(self.filled);
        std::iter::from_fn(move || {
            let part = (!reader.is_empty()).then(|| reader.u32() as usize..reader.u32() as usize)?;
            Some((part, reader.bytes()))
        })
    }

    pub fn field(&self, key: &[u8]) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// The process that logged the record: the current one, unless the record has another.
    pub fn process(&self, own: u32) -> u32 {
        self.set_number(SetPart::Process).unwrap_or_else(|| self.origin.map_or(own, |origin| origin.process))
    }

    /// A part that the program set.
    #[inline]
    pub fn set(&self, part: SetPart) -> Option<&'a [u8]> {
        if self.set.is_empty() { None } else { self.find_set(part) }
    }

    #[cold]
    fn find_set(&self, part: SetPart) -> Option<&'a [u8]> {
        set_parts(self.set).find(|(tag, _)| *tag == part as u8).map(|(_, text)| text)
    }

    /// Like `set`, for a part that is a number.
    #[inline]
    pub fn set_number<T: FromStr>(&self, part: SetPart) -> Option<T> {
        std::str::from_utf8(self.set(part)?).ok()?.parse().ok()
    }

    /// All parts that were set, in their encoded form.
    pub fn all_set(&self) -> &'a [u8] {
        self.set
    }

    /// The name of the record's level; `Level 37` for a number without a name.
    pub fn level_name<'l>(&self, levels: &'l Levels) -> Cow<'l, str>
    where
        'a: 'l,
    {
        let level = self.header.level;
        match (self.set(SetPart::LevelName), levels.get(level.id)) {
            (Some(name), _) => String::from_utf8_lossy(name),
            (None, Some(level)) => Cow::Borrowed(&level.name),
            (None, None) => Cow::Owned(format!("Level {}", level.no)),
        }
    }

    /// The name that filters use.
    #[inline]
    pub fn name(&self) -> &'a [u8] {
        self.set(SetPart::Name).unwrap_or(self.location.module)
    }

    /// The name of the file without its suffix, unless it was set.
    pub fn stem(&self) -> &[u8] {
        self.set(SetPart::Module).unwrap_or_else(|| {
            let name = self.location.filename();
            match memchr::memrchr(b'.', name) {
                Some(at) if at > 0 => &name[..at],
                _ => name,
            }
        })
    }

    /// The last part of the path, unless it was set.
    pub fn filename(&self) -> &[u8] {
        self.set(SetPart::FileName).unwrap_or_else(|| self.location.filename())
    }

    pub fn thread_name(&self) -> &'a [u8] {
        self.set(SetPart::ThreadName).unwrap_or(self.thread_name)
    }

    pub fn process_name(&self) -> &'a [u8] {
        self.set(SetPart::ProcessName).unwrap_or(self.process_name)
    }

    /// Passes the message to `piece` in parts: text, or a field's value.
    #[inline]
    pub fn message(&self, mut piece: impl FnMut(Value<'_>)) {
        self.parts(|part| match part {
            Part::Literal(text) => piece(Value::Str(text)),
            Part::Value(value, _) => piece(value),
        });
    }

    /// Like `message`, but tells the message's own text from the values filled in.
    #[inline]
    pub fn parts(&self, mut piece: impl FnMut(Part<'_>)) {
        let template = match (&self.text, &self.parsed) {
            (Text::Finished(text), _) => return piece(Part::Literal(text)),
            (Text::Site(template), _) => template,
            (Text::Inline(..), Some(template)) => template,
            (Text::Inline(_, source), None) => return piece(Part::Literal(source)),
        };
        let mut rendered = Rendered::new(self.rendered);
        let mut index = 0u32;
        let mut left = MOST_RENDERED_BYTES;
        for part in &template.pieces {
            if left == 0 {
                return piece(Part::Value(Value::Str(b"...<cut>"), None));
            }
            match part {
                Piece::Literal(text) => piece(Part::Literal(text)),
                Piece::Placeholder(placeholder) => {
                    let value = self.placeholder(placeholder, rendered.take(index));
                    left = left.saturating_sub(length_of(value));
                    piece(Part::Value(value, placeholder.key()));
                    index += 1;
                }
            }
        }
    }

    #[inline]
    fn placeholder<'s>(&'s self, placeholder: &'s Placeholder, rendered: Option<&'s [u8]>) -> Value<'s> {
        if let Some(text) = rendered {
            return Value::Str(text);
        }
        if placeholder.is_plain_key()
            && let Name::Key(key) = &placeholder.name
            && let Some(field) = self.field(key)
        {
            return field.value;
        }
        Value::Str(&placeholder.source)
    }
}

/// The sections with names of fields.
const FIELDS: [Section; 4] = [Section::Extra, Section::Bound, Section::Context, Section::Call];

const NAMES: [Section; 5] =
    [Section::Message, Section::Rendered, Section::ThreadName, Section::Task, Section::ProcessName];

#[inline]
fn bit(tag: u8) -> u32 {
    1u32.wrapping_shl(tag.into())
}

/// A message is cut after this many bytes of field values, because one large value may occur in it many times.
const MOST_RENDERED_BYTES: usize = 16 * 1024 * 1024;

fn length_of(value: Value<'_>) -> usize {
    match value {
        Value::Str(text) | Value::Big(text) | Value::Odd { display: text, .. } => text.len(),
        _ => 0,
    }
}

/// The placeholders that the caller filled in, in order.
struct Rendered<'a> {
    reader: Reader<'a>,
    next: Option<(u32, &'a [u8])>,
}

impl<'a> Rendered<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let mut rendered = Self { reader: Reader::new(bytes), next: None };
        rendered.advance();
        rendered
    }

    fn advance(&mut self) {
        self.next = (!self.reader.is_empty()).then(|| (self.reader.u32(), self.reader.bytes()));
    }

    fn take(&mut self, index: u32) -> Option<&'a [u8]> {
        let (_, text) = self.next.filter(|(at, _)| *at == index)?;
        self.advance();
        Some(text)
    }
}
