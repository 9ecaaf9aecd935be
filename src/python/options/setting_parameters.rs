//! The table of the parameters of `configure`.
//!
//! The order is that of `logly.typing.ConfigureOptions` and of the signature of `configure`; tests hold them equal. The
//! levels are defined before any other value is read, and sinks are added separately.

use crate::format::escape::Multiline;
use crate::python::options::parameter::Parameter;
use crate::python::options::redaction::redactor;
use crate::python::options::settings::ConfigureParts;
use crate::python::options::{settings, shape_options};
use crate::style::theme::Theme;

type Row = Parameter<ConfigureParts>;

pub static SETTING_PARAMETERS: &[Row] = &[
    Row::new("sinks", |_, _| Ok(())),
    Row::new("module_levels", settings::set_module_levels).in_found_files(),
    Row::new("level", |parts, given| given.level().map(|no| parts.settings.level = no)).in_found_files(),
    Row::new("json", settings::set_json).in_found_files(),
    Row::new("format", settings::set_format).in_found_files(),
    Row::new("pretty_json", |parts, given| given.boolean().map(|flag| parts.settings.pretty_json = flag))
        .in_found_files(),
    Row::new("keys", |parts, given| shape_options::set_general_keys(&mut parts.settings.shape, given)).in_found_files(),
    Row::new("static", |parts, given| shape_options::set_static(&mut parts.settings.shape, given)).in_found_files(),
    Row::new("include", |parts, given| shape_options::set_include(&mut parts.settings.shape, given)).in_found_files(),
    Row::new("exception", |parts, given| shape_options::set_exception(&mut parts.settings.shape, given))
        .in_found_files(),
    Row::new("color", settings::set_color).in_found_files(),
    Row::new("theme", |parts, given| {
        parts.settings.set_theme(Theme::parse(given.name, given.text()?)?);
        Ok(())
    })
    .in_found_files(),
    Row::new("level_colors", settings::set_level_colors).in_found_files(),
    Row::new("color_callback", settings::set_color_callback),
    Row::new("console", settings::set_console).synonyms(&["auto_sink"]).in_found_files(),
    Row::new("log_compact", |parts, given| given.boolean().map(|flag| parts.settings.is_compact = flag))
        .in_found_files(),
    Row::new("show_time", |parts, given| given.boolean().map(|flag| parts.settings.shown.time = flag)).in_found_files(),
    Row::new("show_module", |parts, given| given.boolean().map(|flag| parts.settings.shown.module = flag))
        .in_found_files(),
    Row::new("show_function", |parts, given| given.boolean().map(|flag| parts.settings.shown.function = flag))
        .in_found_files(),
    Row::new("show_filename", |parts, given| given.boolean().map(|flag| parts.settings.shown.filename = flag))
        .in_found_files(),
    Row::new("show_lineno", |parts, given| given.boolean().map(|flag| parts.settings.shown.line = flag))
        .in_found_files(),
    Row::new("console_levels", settings::set_console_levels).in_found_files(),
    Row::new("time_levels", settings::set_time_levels).in_found_files(),
    Row::new("color_levels", settings::set_color_levels).in_found_files(),
    Row::new("storage_levels", settings::set_storage_levels).in_found_files(),
    Row::new("patcher", settings::set_patcher).synonyms(&["patch"]),
    Row::new("auto_sink_levels", settings::set_auto_sink_levels).in_found_files(),
    Row::new("activation", settings::set_activation).in_found_files(),
    Row::new("extra", settings::set_extra).in_found_files(),
    Row::new("context", settings::set_context),
    Row::new("levels", |_, _| Ok(())).in_found_files(),
    Row::new("multiline", |parts, given| {
        parts.settings.multiline = Multiline::parse(given.text()?)?;
        Ok(())
    })
    .in_found_files(),
    Row::new("max_message_bytes", |parts, given| {
        given.integer(64, 1 << 28, "bytes").map(|bytes| parts.settings.max_message_bytes = bytes as usize)
    })
    .in_found_files(),
    Row::new("max_frames", settings::set_max_frames).in_found_files(),
    Row::new("suppress", settings::set_suppress).in_found_files(),
    Row::new("redact", |parts, given| redactor(given).map(|redactor| parts.settings.redactor = redactor)),
    Row::new("inherit", |parts, given| given.boolean().map(|flag| parts.settings.is_inherited = flag)).in_found_files(),
];
