//! Formats records as bytes, independently of any sink.
//!
//! A `Layout` describes the form of a line and is shared. A `Formatter` produces such lines on one thread, with its own
//! caches.

use std::sync::Arc;

use crate::format::context::FormatContext;
use crate::format::escape::Multiline;
use crate::format::json;
use crate::format::json::{JsonParts, JsonStyle, Shown};
use crate::format::line::{Line, put_level};
use crate::format::nested;
use crate::format::nested::Times;
use crate::format::pattern::{Item, Pattern};
use crate::format::prepared;
use crate::format::prepared::line::{PreparedLine, Tools};
use crate::format::prepared::sites::Sites;
use crate::format::shape::compile::{Spec, compile};
use crate::format::shape::kind::Kind;
use crate::format::shape::program::Shape;
use crate::format::shape::put;
use crate::format::shape::put::Parts;
use crate::format::time::pattern::{TimeCache, TimePattern};
use crate::format::traceback::palette::Palette;
use crate::record::decoded::Record;
use crate::record::detail::Detail;
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
    /// A layout of text, whose lines stand in JSON with their records.
    Nested(Arc<Layout>),
}

impl Layout {
    /// Whether the level's name stands where `level_filter` of a search looks for it, if the line has it at all.
    pub fn names_levels(&self) -> bool {
        match self {
            Self::Shaped(shape) => shape.names_levels(),
            Self::Nested(text) => text.names_levels(),
            Self::Json { .. } | Self::Text { .. } => true,
        }
    }

    /// Whether lines are JSON.
    pub fn is_json(&self) -> bool {
        match self {
            Self::Json { .. } | Self::Nested(_) => true,
            Self::Shaped(shape) => shape.kind != Kind::Logfmt,
            Self::Text { .. } => false,
        }
    }

    /// Whether lines are their patterns alone.
    pub fn is_exact(&self) -> bool {
        match self {
            Self::Nested(text) => text.is_exact(),
            Self::Text { pattern, .. } => pattern.is_exact,
            Self::Json { .. } | Self::Shaped(_) => false,
        }
    }

    /// The same layout for a template that a function returned. For a JSON sink it gives plain text.
    pub fn with_template(&self, pattern: Pattern) -> Self {
        if let Self::Nested(text) = self {
            return Self::Nested(Arc::new(text.with_template(pattern)));
        }
        let pattern = Pattern { is_whole: true, ..pattern };
        let (multiline, is_colored, palette, detail) = match self {
            Self::Text { multiline, is_colored, palette, detail, .. } => (*multiline, *is_colored, *palette, *detail),
            Self::Json { .. } | Self::Shaped(_) | Self::Nested(_) => {
                (Multiline::Escape, false, &Palette::PLAIN, Detail::default())
            }
        };
        Self::Text { pattern, by_level: None, multiline, is_colored, palette, detail }
    }
}

/// Produces lines of one layout on one thread.
pub struct Formatter {
    layout: Layout,
    times: Vec<TimeCache>,
    stack: StyleStack,
    scratch: Vec<u8>,
    /// The layout as a shape, by which lines of structured data are prepared.
    shape: Option<Arc<Shape>>,
    sites: Sites,
    /// Makes the text that stands in JSON.
    inner: Option<Box<(Self, Times)>>,
}

impl Formatter {
    pub fn new(layout: Layout) -> Self {
        let times = match &layout {
            Layout::Text { pattern, by_level, .. } => {
                let times = |pattern: &Pattern| pattern.items().filter(|item| matches!(item, Item::Time(_))).count();
                times(pattern).max(by_level.as_deref().map_or(0, |(timed, _)| times(timed)))
            }
            Layout::Json { .. } | Layout::Shaped(_) | Layout::Nested(_) => 1,
        };
        let times = (0..times).map(|_| TimeCache::default()).collect();
        let (shape, stack) = (shape_of(&layout), StyleStack::default());
        let inner = match &layout {
            Layout::Nested(text) => Some(Box::new((Self::new(Layout::clone(text)), Times::new()))),
            _ => None,
        };
        Self { layout, times, stack, scratch: Vec::new(), shape, sites: Sites::default(), inner }
    }

    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Like `put_line`, with the line prepared for the record's call site. Apart from the switches of the record's level
    /// and the zone, the context must always be the same.
    #[inline]
    pub fn put_line_of_site(&mut self, out: &mut Vec<u8>, record: &Record<'_>, context: &FormatContext<'_>) {
        let Self { layout, shape, times, scratch, sites, .. } = self;
        match sites.line(record, || prepare(layout, shape.as_deref(), record, context)) {
            Some(line) => line.put(out, record, &mut Tools { times, scratch, context }),
            None => self.put_line(out, record, context),
        }
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
            Layout::Nested(_) => {
                let Some((text, times)) = self.inner.as_deref_mut() else { return };
                self.scratch.clear();
                text.put_line(&mut self.scratch, record, context);
                nested::put(out, &self.scratch, record, context, times);
                out.push(b'\n');
            }
            Layout::Text { pattern, by_level, multiline, is_colored, palette, detail } => {
                let pattern = pattern_for(pattern, by_level.as_deref(), context.is_timed);
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

fn pattern_for<'p>(
    pattern: &'p Pattern,
    by_level: Option<&'p (Pattern, Pattern)>,
    is_timed: Option<bool>,
) -> &'p Pattern {
    match (is_timed, by_level) {
        (Some(true), Some((timed, _))) => timed,
        (Some(false), Some((_, untimed))) => untimed,
        _ => pattern,
    }
}

/// The shape that makes the same lines as a layout of structured data. None for lines that are not prepared.
fn shape_of(layout: &Layout) -> Option<Arc<Shape>> {
    match layout {
        Layout::Json { style: style @ (JsonStyle::Line | JsonStyle::Flat), timestamp, shown } => {
            let kind = if *style == JsonStyle::Flat { Kind::Flat } else { Kind::Line };
            let timestamp = Some(timestamp.clone()).filter(|time| *time != TimePattern::json_utc());
            compile(&Spec { timestamp, shown: *shown, ..Spec::plain(kind) }, false).ok().map(Arc::new)
        }
        Layout::Shaped(shape) if !shape.is_pretty => Some(Arc::clone(shape)),
        Layout::Json { .. } | Layout::Shaped(_) | Layout::Text { .. } | Layout::Nested(_) => None,
    }
}

/// Prepares the line of records like this one. None if some of its parts cannot be prepared.
fn prepare(
    layout: &Layout,
    shape: Option<&Shape>,
    record: &Record<'_>,
    context: &FormatContext<'_>,
) -> Option<PreparedLine> {
    let draft = match layout {
        Layout::Nested(_) => return None,
        Layout::Text { is_colored: true, .. } if context.is_colored => return None,
        Layout::Text { pattern, by_level, multiline, .. } => {
            let pattern = pattern_for(pattern, by_level.as_deref(), context.is_timed);
            prepared::text::prepare(pattern, *multiline, record, context)
        }
        Layout::Json { .. } | Layout::Shaped(_) => prepared::shape::prepare(shape?, record, context)?,
    };
    draft.finish(record)
}

#[cfg(test)]
mod tests;
