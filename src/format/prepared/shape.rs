//! Prepares a line of a shape.

use crate::format::context::FormatContext;
use crate::format::escape::put_json;
use crate::format::prepared::line::{Draft, Guard, Step, is_object_value, put_template, template_of};
use crate::format::shape::fields::{MOVED, field_end, put_field_start};
use crate::format::shape::kind::{Include, Kind};
use crate::format::shape::program::{FieldForm, Member, Select, Shape, What, separator};
use crate::format::shape::put::{Line, Parts};
use crate::format::time::pattern::TimeCache;
use crate::message::{Piece, Template};
use crate::record::decoded::Record;

/// Prepares the line of a shape for records like this one. None if it has members that cannot be prepared.
pub fn prepare(shape: &Shape, record: &Record<'_>, context: &FormatContext<'_>) -> Option<Draft> {
    let mut draft = Draft::default();
    let parts = Parts { levels: context.levels, zone: context.zone, process: context.process };
    let Draft { text, steps, guards } = &mut draft;
    guard_specials(shape, record, guards)?;
    let (mut time, mut scratch) = (TimeCache::default(), Vec::new());
    let line = Line::begin(text, shape, record, &parts, (&mut time, &mut scratch));
    let mut preparing = Preparing { line, shape, steps, guards };
    preparing.members(&shape.members)?;
    preparing.line.end();
    draft.text.push(b'\n');
    Some(draft)
}

/// Guards the decisions on fields with a place of their own. None if fields compete for a place.
fn guard_specials(shape: &Shape, record: &Record<'_>, guards: &mut Vec<Guard>) -> Option<()> {
    for special in &shape.specials {
        let is_named = |key: &[u8]| special.names.iter().any(|name| name.as_bytes() == key);
        let mut named = record.fields.iter().enumerate().filter(|(_, field)| is_named(field.key));
        let Some((at, field)) = named.next() else { continue };
        let is_guarded = |guard: &Guard| matches!(guard, Guard::Special(known, ..) if *known == at);
        if named.next().is_some() || guards.iter().any(is_guarded) {
            return None;
        }
        guards.push(Guard::Special(at, special.form.clone(), special.form.accepts(field.value)));
    }
    Some(())
}

/// A line whose fixed members are written, and whose other members become steps.
struct Preparing<'p, 'l, 's, 'a> {
    line: Line<'l, 's, 'a>,
    shape: &'p Shape,
    steps: &'p mut Vec<(usize, Step)>,
    guards: &'p mut Vec<Guard>,
}

impl Preparing<'_, '_, '_, '_> {
    fn push(&mut self, step: Step) {
        self.steps.push((self.line.out.len(), step));
    }

    fn members(&mut self, members: &[Member]) -> Option<()> {
        members.iter().try_for_each(|member| self.member(member))
    }

    fn member(&mut self, member: &Member) -> Option<()> {
        let is_logfmt = self.shape.kind == Kind::Logfmt;
        match &member.what {
            What::Time(pattern) => self.step(member, b"", Step::EscapedTime(pattern.clone(), is_logfmt)),
            What::PlainTime(pattern) => self.step(member, b"\"", Step::Time(pattern.clone(), 0)),
            What::Nanos => self.step(member, b"\"", Step::Nanos),
            What::Seconds => self.step(member, b"", Step::Seconds),
            What::Include(Include::Thread) => self.step(member, b"", Step::Thread),
            What::Message => self.message(member, false),
            What::FilledMessage => self.message(member, true),
            What::Fields(form, select) => self.fields(*form, *select),
            What::Group { members, close, is_kept } => self.group(member, members, close, *is_kept)?,
            What::MovedFields(members) if self.line.fields.has_moved => self.group(member, members, b"}", false)?,
            What::Special(index) => {
                if let Some(at) = self.line.found[*index] {
                    self.step(member, b"", Step::Special(usize::from(at), self.shape.specials[*index].form.clone()));
                }
            }
            What::Labels(index) if self.line.found[*index].is_none() => {}
            What::Labels(_) | What::Include(Include::ProcessName | Include::ThreadName | Include::Task) => return None,
            What::Nothing
            | What::Level(_)
            | What::LineText
            | What::Include(
                Include::Logger
                | Include::Module
                | Include::Function
                | Include::File
                | Include::Path
                | Include::Line
                | Include::Process
                | Include::Host,
            ) => self.line.put_member(member),
            // Records with exceptions, stacks or a set name have other sections.
            What::MovedFields(_)
            | What::Failures(_)
            | What::Failure(_)
            | What::FailureText
            | What::FailureAny
            | What::Stack
            | What::StackText
            | What::SetName => {}
        }
        Some(())
    }

