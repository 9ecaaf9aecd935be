//! A logger's settings, as `logger.configure` takes them, and the layouts that follow from them.

use crate::config::activation::Activation;
use crate::config::sink::{DateStyle, SinkOptions};
use crate::config::tracebacks::FrameRules;
use crate::error::Result;
use crate::filter::{Rules, Verdict};
use crate::format::escape::Multiline;
use crate::format::json::JsonStyle;
use crate::format::pattern::{Item, Pattern};
use crate::format::time::TimePattern;
use crate::format::{Layout, Shown};
use crate::level::{INFO, Levels, STANDARD_NUMBERS};
use crate::record::Detail;

/// Bytes after which a value is cut.
pub const DEFAULT_MESSAGE_BYTES: usize = 1024 * 1024;

/// What one level may do; all of it unless a `*_levels` setting says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "five switches, each its own setting")]
pub struct LevelSwitches {
    pub console: bool,
    pub time: bool,
    pub color: bool,
    pub storage: bool,
    /// On the implicit console, where `console` holds too.
    pub auto_sink: bool,
}

impl Default for LevelSwitches {
    fn default() -> Self {
        Self { console: true, time: true, color: true, storage: true, auto_sink: true }
    }
}

/// What holds for all sinks that do not say otherwise.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How often they were changed.
    pub revision: u64,
    pub level: i32,
    pub json: Option<JsonStyle>,
    /// Whether JSON that says no style is indented.
    pub pretty_json: bool,
    pub color: Option<bool>,
    pub shown: Shown,
    pub multiline: Multiline,
    pub levels: Levels,
    /// By level id; ids beyond its end have every switch on.
    pub switches: Vec<LevelSwitches>,
    /// The encoded fields of `configure(extra=)`.
    pub extra: Vec<u8>,
    pub max_message_bytes: usize,
    pub activation: Activation,
    /// Which frames of exceptions are shown.
    pub frames: FrameRules,
    /// For sinks without a level of their own: what holds in the place of `level` for modules by name.
    pub module_levels: Rules,
    /// Whether a function of the program is to see every record first.
    pub is_patched: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            revision: 0,
            level: INFO.no,
            json: None,
            pretty_json: false,
            color: None,
            shown: Shown { time: true, ..Shown::default() },
            multiline: Multiline::default(),
            levels: Levels::default(),
            switches: vec![LevelSwitches::default(); STANDARD_NUMBERS.len()],
            extra: Vec::new(),
            max_message_bytes: DEFAULT_MESSAGE_BYTES,
            activation: Activation::default(),
            frames: FrameRules::default(),
            module_levels: Rules::default(),
            is_patched: false,
        }
    }
}

impl Settings {
    #[inline]
    pub fn switches(&self, level_id: u16) -> LevelSwitches {
        self.switches.get(usize::from(level_id)).copied().unwrap_or_default()
    }

    /// The lowest level of a sink that has none of its own.
    pub fn lowest_level(&self) -> i32 {
        self.module_levels.lowest().map_or(self.level, |lowest| lowest.min(self.level))
    }

    /// Whether a sink that has no level of its own takes a record of this module.
    #[inline]
    pub fn accepts(&self, level: i32, module: &[u8]) -> bool {
        self.module_levels.is_empty() || self.module_levels.verdict(module, Verdict::From(self.level)).accepts(level)
    }

    /// What a sink's lines look like under these settings.
    pub fn layout(&self, sink: &SinkOptions, is_colored: bool) -> Result<Layout> {
        match sink.json.unwrap_or(self.json) {
            Some(JsonStyle::Line) if self.pretty_json => self.json_layout(sink, JsonStyle::Pretty),
            Some(style) => self.json_layout(sink, style),
            None => self.text_layout(sink, is_colored),
        }
    }

    fn json_layout(&self, sink: &SinkOptions, style: JsonStyle) -> Result<Layout> {
        let timestamp = sink.date_style.as_ref().map_or_else(TimePattern::json_utc, DateStyle::json);
        let mut shown = self.shown;
        if let Some(format) = &sink.format {
            // In JSON a pattern has no layout to give; what it names is shown.
            let pattern = Pattern::parse("format", format, &timestamp)?;
            shown.module |= pattern.has(&Item::Module);
            shown.function |= pattern.has(&Item::Function);
            shown.filename |= pattern.has(&Item::Filename);
            shown.line |= pattern.has(&Item::Line);
            shown.process |= pattern.has(&Item::Process);
            shown.thread |= pattern.has(&Item::Thread);
        }
        Ok(Layout::Json { style, timestamp, shown })
    }

    fn text_layout(&self, sink: &SinkOptions, is_colored: bool) -> Result<Layout> {
        let multiline = sink.multiline.unwrap_or(self.multiline);
        let detail = Detail::of(sink.backtrace, sink.diagnose);
        if let Some(format) = &sink.format {
            let time = sink.date_style.as_ref().map_or_else(|| Ok(TimePattern::rfc3339_local()), DateStyle::text)?;
            let pattern = Pattern::parse("format", format, &time)?;
            return Ok(Layout::Text { pattern, untimed: None, multiline, is_colored, detail });
        }
        let time = sink.date_style.as_ref().map_or_else(|| Ok(TimePattern::default_text()), DateStyle::text)?;
        let pattern = |is_timed: bool| Pattern::parse("format", &self.default_text(is_timed), &time);
        let is_timed = sink.date_enabled.unwrap_or(self.shown.time);
        Ok(Layout::Text { pattern: pattern(is_timed)?, untimed: Some(pattern(false)?), multiline, is_colored, detail })
    }

    /// `2025-01-15 10:30:45 | INFO | module:function:line | message key=value`.
    fn default_text(&self, is_timed: bool) -> String {
        let shown = self.shown;
        let parts = [
            (shown.module, "{module}"),
            (shown.function, "{function}"),
            (shown.filename, "{filename}"),
            (shown.line, "{line}"),
        ];
        let place: Vec<&str> = parts.iter().filter(|(is_shown, _)| *is_shown).map(|(_, text)| *text).collect();
        let mut text = String::new();
        if is_timed {
            text.push_str("<dim>{time}</dim> | ");
        }
        text.push_str("<level>{level}</level> | ");
        if !place.is_empty() {
            text = text + "<dim>" + &place.join(":") + "</dim> | ";
        }
        text + "{message}{fields}"
    }
}
