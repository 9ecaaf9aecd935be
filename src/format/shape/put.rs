//! From a record to a line of a shape.

use jiff::tz::TimeZone;

use crate::format::escape::put_json_string;
use crate::format::json::{put_in_string, put_indented};
use crate::format::shape::fields::Fields;
use crate::format::shape::kind::{Include, Kind};
use crate::format::shape::program::{LevelForm, Member, Shape, What, separator};
use crate::format::shape::special::put_labels;
use crate::format::shape::{any_value, logfmt, severity};
use crate::format::text::{put_int, put_unescaped};
use crate::format::time::pattern::{TimeCache, TimePattern};
use crate::level::Levels;
use crate::record::decoded::Record;
use crate::record::detail::Detail;
use crate::record::encoded::SetPart;

/// Values a line shows that are not in the record.
pub struct Parts<'p> {
    pub levels: &'p Levels,
    pub zone: &'p TimeZone,
    pub process: u32,
}

/// The number of fields that have a place of their own, at most.
const MOST_SPECIALS: usize = 8;

/// Appends one line, without the line break at its end.
pub fn put_line(
    out: &mut Vec<u8>,
    shape: &Shape,
    record: &Record<'_>,
    parts: &Parts<'_>,
    (time, scratch): (&mut TimeCache, &mut Vec<u8>),
) {
    let start = out.len();
    let mut line = Line::begin(out, shape, record, parts, (time, scratch));
    line.put_members(&shape.members);
    line.end();
    if shape.is_pretty {
        let line = out.split_off(start);
        put_indented(out, &line);
    }
}

/// Finds the fields with a place of their own. The result has a bit for each of the fields, `found` the indices by
/// place.
fn find_specials(shape: &Shape, record: &Record<'_>, found: &mut [Option<u8>; MOST_SPECIALS]) -> u64 {
    let mut taken = 0;
    for (index, field) in record.fields.iter().enumerate().take(64) {
        if !shape.special_names.contains(field.key) {
            continue;
        }
        let fits = shape.specials.iter().zip(found.iter_mut()).find(|(special, place)| {
            let is_named = special.names.iter().any(|name| name.as_bytes() == field.key);
            is_named && place.is_none() && special.form.accepts(field.value)
        });
        if let Some((_, place)) = fits {
            *place = Some(index as u8);
            taken |= 1 << index;
        }
    }
    taken
}

/// One line that is being built.
pub struct Line<'l, 's, 'a> {
    pub out: &'l mut Vec<u8>,
    /// The place where a member has no separator.
    pub first: usize,
    /// The length of the separator.
    lead: usize,
    is_logfmt: bool,
    pub record: &'l Record<'a>,
    parts: &'l Parts<'l>,
    time: &'l mut TimeCache,
    scratch: &'l mut Vec<u8>,
    pub fields: Fields<'s, 'l, 'a>,
    pub found: [Option<u8>; MOST_SPECIALS],
}

impl<'l, 's, 'a> Line<'l, 's, 'a> {
    pub fn begin(
        out: &'l mut Vec<u8>,
        shape: &'s Shape,
        record: &'l Record<'a>,
        parts: &'l Parts<'l>,
        (time, scratch): (&'l mut TimeCache, &'l mut Vec<u8>),
    ) -> Self {
        let is_logfmt = shape.kind == Kind::Logfmt;
        if !is_logfmt {
            out.push(b'{');
        }
        let mut found = [None; MOST_SPECIALS];
        let taken = find_specials(shape, record, &mut found);
        let fields = Fields { shape, record, taken, has_moved: false };
        let lead = separator(shape.kind).len();
        Self { first: out.len(), out, lead, is_logfmt, record, parts, time, scratch, fields, found }
    }

    pub fn end(self) {
        if !self.is_logfmt {
            self.out.push(b'}');
        }
    }

    fn put_members(&mut self, members: &[Member]) {
        for member in members {
            self.put_member(member);
        }
    }

    #[inline]
    pub fn open(&mut self, member: &Member) {
        let skipped = if self.out.len() == self.first { self.lead } else { 0 };
        self.out.extend_from_slice(member.open.get(skipped..).unwrap_or_default());
    }

