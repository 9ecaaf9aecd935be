//! One line of text: the pieces of a pattern, filled in from a record.

use std::borrow::Cow;

use crate::format::context::FormatContext;
use crate::format::escape::{Multiline, put_text};
use crate::format::pattern::{Item, Pattern, Piece, Width};
use crate::format::time::pattern::TimeCache;
use crate::format::traceback::palette::Palette;
use crate::format::{text, traceback};
use crate::level::Levels;
use crate::record::decoded::Record;
use crate::record::detail::Detail;
use crate::record::encoded::{SetPart, Value};
use crate::record::styles::{Change, changes};
use crate::style::markup::StyleStack;

/// One text line that is being built.
pub struct Line<'l, 'a> {
    pub times: std::slice::IterMut<'l, TimeCache>,
    /// None means no colours.
    pub stack: Option<&'l mut StyleStack>,
    pub palette: &'static Palette,
    pub multiline: Multiline,
    pub detail: Detail,
    pub record: &'l Record<'a>,
    pub context: &'l FormatContext<'l>,
}

impl Line<'_, '_> {
    pub fn put(&mut self, out: &mut Vec<u8>, pattern: &Pattern) {
        for piece in &pattern.pieces {
            self.put_piece(out, piece);
        }
        if let Some(stack) = &mut self.stack {
            stack.finish(out);
        }
        if pattern.is_exact {
            return;
        }
        let exception = self.traceback().filter(|_| !pattern.is_whole && !pattern.has(&Item::Exception));
        let stack = self.stack();
        if self.multiline != Multiline::OneLine {
            out.push(b'\n');
        }
        for text in exception.into_iter().chain(stack.as_deref()) {
            self.put_traceback(out, text);
        }
        if self.multiline == Multiline::OneLine {
            out.push(b'\n');
        }
    }

    #[inline]
    pub fn put_piece(&mut self, out: &mut Vec<u8>, piece: &Piece) {
        match piece {
            Piece::Literal(text) => out.extend_from_slice(text),
            Piece::Item(item, None) => self.put_item(out, item),
            Piece::Item(item, Some(width)) => {
                let mark = out.len();
                // Escape sequences in the message would be counted as characters.
                let stack = self.stack.take();
                if !self.put_number(out, item, width) {
                    self.put_item(out, item);
                }
                self.stack = stack;
                width.apply(out, mark, self.is_number(item));
            }
            Piece::Open(_) | Piece::OpenLevel | Piece::Close => self.put_style(out, piece),
        }
    }

    fn traceback(&self) -> Option<&[u8]> {
        self.record.traceback(self.detail, self.is_indented())
    }

    /// Whether traceback lines that are not Python's own are indented.
    fn is_indented(&self) -> bool {
        matches!(self.multiline, Multiline::Escape | Multiline::Indent)
    }

