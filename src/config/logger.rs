//! The settings of a logger, as `logger.configure` takes them, and the layouts that follow from them.

use std::sync::Arc;

use crate::config::activation::Activation;
use crate::config::queue::LineForm;
use crate::config::shape::ShapeOptions;
use crate::config::sink::{AUTO_FORMAT, DateStyle, LOGFMT_FORMAT, SinkOptions, is_form};
use crate::config::tracebacks::FrameRules;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::filter::{Rules, Threshold};
use crate::format::escape::Multiline;
use crate::format::formatter::Layout;
use crate::format::json::{JsonStyle, Shown};
use crate::format::pattern::{Item, Pattern};
use crate::format::shape::kind::Kind;
use crate::format::time::pattern::TimePattern;
use crate::format::traceback::palette::Palette;
use crate::level::{DEBUG, INFO, Levels, STANDARD_NUMBERS};
use crate::record::configured::ConfiguredFields;
use crate::record::detail::Detail;
use crate::redaction::redactor::Redactor;
use crate::style::theme::Theme;

/// The size in bytes beyond which a value is cut.
pub const DEFAULT_MESSAGE_BYTES: usize = 1024 * 1024;

/// The `*_levels` settings for one level. None follows the setting that applies to all levels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelSwitches {
    pub console: Option<bool>,
    pub time: Option<bool>,
    pub color: Option<bool>,
    pub storage: Option<bool>,
    /// For the implicit console, where `console` applies as well.
    pub auto_sink: Option<bool>,
}

impl LevelSwitches {
    /// Whether the implicit console shows the level. A false in either switch wins.
    pub fn implicit_console(self) -> Option<bool> {
        match (self.console, self.auto_sink) {
            (Some(console), Some(auto_sink)) => Some(console && auto_sink),
            (console, auto_sink) => console.or(auto_sink),
        }
    }
}

/// The kind of output that shows the lines.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surface {
    pub is_console: bool,
    pub is_terminal: bool,
    pub is_colored: bool,
}

/// The settings of all sinks that do not override them.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Settings {
    /// Never changes.
    pub dialect: Dialect,
    /// The number of changes so far.
    pub revision: u64,
    pub level: i32,
    pub json: Option<JsonStyle>,
    /// The options of shapes, for sinks that do not give them.
    pub shape: ShapeOptions,
    /// The pattern, `AUTO_FORMAT` or `LOGFMT_FORMAT`, of sinks without a format of their own.
    pub format: Option<String>,
    /// Whether JSON without an explicit style is indented.
    pub pretty_json: bool,
    pub color: Option<bool>,
    /// Change it by `set_theme`, because the levels contain its colours.
    pub theme: &'static Theme,
    /// Whether default lines on consoles are short.
    pub is_compact: bool,
    pub shown: Shown,
    pub multiline: Multiline,
    pub levels: Levels,
    /// Whether an implicit console shows the levels that have no switch of their own.
    pub has_console: bool,
    /// Indexed by level id. Ids beyond the end have no switches set.
    pub switches: Vec<LevelSwitches>,
    /// The encoded fields of `configure(extra=)`.
    pub extra: ConfiguredFields,
    pub max_message_bytes: usize,
    pub activation: Activation,
    /// The rules for the frames of exceptions that are shown.
    pub frames: FrameRules,
    /// Levels by module, which replace `level` for sinks without a level of their own.
    pub module_levels: Rules,
    /// Whether a patcher sees every record first.
    pub is_patched: bool,
    /// Masks the secrets of records for sinks without a redactor of their own, and for callbacks.
    pub redactor: Option<Arc<Redactor>>,
    /// Whether processes that `multiprocessing` starts take over the logger.
    pub is_inherited: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            dialect: Dialect::default(),
            revision: 0,
            level: INFO.no,
            json: None,
            shape: ShapeOptions::default(),
            format: None,
            pretty_json: false,
            color: None,
            theme: <&Theme>::default(),
            is_compact: false,
            shown: Shown { time: true, ..Shown::default() },
            multiline: Multiline::default(),
            levels: Levels::default(),
            has_console: true,
            switches: vec![LevelSwitches::default(); STANDARD_NUMBERS.len()],
            extra: ConfiguredFields::default(),
            max_message_bytes: DEFAULT_MESSAGE_BYTES,
            activation: Activation::default(),
            frames: FrameRules::default(),
            module_levels: Rules::default(),
            is_patched: false,
            redactor: None,
            is_inherited: true,
        }
    }
}

impl Settings {
    /// The settings of a logger at its start.
    pub fn of(dialect: Dialect) -> Self {
        let mut settings = Self { dialect, levels: Levels::of(dialect), ..Self::default() };
        if dialect.is_loguru() {
            settings.level = DEBUG.no;
            settings.multiline = Multiline::Lines;
            settings.frames.dialect = dialect;
            settings.extra.keeps_places = true;
        }
        settings
    }