    #[inline]
    pub fn put_member(&mut self, member: &Member) {
        match &member.what {
            What::Nothing => self.open(member),
            What::Time(pattern) => {
                self.open(member);
                self.put_time(pattern);
            }
            What::PlainTime(pattern) => {
                self.open(member);
                self.out.push(b'"');
                self.time.render(pattern, self.record.header.time_ns, self.parts.zone, self.out);
                self.out.push(b'"');
            }
            What::Level(form) => {
                self.open(member);
                self.put_level(*form);
            }
            What::Message => {
                self.open(member);
                self.put_message();
            }
            What::Fields(form, select) => {
                let (first, separator) = (self.first, separator(self.fields.shape.kind));
                self.fields.put(self.out, *form, *select, |out| {
                    if out.len() != first {
                        out.extend_from_slice(separator);
                    }
                });
                return;
            }
            What::Group { members, close, is_kept } => return self.put_group(member, members, close, *is_kept),
            What::MovedFields(members) => {
                if self.fields.has_moved {
                    self.put_group(member, members, b"}", false);
                }
                return;
            }
            What::Failures(members) => {
                if self.record.exception.is_some() || self.record.stack.is_some() {
                    self.put_members(members);
                }
                return;
            }
            What::Special(index) if self.found[*index].is_none() => return,
            What::Include(include) => {
                if !self.put_include(member, *include) {
                    return;
                }
            }
            _ => {
                if !self.put_rare(member) {
                    return;
                }
            }
        }
        if !member.close.is_empty() {
            self.out.extend_from_slice(member.close);
        }
    }

    /// Appends a value that few records have. Returns false if this one has none.
    fn put_rare(&mut self, member: &Member) -> bool {
        let record = self.record;
        match &member.what {
            What::Special(index) | What::Labels(index) => {
                let Some(at) = self.found[*index] else { return false };
                let (value, form) = (record.fields[usize::from(at)].value, &self.fields.shape.specials[*index].form);
                if matches!(member.what, What::Labels(_)) {
                    let first = self.first;
                    put_labels(self.out, value, |out| {
                        if out.len() != first {
                            out.extend_from_slice(b", ");
                        }
                    });
                } else {
                    self.open(member);
                    form.put(self.out, value);
                }
            }
            What::SetName => {
                let Some(name) = record.set(SetPart::Name) else { return false };
                self.open(member);
                self.put_text(name);
            }
            What::Nanos => {
                self.open(member);
                self.out.push(b'"');
                put_int(self.out, record.header.time_ns.max(0));
                self.out.push(b'"');
            }
            What::Seconds => {
                self.open(member);
                put_seconds(self.out, record.header.time_ns);
            }
            What::FilledMessage => {
                self.open(member);
                put_filled_message(self.out, record, self.scratch);
            }
            What::LineText => {
                self.open(member);
                self.out.push(b'"');
                put_int(self.out, i64::from(record.location.line));
                self.out.push(b'"');
            }
            What::Failure(_) | What::FailureText | What::FailureAny => return self.put_failure(member),
            What::Stack | What::StackText => return self.put_stack(member),
            _ => {}
        }
        true
    }

    fn put_failure(&mut self, member: &Member) -> bool {
        let record = self.record;
        let Some((plain, object)) = record.exception else { return false };
        let text = record.traceback(Detail::Plain, false).unwrap_or(plain);
        match &member.what {
            What::Failure(part) if part.is_in(object) => {
                self.open(member);
                if self.is_logfmt { logfmt::put_text(self.out, text) } else { part.put(self.out, text, object) }
            }
            What::FailureText if !object.is_empty() => {
                self.open(member);
                self.put_text(object);
            }
            What::FailureAny if !object.is_empty() => {
                self.open(member);
                any_value::put_json_value(self.out, object);
            }
            _ => return false,
        }
        true
    }

    fn put_stack(&mut self, member: &Member) -> bool {
        let Some((text, frames)) = self.record.stack else { return false };
        self.open(member);
        if member.what == What::Stack {
            self.out.extend_from_slice(frames);
        } else {
            self.put_text(text);
        }
        true
    }

    fn put_group(&mut self, member: &Member, members: &[Member], close: &[u8], is_kept: bool) {
        let mark = self.out.len();
        self.open(member);
        let first = std::mem::replace(&mut self.first, self.out.len());
        self.put_members(members);
        let is_empty = self.out.len() == self.first;
        self.first = first;
        if is_empty && !is_kept {
            return self.out.truncate(mark);
        }
        self.out.extend_from_slice(close);
    }

    #[inline]
    fn put_text(&mut self, text: &[u8]) {
        if self.is_logfmt { logfmt::put_text(self.out, text) } else { put_json_string(self.out, text) }
    }

