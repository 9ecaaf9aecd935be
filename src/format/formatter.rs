//! Formats records as bytes, independently of any sink.
//!
//! A `Layout` describes the form of a line and is shared. A `Formatter` produces such lines on one thread, with its own
//! caches.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::format::escape::{Multiline, put_text};
use crate::format::json::{JsonParts, JsonStyle, Shown};
use crate::format::pattern::{Item, Pattern, Piece, Width};
use crate::format::shape::kind::Kind;
use crate::format::shape::program::Shape;
use crate::format::shape::put;
use crate::format::shape::put::Parts;
use crate::format::time::pattern::{TimeCache, TimePattern};
use crate::format::traceback::Palette;
use crate::format::{json, text, traceback};
use crate::level::{LevelRef, Levels};
use crate::record::decoded::Record;
use crate::record::detail::Detail;
use crate::record::encoded::{SetPart, Value};
use crate::record::styles::{Change, changes};
use crate::style::markup::StyleStack;

/// The form of a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Layout {
    Text {
        pattern: Pattern,
        /// The pattern with its time and without, for levels that have a setting for it. Only the default pattern has
        /// these.
        by_level: Option<Box<(Pattern, Pattern)>>,
        multiline: Multiline,
        /// Whether markup becomes escape sequences.
        is_colored: bool,
        /// The styles of coloured tracebacks.
        palette: &'static Palette,
        /// The amount of detail in tracebacks.
        detail: Detail,
    },
    Json {
        style: JsonStyle,
        timestamp: TimePattern,
        shown: Shown,
    },
    Shaped(Arc<Shape>),
}

impl Layout {
    /// Whether lines are JSON.
    pub fn is_json(&self) -> bool {
        match self {
            Self::Json { .. } => true,
            Self::Shaped(shape) => shape.kind != Kind::Logfmt,
            Self::Text { .. } => false,
        }
    }

    /// The same layout for a template that a function returned. For a JSON sink it gives plain text.
    pub fn with_template(&self, pattern: Pattern) -> Self {
        let pattern = Pattern { is_whole: true, ..pattern };
        let (multiline, is_colored, palette, detail) = match self {
            Self::Text { multiline, is_colored, palette, detail, .. } => (*multiline, *is_colored, *palette, *detail),
            Self::Json { .. } | Self::Shaped(_) => (Multiline::Escape, false, &Palette::PLAIN, Detail::default()),
        };
        Self::Text { pattern, by_level: None, multiline, is_colored, palette, detail }
    }
}

/// Values a line shows that are not in the record.
pub struct FormatContext<'a> {
    pub levels: &'a Levels,
    pub zone: &'a TimeZone,
    pub process: u32,
    /// When the logger was made, for `{elapsed}`.
    pub start_ns: i64,
    /// Whether this record's level is shown with a time; None if the level has no setting.
    pub is_timed: Option<bool>,
    /// Whether the line may have colours.
    pub is_colored: bool,
}

impl FormatContext<'_> {
    /// The escape sequence that begins the style of a level; empty for a level without a style.
    fn level_style(&self, level: LevelRef) -> &str {
        self.levels.get(level.id).map_or("", |level| level.style.open())
    }
}

/// Produces lines of one layout on one thread.
pub struct Formatter {
    layout: Layout,
    times: Vec<TimeCache>,
    stack: StyleStack,
    scratch: Vec<u8>,
}

impl Formatter {
    pub fn new(layout: Layout) -> Self {
        let times = match &layout {
            Layout::Text { pattern, by_level, .. } => {
                let times = |pattern: &Pattern| pattern.items().filter(|item| matches!(item, Item::Time(_))).count();
                times(pattern).max(by_level.as_deref().map_or(0, |(timed, _)| times(timed)))
            }
            Layout::Json { .. } | Layout::Shaped(_) => 1,
        };
        let times = (0..times).map(|_| TimeCache::default()).collect();
        Self { layout, times, stack: StyleStack::default(), scratch: Vec::new() }
    }

    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Appends one complete line: its line break and, unless the pattern places it, its traceback.
    pub fn put_line(&mut self, out: &mut Vec<u8>, record: &Record<'_>, context: &FormatContext<'_>) {
        match &self.layout {
            Layout::Json { style, timestamp, shown } => {
                self.scratch.clear();
                self.times[0].render(timestamp, record.header.time_ns, context.zone, &mut self.scratch);
                let middle = self.scratch.len();
                put_level(&mut self.scratch, context.levels, record, Multiline::Raw);
                let (timestamp, level) = self.scratch.split_at(middle);
                let parts = JsonParts { timestamp, level, shown: *shown, process: record.process(context.process) };
                json::put_record(out, record, &parts, *style);
                out.push(b'\n');
            }
            Layout::Shaped(shape) => {
                let parts = Parts { levels: context.levels, zone: context.zone, process: context.process };
                put::put_line(out, shape, record, &parts, (&mut self.times[0], &mut self.scratch));
                out.push(b'\n');
            }
            Layout::Text { pattern, by_level, multiline, is_colored, palette, detail } => {
                let pattern = match (context.is_timed, by_level.as_deref()) {
                    (Some(true), Some((timed, _))) => timed,
                    (Some(false), Some((_, untimed))) => untimed,
                    _ => pattern,
                };
                let mut line = Line {
                    times: self.times.iter_mut(),
                    stack: (*is_colored && context.is_colored).then_some(&mut self.stack),
                    multiline: *multiline,
                    palette,
                    detail: *detail,
                    record,
                    context,
                };
                if record.is_raw {
                    line.put_raw(out);
                } else {
                    line.put(out, pattern);
                }
            }
        }
    }
}

/// Appends the level's name, or `Level 37` for a number without one.
fn put_level(out: &mut Vec<u8>, levels: &Levels, record: &Record<'_>, multiline: Multiline) {
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

/// One text line that is being built.
struct Line<'l, 'a> {
    times: std::slice::IterMut<'l, TimeCache>,
    /// None means no colours.
    stack: Option<&'l mut StyleStack>,
    palette: &'static Palette,
    multiline: Multiline,
    detail: Detail,
    record: &'l Record<'a>,
    context: &'l FormatContext<'l>,
}

impl Line<'_, '_> {
    fn put(&mut self, out: &mut Vec<u8>, pattern: &Pattern) {
        for piece in &pattern.pieces {
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
        if let Some(stack) = &mut self.stack {
            stack.finish(out);
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
    fn put_raw(&mut self, out: &mut Vec<u8>) {
        let multiline = std::mem::replace(&mut self.multiline, Multiline::Raw);
        self.put_item(out, &Item::Message);
        self.multiline = multiline;
        if let Some(stack) = &mut self.stack {
            stack.finish(out);
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
                let known =
                    || self.context.levels.get(record.header.level.id).map_or("", |level| &level.icon).as_bytes();
                put_text(out, record.set(SetPart::LevelIcon).unwrap_or_else(known), Multiline::Escape);
            }
            Item::Message if !record.styles.is_empty() && self.stack.is_some() => self.put_styled(out),
            Item::Message => record.message(|value| text::put_value(out, value, self.multiline)),
            Item::Module => put_text(out, location.module, Multiline::Escape),
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
                if let Some(text) = self.traceback().map(<[u8]>::trim_ascii_end) {
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
fn put_elapsed(out: &mut Vec<u8>, ns: i64) {
    let micros = ns.max(0) / 1_000;
    let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    out.extend_from_slice(format!("{hours}:{minutes:02}:{seconds:02}.{micros:06}").as_bytes());
}