    /// Writes the key of a member, and leaves its value to a step.
    fn step(&mut self, member: &Member, quote: &[u8], step: Step) {
        self.line.open(member);
        self.line.out.extend_from_slice(quote);
        self.push(step);
        self.line.out.extend_from_slice(quote);
        self.line.out.extend_from_slice(member.close);
    }

    /// Prepares the message. If `is_filled`, a dash replaces an empty one, and a message with own text is never empty.
    fn message(&mut self, member: &Member, is_filled: bool) {
        let is_logfmt = self.shape.kind == Kind::Logfmt;
        let record = self.line.record;
        // Whether a message in logfmt needs quotes depends on its values.
        let has_text = |template: &&Template| template.pieces.iter().any(|piece| matches!(piece, Piece::Literal(_)));
        let template = template_of(record).filter(|_| !is_logfmt).filter(|template| !is_filled || has_text(template));
        let Some(template) = template else {
            return self.step(member, b"", if is_filled { Step::FilledMessage } else { Step::Message(is_logfmt) });
        };
        self.line.open(member);
        self.line.out.push(b'"');
        let parts = (&mut *self.line.out, &mut *self.steps);
        put_template(parts, record, template, put_json, Step::InString);
        self.line.out.push(b'"');
        self.line.out.extend_from_slice(member.close);
    }

    fn fields(&mut self, form: FieldForm, select: Select) {
        for (at, field) in self.line.record.fields.iter().enumerate() {
            if at < 64 && self.line.fields.taken >> at & 1 == 1 {
                continue;
            }
            let is_moved = select != Select::All && self.line.fields.is_moved(field, select);
            if select != Select::All && self.shape.objects.contains(field.key) {
                self.guards.push(Guard::Object(at, is_object_value(field.value)));
            }
            if select == Select::Free && is_moved {
                self.line.fields.has_moved = true;
                continue;
            }
            if form == FieldForm::Gelf {
                self.guards.push(Guard::LeftOut(at, form.leaves_out(field.value)));
            }
            if (select == Select::Moved && !is_moved) || form.leaves_out(field.value) {
                continue;
            }
            if self.line.out.len() != self.line.first {
                self.line.out.extend_from_slice(separator(self.shape.kind));
            }
            let prefix: &[u8] = if is_moved && select == Select::Prefixed { MOVED } else { b"" };
            put_field_start(self.line.out, form, prefix, field.key);
            self.push(Step::Field(at, form));
            self.line.out.extend_from_slice(field_end(form));
        }
    }

    fn group(&mut self, member: &Member, members: &[Member], close: &[u8], is_kept: bool) -> Option<()> {
        let (mark, steps) = (self.line.out.len(), self.steps.len());
        self.line.open(member);
        let first = std::mem::replace(&mut self.line.first, self.line.out.len());
        self.members(members)?;
        // A step before it may be at the same place, as values leave no text.
        let is_empty = self.line.out.len() == self.line.first && self.steps.len() == steps;
        self.line.first = first;
        if is_empty && !is_kept {
            self.line.out.truncate(mark);
        } else {
            self.line.out.extend_from_slice(close);
        }
        Some(())
    }
}