    #[inline]
    fn put_time(&mut self, pattern: &TimePattern) {
        let moment = (self.record.header.time_ns, self.parts.zone);
        put_escaped_time(self.out, pattern, moment, (self.time, self.scratch), self.is_logfmt);
    }

    #[inline]
    fn put_message(&mut self) {
        put_message(self.out, self.record, self.scratch, self.is_logfmt);
    }

    #[inline]
    fn put_level(&mut self, form: LevelForm) {
        let level = self.record.header.level;
        let set = self.record.set(SetPart::LevelName);
        let known = || self.parts.levels.get(level.id).map(|level| level.name.as_bytes());
        let name = set.or_else(known);
        match form {
            LevelForm::Name | LevelForm::Lowercase => {
                let start = self.out.len();
                match name {
                    Some(name) => self.put_text(name),
                    None => self.put_text(format!("Level {}", level.no).as_bytes()),
                }
                if form == LevelForm::Lowercase {
                    self.out[start..].make_ascii_lowercase();
                }
            }
            LevelForm::Gcp => self.put_text(severity::gcp(level.no, name.unwrap_or_default()).as_bytes()),
            LevelForm::Datadog => self.put_text(severity::datadog(level.no, name.unwrap_or_default()).as_bytes()),
            LevelForm::Syslog => put_int(self.out, severity::syslog(level.no, name.unwrap_or_default()).into()),
            LevelForm::Otel => put_int(self.out, severity::otel(level.no).into()),
        }
    }

    /// Appends a part of the record. Returns false if it is a text that this record does not have.
    fn put_include(&mut self, member: &Member, include: Include) -> bool {
        let record = self.record;
        let text = match include {
            Include::Line => return self.put_number(member, i64::from(record.location.line)),
            Include::Process => return self.put_number(member, i64::from(record.process(self.parts.process))),
            Include::Thread => return self.put_number(member, record.header.thread as i64),
            Include::Logger => record.name(),
            Include::Module => record.location.module,
            Include::Function => record.location.function,
            Include::File => record.filename(),
            Include::Path => record.location.path,
            Include::ProcessName => record.process_name(),
            Include::ThreadName => record.thread_name(),
            Include::Task => record.task,
            // The compiled shape has the host's name as a constant.
            Include::Host => b"",
        };
        if text.is_empty() && matches!(include, Include::ProcessName | Include::ThreadName | Include::Task) {
            return false;
        }
        self.open(member);
        self.put_text(text);
        true
    }

    fn put_number(&mut self, member: &Member, number: i64) -> bool {
        self.open(member);
        put_int(self.out, number);
        true
    }
}

/// Appends a time in a form that a program chose.
#[inline]
pub fn put_escaped_time(
    out: &mut Vec<u8>,
    pattern: &TimePattern,
    (time_ns, zone): (i64, &TimeZone),
    (cache, scratch): (&mut TimeCache, &mut Vec<u8>),
    is_logfmt: bool,
) {
    scratch.clear();
    cache.render(pattern, time_ns, zone, scratch);
    if is_logfmt { logfmt::put_text(out, scratch) } else { put_json_string(out, scratch) }
}

/// Appends a message as a JSON string, or as logfmt.
#[inline]
pub fn put_message(out: &mut Vec<u8>, record: &Record<'_>, scratch: &mut Vec<u8>, is_logfmt: bool) {
    if is_logfmt {
        scratch.clear();
        record.message(|value| put_unescaped(scratch, value));
        return logfmt::put_text(out, scratch);
    }
    out.push(b'"');
    record.message(|value| put_in_string(out, value));
    out.push(b'"');
}

/// Appends a message as a JSON string, or a dash in place of an empty one.
pub fn put_filled_message(out: &mut Vec<u8>, record: &Record<'_>, scratch: &mut Vec<u8>) {
    let start = out.len();
    put_message(out, record, scratch, false);
    if out[start..] == *b"\"\"" {
        out.truncate(start);
        out.extend_from_slice(b"\"-\"");
    }
}

/// Appends `1736937045.123456`.
pub fn put_seconds(out: &mut Vec<u8>, ns: i64) {
    let micros = ns.unsigned_abs() / 1_000;
    if ns < 0 {
        out.push(b'-');
    }
    put_int(out, (micros / 1_000_000) as i64);
    out.extend_from_slice(format!(".{:06}", micros % 1_000_000).as_bytes());
}
