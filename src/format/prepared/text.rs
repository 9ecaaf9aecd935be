//! Prepares a line of text.

use crate::format::context::FormatContext;
use crate::format::escape::{Multiline, put_text};
use crate::format::pattern::{Item, Pattern, Piece};
use crate::format::prepared::line::{Draft, Step, line, place_of, put_template, template_of};
use crate::format::text::put_key;
use crate::record::decoded::Record;

/// Prepares the line of a pattern for records like this one.
pub fn prepare(pattern: &Pattern, multiline: Multiline, record: &Record<'_>, context: &FormatContext<'_>) -> Draft {
    let mut draft = Draft::default();
    let mut line = line(record, context, multiline);
    let mut times = 0;
    for piece in &pattern.pieces {
        match piece {
            Piece::Item(Item::Time(pattern), _) => {
                draft.push(Step::Time(pattern.clone(), times));
                times += 1;
            }
            Piece::Item(Item::Message, None) => put_message(&mut draft, record, multiline),
            Piece::Item(Item::Field(name), None) => {
                if let Some(at) = place_of(record, name) {
                    draft.push(Step::Text(at, multiline));
                }
            }
            Piece::Item(Item::Fields, None) => put_fields(&mut draft, record, multiline),
            Piece::Item(item, _) if !is_fixed(item) => draft.push(Step::Piece(Box::new(piece.clone()), multiline)),
            _ => line.put_piece(&mut draft.text, piece),
        }
    }
    if !pattern.is_exact {
        draft.text.push(b'\n');
    }
    draft
}

impl Draft {
    fn push(&mut self, step: Step) {
        self.steps.push((self.text.len(), step));
    }
}

/// Whether an item is the same for all records of a site with the same level and sections. Records with exceptions have
/// other sections.
fn is_fixed(item: &Item) -> bool {
    match item {
        Item::Level
        | Item::LevelNo
        | Item::LevelIcon
        | Item::Module
        | Item::Stem
        | Item::Name
        | Item::Function
        | Item::Filename
        | Item::Path
        | Item::Line
        | Item::Process
        | Item::Exception => true,
        Item::Time(_)
        | Item::Message
        | Item::Thread
        | Item::ThreadName
        | Item::ProcessName
        | Item::Task
        | Item::Elapsed
        | Item::Extra
        | Item::Fields
        | Item::Field(_) => false,
    }
}

fn put_message(draft: &mut Draft, record: &Record<'_>, multiline: Multiline) {
    let Some(template) = template_of(record) else {
        return draft.push(Step::TextMessage(multiline));
    };
    let literal = |out: &mut Vec<u8>, text: &[u8]| put_text(out, text, multiline);
    let value = |at| Step::Text(at, multiline);
    put_template((&mut draft.text, &mut draft.steps), record, template, literal, value);
}

/// Prepares ` key=value` for every field that the message does not show.
fn put_fields(draft: &mut Draft, record: &Record<'_>, multiline: Multiline) {
    for (at, field) in record.fields.iter().enumerate().filter(|(_, field)| !record.is_shown(field.key)) {
        draft.text.push(b' ');
        put_key(&mut draft.text, field.key, multiline);
        draft.text.push(b'=');
        draft.push(Step::Named(at, multiline));
    }
}
