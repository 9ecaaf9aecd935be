//! Records of an input, encoded as a caller encodes them.

use jiff::tz::TimeZone;

use super::input::Input;
use crate::format::context::FormatContext;
use crate::format::formatter::{Formatter, Layout};
use crate::level::{INFO, LevelRef, Levels, UNNAMED, WARNING};
use crate::message::{Style, Template};
use crate::record::decoded::Record;
use crate::record::encoded::{
    Encoder, Header, Kind, Section, Value, put_bool, put_bytes, put_float, put_int, put_json_alone, put_none, put_odd,
    put_str,
};
use crate::site::Site;

/// Names that some layouts treat in their own way. The last one stands for a name of the input.
const NAMES: [&str; 18] = [
    "user",
    "amount",
    "trace_id",
    "span_id",
    "trace_flags",
    "dd.trace_id",
    "error",
    "labels",
    "level",
    "message",
    "name",
    "fields.x",
    "http_request",
    "timestamp",
    "stack",
    "thread",
    "password",
    "",
];

/// JSON of values that are no plain ones.
const JSON: [&str; 8] =
    ["{}", "[1,2]", "{\"a\":{\"b\":[null,1.5]}}", "\"2025-01-15\"", "1e400", "[]", "{\"\":\"\\ud800\"}", "null"];

/// The sections with names and values, in the order of their precedence.
const OF_FIELDS: [Section; 3] = [Section::Bound, Section::Context, Section::Call];

/// The sections of one text each.
const OF_TEXT: [Section; 3] = [Section::ThreadName, Section::Task, Section::ProcessName];

/// A value that does not borrow from its record.
#[derive(Clone, Debug)]
pub(super) enum Given {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Vec<u8>),
    Odd(Vec<u8>, &'static str),
    Json(&'static str),
}

impl Given {
    fn of(input: &mut Input<'_>) -> Self {
        match input.below(8) {
            0 => Self::None,
            1 => Self::Bool(input.flag()),
            2 => Self::Int(i64::from(input.byte() as i8)),
            3 => Self::Int(input.i64()),
            4 => Self::Float(f64::from_bits(input.u64())),
            5 => Self::Odd(input.wide_text(), input.one_of(&JSON)),
            6 => Self::Json(input.one_of(&JSON)),
            _ => Self::Text(input.wide_text()),
        }
    }

    fn put(&self, out: &mut Vec<u8>) {
        let append = |json: &'static str| move |out: &mut Vec<u8>| out.extend_from_slice(json.as_bytes());
        match self {
            Self::None => put_none(out),
            Self::Bool(flag) => put_bool(out, *flag),
            Self::Int(number) => put_int(out, *number),
            Self::Float(number) => put_float(out, *number),
            Self::Text(text) => put_str(out, text),
            Self::Odd(display, json) => put_odd(out, display, append(json)),
            Self::Json(json) => put_json_alone(out, append(json)),
        }
    }

    pub fn value(&self) -> Value<'_> {
        match self {
            Self::None => Value::None,
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Int(number) => Value::Int(*number),
            Self::Float(number) => Value::Float(*number),
            Self::Text(text) => Value::Str(text),
            Self::Odd(display, json) => Value::Odd { display, json: json.as_bytes() },
            Self::Json(json) => Value::Odd { display: json.as_bytes(), json: json.as_bytes() },
        }
    }
}

pub(super) type Fields = Vec<(Vec<u8>, Given)>;

/// A record, and the plain form of the fields in it.
pub(super) struct Sample {
    pub bytes: Vec<u8>,
    /// The fields of each section that it has, from the outermost to the innermost.
    pub fields: Vec<Fields>,
    /// The finished message, if it has one.
    pub message: Option<Vec<u8>>,
}

/// The site of an input: its message and the names of its keywords.
pub(super) fn site(input: &mut Input<'_>) -> Site {
    let template = input.flag().then(|| Template::parse(&input.wide_text(), Style::from_byte(input.byte() % 3)));
    let keys = names(input, 5).into_iter().map(Vec::into_boxed_slice).collect();
    Site {
        module: (*b"shop.check\"out").into(),
        function: (*b"pay").into(),
        path: (*b"/srv/check.py").into(),
        line: 12,
        template,
        keys,
        ..Site::default()
    }
}