    #[inline]
    pub fn switches(&self, level_id: u16) -> LevelSwitches {
        self.switches.get(usize::from(level_id)).copied().unwrap_or_default()
    }

    /// The lowest level of a sink without a level of its own.
    pub fn lowest_level(&self) -> i32 {
        self.module_levels.lowest().map_or(self.level, |lowest| lowest.min(self.level))
    }

    /// Whether a sink without a level of its own takes a record of this module. `is_switched_on` is true if a setting
    /// such as `console_levels` shows the level there regardless of `level`.
    pub fn accepts(&self, level: i32, is_switched_on: bool, module: &[u8]) -> bool {
        let general = if is_switched_on { i32::MIN } else { self.level };
        self.module_levels.threshold(module, Threshold::From(general)).accepts(level)
    }

    /// The numbers of the levels for which the switch is on.
    pub fn switched_on(&self, switch: impl Fn(LevelSwitches) -> Option<bool>) -> impl Iterator<Item = i32> {
        let ids = self.switches.iter().enumerate().filter(move |(_, switches)| switch(**switches) == Some(true));
        ids.filter_map(|(id, _)| self.levels.get(id as u16)).map(|level| level.no)
    }

    /// Whether the implicit console has any level to show.
    pub fn wants_implicit_console(&self) -> bool {
        self.has_console || self.switched_on(LevelSwitches::implicit_console).next().is_some()
    }

    pub fn set_theme(&mut self, theme: &'static Theme) {
        self.theme = theme;
        self.levels.wear(theme);
    }

    /// The pattern of a sink, or `AUTO_FORMAT`.
    pub fn format_of<'s>(&'s self, sink: &'s SinkOptions) -> Option<&'s str> {
        sink.format.as_deref().or(self.format.as_deref())
    }

    /// Whether the lines of a sink depend on the output that shows them.
    pub fn is_auto(&self, sink: &SinkOptions) -> bool {
        sink.json.is_none() && self.format_of(sink) == Some(AUTO_FORMAT)
    }

    /// The layout of a sink's lines under these settings.
    pub fn layout(&self, sink: &SinkOptions, surface: Surface) -> Result<Layout> {
        match self.json_style(sink, surface) {
            Some(_) if self.dialect.is_loguru() => {
                let surface = Surface { is_colored: sink.color == Some(true), ..Surface::default() };
                Ok(Layout::Nested(Arc::new(self.text_layout(sink, surface)?)))
            }
            Some(JsonStyle::Line) if self.pretty_json => self.json_layout(sink, JsonStyle::Pretty),
            Some(style) => self.json_layout(sink, style),
            None => self.text_layout(sink, surface),
        }
    }

    /// The form of a sink's lines in files, as far as a style and a pattern say it.
    pub fn form(&self, sink: &SinkOptions) -> LineForm {
        let json = match self.json_style(sink, Surface::default()) {
            Some(JsonStyle::Line) if self.pretty_json => Some(JsonStyle::Pretty),
            style => style,
        };
        // The style says what `AUTO_FORMAT` means for a file.
        let format = self.format_of(sink).filter(|format| *format != AUTO_FORMAT);
        LineForm { json: json.map(|style| style.name().to_owned()), format: format.map(str::to_owned) }
    }

    fn json_style(&self, sink: &SinkOptions, surface: Surface) -> Option<JsonStyle> {
        match sink.json {
            Some(style) => style,
            None if sink.format.as_deref() == Some(LOGFMT_FORMAT) => None,
            None if !self.is_auto(sink) => self.json,
            None if surface.is_terminal => None,
            None => self.json.or(Some(JsonStyle::Line)),
        }
    }

    fn pattern_of<'s>(&'s self, sink: &'s SinkOptions) -> Option<&'s str> {
        self.format_of(sink).filter(|format| !is_form(format))
    }

    fn json_layout(&self, sink: &SinkOptions, style: JsonStyle) -> Result<Layout> {
        let given = sink.date_style.as_ref().map(DateStyle::json);
        let timestamp = given.clone().unwrap_or_else(TimePattern::json_utc);
        let mut shown = self.shown;
        if let Some(format) = self.pattern_of(sink) {
            // In JSON a pattern does not arrange anything; it only selects fields to show.
            let pattern = Pattern::parse("format", format, &timestamp)?;
            shown.module |= pattern.has(&Item::Module);
            shown.function |= pattern.has(&Item::Function);
            shown.filename |= pattern.has(&Item::Filename);
            shown.line |= pattern.has(&Item::Line);
            shown.process |= pattern.has(&Item::Process);
            shown.thread |= pattern.has(&Item::Thread);
        }
        let is_asked = sink.shape.given().or(self.shape.given()).is_some();
        let kind = match style {
            JsonStyle::Of(kind) => kind,
            JsonStyle::Line | JsonStyle::Pretty if is_asked => Kind::Line,
            JsonStyle::Flat if is_asked => Kind::Flat,
            _ => return Ok(Layout::Json { style, timestamp, shown }),
        };
        self.shaped(sink, (kind, style == JsonStyle::Pretty), shown, given)
    }