    /// The text of the caller's stack.
    fn stack(&self) -> Option<Cow<'_, [u8]>> {
        let (text, _) = self.record.stack?;
        let indented = if self.is_indented() { traceback::indented_foreign(text) } else { None };
        Some(indented.map_or(Cow::Borrowed(text), Cow::Owned))
    }

    /// Appends a traceback below the line, or on it if records have one line.
    fn put_traceback(&self, out: &mut Vec<u8>, text: &[u8]) {
        if self.multiline == Multiline::OneLine {
            out.extend_from_slice(b"\\n");
            traceback::put_on_line(out, text.trim_ascii_end());
        } else {
            traceback::put(out, text, self.multiline == Multiline::Raw, self.palette());
        }
    }

    /// The styles of tracebacks, if the line is coloured.
    fn palette(&self) -> Option<&'static Palette> {
        self.stack.is_some().then_some(self.palette)
    }

    /// Appends only the message, unescaped and without a line break. Tracebacks begin on a line of their own.
    #[cold]
    pub fn put_raw(&mut self, out: &mut Vec<u8>) {
        let multiline = std::mem::replace(&mut self.multiline, Multiline::Raw);
        self.put_item(out, &Item::Message);
        self.multiline = multiline;
        if let Some(stack) = &mut self.stack {
            stack.finish(out);
        }
        if self.context.levels.dialect().has_whole_patterns() {
            return;
        }
        let (exception, stack) = (self.traceback(), self.stack());
        let has_lines = self.multiline != Multiline::OneLine;
        if (exception.is_some() || stack.is_some()) && out.last() != Some(&b'\n') && has_lines {
            out.push(b'\n');
        }
        for text in exception.into_iter().chain(stack.as_deref()) {
            self.put_traceback(out, text);
        }
    }

    /// Appends a message with its own colours to a coloured line.
    #[cold]
    fn put_styled(&mut self, out: &mut Vec<u8>) {
        let Some(stack) = &mut self.stack else { return };
        let text = self.record.finished();
        let mut done = 0;
        for (at, change) in changes(self.record.styles) {
            put_text(out, &text[done..at], self.multiline);
            done = at;
            match change {
                Change::Open(style) => stack.open(style, out),
                Change::OpenLevel => stack.open(self.context.level_style(self.record.header.level), out),
                Change::Close => stack.close(out),
            }
        }
        put_text(out, &text[done..], self.multiline);
    }

    /// Appends a number in the requested form. Returns false for any other value.
    fn put_number(&self, out: &mut Vec<u8>, item: &Item, width: &Width) -> bool {
        let value = match item {
            _ if width.number.is_none() => None,
            Item::Line => Some(Value::Int(self.record.location.line.into())),
            Item::LevelNo => Some(Value::Int(self.record.header.level.no.into())),
            Item::Process => Some(Value::Int(self.record.process(self.context.process).into())),
            Item::Thread => Some(Value::Int(self.record.header.thread as i64)),
            Item::Field(name) => self.record.field(name).map(|field| field.value),
            _ => None,
        };
        let text = width.number.zip(value).and_then(|(number, value)| number.text(value, width.precision));
        out.extend_from_slice(text.as_deref().unwrap_or_default().as_bytes());
        text.is_some()
    }

    /// Whether `str.format` would align the value to the right.
    fn is_number(&self, item: &Item) -> bool {
        match item {
            Item::Line | Item::LevelNo | Item::Process | Item::Thread => true,
            Item::Field(name) => self.record.field(name).is_some_and(|field| field.value.is_number()),
            _ => false,
        }
    }

    fn put_style(&mut self, out: &mut Vec<u8>, piece: &Piece) {
        let Some(stack) = &mut self.stack else { return };
        match piece {
            Piece::Open(style) => stack.open(style.open(), out),
            Piece::OpenLevel => stack.open(self.context.level_style(self.record.header.level), out),
            _ => stack.close(out),
        }
    }

    #[inline]
    fn put_item(&mut self, out: &mut Vec<u8>, item: &Item) {
        let record = self.record;
        let location = &record.location;
        match item {
            Item::Time(pattern) => {
                if let Some(cache) = self.times.next() {
                    cache.render(pattern, record.header.time_ns, self.context.zone, out);
                }
            }
            Item::Level => put_level(out, self.context.levels, record, Multiline::Escape),
            Item::LevelNo => text::put_int(out, i64::from(record.header.level.no)),
            Item::LevelIcon => {
                let known = || self.context.levels.icon(record.header.level.id).as_bytes();
                put_text(out, record.set(SetPart::LevelIcon).unwrap_or_else(known), Multiline::Escape);
            }
            Item::Message if !record.styles.is_empty() && self.stack.is_some() => self.put_styled(out),
            Item::Message => record.message(|value| text::put_value(out, value, self.multiline)),
            Item::Module => put_text(out, location.module, Multiline::Escape),
            Item::Stem => put_text(out, record.stem(), Multiline::Escape),
            Item::Name if record.name().is_empty() && self.multiline == Multiline::Lines => {
                out.extend_from_slice(b"None");
            }
            Item::Name => put_text(out, record.name(), Multiline::Escape),
            Item::Function => put_text(out, location.function, Multiline::Escape),
            Item::Filename => put_text(out, record.filename(), Multiline::Escape),
            Item::Path => put_text(out, location.path, Multiline::Escape),
            Item::Line => text::put_int(out, i64::from(location.line)),
            Item::Process => text::put_int(out, i64::from(record.process(self.context.process))),
            Item::Thread => text::put_int(out, record.header.thread as i64),
            Item::ThreadName => put_text(out, record.thread_name(), Multiline::Escape),
            Item::ProcessName => put_text(out, record.process_name(), Multiline::Escape),
            Item::Task => put_text(out, record.task, Multiline::Escape),
            Item::Elapsed => {
                let usual = || record.header.time_ns.saturating_sub(self.context.start_ns);
                put_elapsed(out, record.set_number(SetPart::Elapsed).unwrap_or_else(usual));
            }
            Item::Exception => {
                let is_exact = self.multiline == Multiline::Lines;
                let text = self.traceback().map(|text| if is_exact { text } else { text.trim_ascii_end() });
                if let Some(text) = text {
                    match self.multiline {
                        Multiline::OneLine => traceback::put_on_line(out, text),
                        other => traceback::put(out, text, other == Multiline::Raw, self.palette()),
                    }
                }
            }
            Item::Extra => text::put_dict(out, record, self.multiline),
            Item::Fields => text::put_fields(out, record, self.multiline),
            Item::Field(name) => {
                if let Some(field) = record.field(name) {
                    text::put_value(out, field.value, self.multiline);
                }
            }
        }
    }
}

/// Appends `0:00:01.234567`, as Python shows a `timedelta`.
pub(super) fn put_elapsed(out: &mut Vec<u8>, ns: i64) {
    let micros = ns.max(0) / 1_000;
    let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    out.extend_from_slice(format!("{hours}:{minutes:02}:{seconds:02}.{micros:06}").as_bytes());
}

/// Appends the level's name, or `Level 37` for a number without one.
pub fn put_level(out: &mut Vec<u8>, levels: &Levels, record: &Record<'_>, multiline: Multiline) {
    if let Some(name) = record.set(SetPart::LevelName) {
        return put_text(out, name, multiline);
    }
    let level = record.header.level;
    if let Some(level) = levels.get(level.id) {
        return out.extend_from_slice(level.name.as_bytes());
    }
    out.extend_from_slice(b"Level ");
    text::put_int(out, i64::from(level.no));
}
