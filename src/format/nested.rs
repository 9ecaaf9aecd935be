//! Lines of JSON in Loguru's form: the text of the line, and below it the record.

use crate::format::context::FormatContext;
use crate::format::escape::{Multiline, put_json_string};
use crate::format::json::put_value;
use crate::format::line::{put_elapsed, put_level};
use crate::format::text::{put_float, put_int};
use crate::format::time::pattern::{TimeCache, TimePattern};
use crate::record::decoded::Record;
use crate::record::encoded::{Field, SetPart, Value};

/// `str` of a time in Python.
const TIME: &str = "YYYY-MM-DD HH:mm:ss.SSSSSSZ";
const WHOLE_TIME: &str = "YYYY-MM-DD HH:mm:ssZ";

const SECOND: i64 = 1_000_000_000;

/// The patterns of a record's time, and their caches.
pub struct Times {
    patterns: [TimePattern; 2],
    caches: [TimeCache; 2],
}

impl Times {
    pub fn new() -> Self {
        let pattern = |text| TimePattern::parse("time", text).expect("a constant pattern; this is a bug in logly");
        Self { patterns: [TIME, WHOLE_TIME].map(pattern), caches: [TimeCache::new(), TimeCache::new()] }
    }

    fn put(&mut self, out: &mut Vec<u8>, time_ns: i64, context: &FormatContext<'_>) {
        let at = usize::from(time_ns.rem_euclid(SECOND) < 1_000);
        self.caches[at].render(&self.patterns[at], time_ns, context.zone, out);
    }
}

/// Appends the object, without a line break.
pub fn put(out: &mut Vec<u8>, text: &[u8], record: &Record<'_>, context: &FormatContext<'_>, times: &mut Times) {
    out.extend_from_slice(b"{\"text\": ");
    put_json_string(out, text);
    put_elapsed_object(out, record, context);
    out.extend_from_slice(b", \"exception\": ");
    out.extend_from_slice(record.exception.map_or(b"null".as_slice(), |(_, json)| json));
    out.extend_from_slice(b", \"extra\": {");
    for (index, field) in record.fields.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(b", ");
        }
        put_field(out, field);
    }
    let location = &record.location;
    put_text(out, b"}, \"file\": {\"name\": ", record.filename());
    put_text(out, b", \"path\": ", location.path);
    put_text(out, b"}, \"function\": ", location.function);
    put_level_object(out, record, context);
    out.extend_from_slice(b", \"line\": ");
    put_int(out, location.line.into());
    put_message(out, record);
    put_text(out, b", \"module\": ", record.stem());
    put_text(out, b", \"name\": ", record.name());
    out.extend_from_slice(b", \"process\": {\"id\": ");
    put_int(out, record.process(context.process).into());
    put_text(out, b", \"name\": ", record.process_name());
    out.extend_from_slice(b"}, \"thread\": {\"id\": ");
    out.extend_from_slice(record.header.thread.to_string().as_bytes());
    put_text(out, b", \"name\": ", record.thread_name());
    put_time(out, record, context, times);
    out.extend_from_slice(b"}}}");
}

fn put_text(out: &mut Vec<u8>, key: &[u8], text: &[u8]) {
    out.extend_from_slice(key);
    put_json_string(out, text);
}

#[expect(clippy::cast_precision_loss, reason = "as Python's own division does beyond 104 days")]
fn put_elapsed_object(out: &mut Vec<u8>, record: &Record<'_>, context: &FormatContext<'_>) {
    let usual = || record.header.time_ns.saturating_sub(context.start_ns);
    let elapsed = record.set_number(SetPart::Elapsed).unwrap_or_else(usual).max(0);
    out.extend_from_slice(b", \"record\": {\"elapsed\": {\"repr\": \"");
    put_elapsed(out, elapsed);
    out.extend_from_slice(b"\", \"seconds\": ");
    put_float(out, (elapsed / 1_000) as f64 / 1e6);
    out.push(b'}');
}

fn put_level_object(out: &mut Vec<u8>, record: &Record<'_>, context: &FormatContext<'_>) {
    let level = record.header.level;
    let icon = record.set(SetPart::LevelIcon).unwrap_or_else(|| context.levels.icon(level.id).as_bytes());
    put_text(out, b", \"level\": {\"icon\": ", icon);
    let mut name = Vec::new();
    put_level(&mut name, context.levels, record, Multiline::Raw);
    put_text(out, b", \"name\": ", &name);
    out.extend_from_slice(b", \"no\": ");
    put_int(out, level.no.into());
    out.push(b'}');
}

fn put_message(out: &mut Vec<u8>, record: &Record<'_>) {
    let mut message = Vec::new();
    record.message(|value| crate::format::text::put_value(&mut message, value, Multiline::Raw));
    put_text(out, b", \"message\": ", &message);
}

#[expect(clippy::cast_precision_loss, reason = "as Python's own timestamps are floats")]
fn put_time(out: &mut Vec<u8>, record: &Record<'_>, context: &FormatContext<'_>, times: &mut Times) {
    let time_ns = record.header.time_ns;
    out.extend_from_slice(b"}, \"time\": {\"repr\": \"");
    times.put(out, time_ns, context);
    out.extend_from_slice(b"\", \"timestamp\": ");
    put_float(out, time_ns.div_euclid(1_000) as f64 / 1e6);
}

/// Appends a field. A value that Python's `json` does not know is the text that `str` gives.
fn put_field(out: &mut Vec<u8>, field: &Field<'_>) {
    put_json_string(out, field.key);
    out.extend_from_slice(b": ");
    match field.value {
        Value::Odd { display, json } if !is_known_to_json(display, json) => put_json_string(out, display),
        value => put_value(out, value),
    }
}

/// Whether a value is a dict, a list or a tuple, by how its two forms begin.
fn is_known_to_json(display: &[u8], json: &[u8]) -> bool {
    matches!((display.first(), json.first()), (Some(b'{'), Some(b'{')) | (Some(b'[' | b'('), Some(b'[')))
}