    fn shaped(
        &self,
        sink: &SinkOptions,
        kind: (Kind, bool),
        shown: Shown,
        timestamp: Option<TimePattern>,
    ) -> Result<Layout> {
        Ok(Layout::Shaped(Arc::new(sink.shape.compile(&self.shape, kind, shown, timestamp)?)))
    }

    /// Refuses options that no lines can be made with, and those of shapes for a sink whose lines have none.
    pub fn check_lines(&self, sink: &SinkOptions) -> Result<()> {
        let layout = self.layout(sink, Surface::default())?;
        match sink.shape.given() {
            Some(option) if matches!(layout, Layout::Text { .. }) => {
                Err(Error::value(option, "a sink with json= or format=\"logfmt\"", "a sink of text"))
            }
            _ => Ok(()),
        }
    }

    fn text_layout(&self, sink: &SinkOptions, surface: Surface) -> Result<Layout> {
        if self.format_of(sink) == Some(LOGFMT_FORMAT) {
            let timestamp = sink.date_style.as_ref().map(DateStyle::json);
            return self.shaped(sink, (Kind::Logfmt, false), self.shown, timestamp);
        }
        let multiline = sink.multiline.unwrap_or(self.multiline);
        let detail = Detail::of(sink.backtrace, sink.diagnose);
        let palette = match self.dialect {
            Dialect::Loguru => &Palette::LOGURU,
            Dialect::Logly if self.theme.is_plain => &Palette::PLAIN,
            Dialect::Logly => &Palette::COLORED,
        };
        let is_colored = surface.is_colored;
        if self.dialect.has_whole_patterns() {
            let format = self.pattern_of(sink).unwrap_or("{message}");
            let pattern = Pattern::parse_exact("format", &format!("{format}\n{{exception}}"))?;
            return Ok(Layout::Text { pattern, by_level: None, multiline, is_colored, palette, detail });
        }
        if let Some(format) = self.pattern_of(sink) {
            let time = sink.date_style.as_ref().map_or_else(|| Ok(TimePattern::rfc3339_local()), DateStyle::text)?;
            let pattern = Pattern::parse("format", format, &time)?;
            return Ok(Layout::Text { pattern, by_level: None, multiline, is_colored, palette, detail });
        }
        let is_compact = self.is_compact && surface.is_console;
        let time = default_time(sink.date_style.as_ref(), is_compact)?;
        let pattern = |is_timed: bool| Pattern::parse("format", &self.default_text(is_timed, is_compact), &time);
        // A sink with `date_enabled=False` shows no time, regardless of the settings for levels.
        let by_level = Box::new((pattern(sink.date_enabled != Some(false))?, pattern(false)?));
        let (pattern, by_level) = (pattern(sink.date_enabled.unwrap_or(self.shown.time))?, Some(by_level));
        Ok(Layout::Text { pattern, by_level, multiline, is_colored, palette, detail })
    }

    /// `2025-01-15 10:30:45 | INFO | module:function:line | message key=value`; the compact form is
    /// `10:30:45 I message key=value`.
    fn default_text(&self, is_timed: bool, is_compact: bool) -> String {
        let shown = self.shown;
        let parts = [
            (shown.module, "{module}"),
            (shown.function, "{function}"),
            (shown.filename, "{filename}"),
            (shown.line, "{line}"),
        ];
        let place: Vec<&str> = parts.iter().filter(|(is_shown, _)| *is_shown).map(|(_, text)| *text).collect();
        let (level, separator) = if is_compact { ("{level:.1}", " ") } else { ("{level}", " | ") };
        let mut text = String::new();
        if is_timed {
            text = self.aside("{time}") + separator;
        }
        text = text + "<level>" + level + "</level>" + separator;
        if !place.is_empty() {
            text = text + &self.aside(&place.join(":")) + separator;
        }
        text + "{message}{fields}"
    }

    /// Wraps secondary text in the theme's style.
    fn aside(&self, text: &str) -> String {
        match self.theme.aside {
            "" => text.to_owned(),
            style => format!("<{style}>{text}</>"),
        }
    }
}

/// The time in a default line. A compact line shows only the time of day.
fn default_time(style: Option<&DateStyle>, is_compact: bool) -> Result<TimePattern> {
    match style {
        None | Some(DateStyle::Local | DateStyle::Rfc3339) if is_compact => {
            TimePattern::parse("date_style", "HH:mm:ss")
        }
        Some(DateStyle::Utc) if is_compact => TimePattern::parse("date_style", "HH:mm:ss[Z]!UTC"),
        Some(style) => style.text(),
        None => Ok(TimePattern::default_text()),
    }
}