/// Different names, as the keywords of one call are.
fn names(input: &mut Input<'_>, most: usize) -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = Vec::new();
    for _ in 0..input.below(most + 1) {
        let name = match input.one_of(&NAMES) {
            "" => input.wide_text(),
            known => known.as_bytes().to_vec(),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn fields(input: &mut Input<'_>) -> Fields {
    names(input, 4).into_iter().map(|name| (name, Given::of(input))).collect()
}

impl Sample {
    /// Encodes a record of the site.
    pub fn of(input: &mut Input<'_>, site: &Site) -> Self {
        let level = input.one_of(&[INFO, INFO, WARNING, LevelRef { id: UNNAMED, no: 37 }]);
        let time_ns = if input.flag() { input.i64() } else { 1_736_937_045_123_456_789 };
        let header = Header { level, site: 3, time_ns, thread: 7 };
        let mut sample = Self { bytes: Vec::new(), fields: Vec::new(), message: None };
        let mut bytes = Vec::new();
        let mut encoder = Encoder::start(&mut bytes, Kind::Record, &header);
        sample.put_message(input, site, &mut encoder);
        sample.put_fields(input, site, &mut encoder);
        put_rare(input, &mut encoder);
        encoder.finish();
        Self { bytes, ..sample }
    }

    fn put_message(&mut self, input: &mut Input<'_>, site: &Site, encoder: &mut Encoder<'_>) {
        let template = match input.below(4) {
            0 => {
                let mut content = vec![input.byte() % 3];
                content.extend(input.wide_text());
                encoder.section(Section::Template, &content);
                Some(Template::parse(&content[1..], Style::from_byte(content[0])))
            }
            1 | 2 if site.template.is_some() => site.template.clone(),
            _ => {
                let message = input.wide_text();
                encoder.section(Section::Message, &message);
                self.message = Some(message);
                None
            }
        };
        let Some(template) = template else { return };
        let mark = encoder.begin(Section::Rendered);
        for (index, placeholder) in template.placeholders().enumerate() {
            if !placeholder.is_plain_key() && input.flag() {
                encoder.buffer().extend_from_slice(&(index as u32).to_ne_bytes());
                put_bytes(encoder.buffer(), &input.wide_text());
            }
        }
        encoder.end(mark);
    }

    fn put_fields(&mut self, input: &mut Input<'_>, site: &Site, encoder: &mut Encoder<'_>) {
        for section in OF_FIELDS {
            if !input.flag() {
                continue;
            }
            let fields = fields(input);
            let mark = encoder.begin(section);
            for (name, value) in &fields {
                put_bytes(encoder.buffer(), name);
                value.put(encoder.buffer());
            }
            encoder.end(mark);
            self.fields.push(fields);
        }
        let values: Fields = site.keys.iter().map(|key| (key.to_vec(), Given::of(input))).collect();
        let mark = encoder.begin(Section::CallValues);
        for (_, value) in &values {
            value.put(encoder.buffer());
        }
        encoder.end(mark);
        self.fields.push(values);
    }
}

/// Sections that few records have.
fn put_rare(input: &mut Input<'_>, encoder: &mut Encoder<'_>) {
    for section in OF_TEXT {
        if input.byte() % 4 == 1 {
            encoder.section(section, &input.wide_text());
        }
    }
    match input.below(12) {
        1 => {
            put_pair(encoder, Section::Exception, &input.wide_text(), b"{\"type\":\"ValueError\",\"message\":\"bad\"}");
        }
        2 => put_pair(encoder, Section::Stack, &input.wide_text(), b"[]"),
        3 => encoder.section(Section::Raw, b""),
        4 => {
            let mut content = vec![1 + input.byte() % 8];
            put_bytes(&mut content, &input.wide_text());
            encoder.section(Section::Set, &content);
        }
        5 => {
            let mut content = Vec::new();
            put_bytes(&mut content, b"user");
            encoder.section(Section::Used, &content);
        }
        _ => {}
    }
}

fn put_pair(encoder: &mut Encoder<'_>, section: Section, text: &[u8], json: &[u8]) {
    let mut content = Vec::new();
    put_bytes(&mut content, text);
    put_bytes(&mut content, json);
    encoder.section(section, &content);
}

/// The line of a record, as its layout makes it.
pub(super) fn line(layout: &Layout, record: &Record<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    with_context(|context| Formatter::new(layout.clone()).put_line(&mut out, record, context));
    out
}

/// Calls with the context of a logger.
pub(super) fn with_context(run: impl FnOnce(&FormatContext<'_>)) {
    let (levels, zone) = (Levels::default(), TimeZone::UTC);
    run(&FormatContext { levels: &levels, zone: &zone, process: 99, start_ns: 0, is_timed: None, is_colored: true });
}
