//! The table of the parameters of `add`.
//!
//! The order is that of `logly.typing.SinkOptions`, of the signature of `add` and of its table in the API reference;
//! tests hold all of them equal. A value is set as soon as it is read, so one setter never depends on another.

use crate::config::sink::{DateStyle, FileMode};
use crate::format::escape::Multiline;
use crate::python::options::parameter::Parameter;
use crate::python::options::redaction::redactor;
use crate::python::options::sink_options::SinkParts;
use crate::python::options::{export_options, file_options, queue_options, shape_options, sink_options};

type Row = Parameter<SinkParts>;

pub static SINK_PARAMETERS: &[Row] = &[
    Row::new("level", |parts, given| given.level().map(|no| parts.options.level = Some(no)))
        .synonyms(&["filter_min_level", "min_level"])
        .in_found_files(),
    Row::new("filter_module", sink_options::set_filter_module).shown().in_found_files(),
    Row::new("filter_function", sink_options::set_filter_function).shown().in_found_files(),
    Row::new("filter", sink_options::set_filter).shown().in_found_files(),
    Row::new("where", |parts, given| {
        parts.options.filter.expression = Some(given.expression()?);
        Ok(())
    })
    .shown()
    .in_found_files(),
    Row::new("sample", sink_options::set_sample).shown().in_found_files(),
    Row::new("limit", sink_options::set_limit).shown().in_found_files(),
    Row::new("format", sink_options::set_format).in_found_files(),
    Row::new("json", sink_options::set_json).synonyms(&["serialize"]).in_found_files(),
    Row::new("keys", |parts, given| shape_options::set_keys(&mut parts.options.shape, given)).in_found_files(),
    Row::new("static", |parts, given| shape_options::set_static(&mut parts.options.shape, given)).in_found_files(),
    Row::new("include", |parts, given| shape_options::set_include(&mut parts.options.shape, given)).in_found_files(),
    Row::new("exception", |parts, given| shape_options::set_exception(&mut parts.options.shape, given))
        .in_found_files(),
    Row::new("color", |parts, given| given.boolean().map(|flag| parts.options.color = Some(flag)))
        .synonyms(&["colorize"])
        .in_found_files(),
    Row::new("date_style", |parts, given| {
        parts.options.date_style = Some(DateStyle::parse(given.text()?)?);
        Ok(())
    })
    .in_found_files(),
    Row::new("date_enabled", |parts, given| given.boolean().map(|flag| parts.options.date_enabled = Some(flag)))
        .in_found_files(),
    Row::new("multiline", |parts, given| {
        parts.options.multiline = Some(Multiline::parse(given.text()?)?);
        Ok(())
    })
    .in_found_files(),
    Row::new("direct", |parts, given| given.boolean().map(|flag| parts.is_direct = flag)).in_found_files(),
    Row::background("async_write", |parts, given| given.boolean().map(|flag| parts.async_write = Some(flag)))
        .synonyms(&["enqueue"])
        .in_found_files(),
    Row::background("loop", sink_options::set_event_loop),
    Row::background("buffer_size", sink_options::set_buffer_size).in_found_files(),
    Row::background("max_buffered_lines", |parts, given| {
        queue_options::set_most_records(&mut parts.options.queue, given)
    })
    .in_found_files(),
    Row::background("overflow", |parts, given| {
        parts.has_overflow = true;
        queue_options::set_overflow(&mut parts.options.queue, given)
    })
    .in_found_files(),
    Row::background("block_timeout", |parts, given| queue_options::set_block_timeout(&mut parts.options.queue, given))
        .in_found_files(),
    Row::background("flush_interval", |parts, given| {
        queue_options::set_flush_interval(&mut parts.options.queue, given)
    })
    .in_found_files(),
    Row::background("sync_level", |parts, given| given.level().map(|no| parts.options.sync_level = Some(no)))
        .in_found_files(),
    Row::file("mode", |parts, given| {
        parts.file.mode = FileMode::parse(given.text()?)?;
        Ok(())
    })
    .shown()
    .in_found_files(),
    Row::file("encoding", file_options::set_encoding).in_found_files(),
    Row::file("delay", |parts, given| given.boolean().map(|flag| parts.file.is_delayed = flag)).in_found_files(),
    Row::file("permissions", file_options::set_permissions).in_found_files(),
    Row::file("rotation", file_options::set_rotation).shown().in_found_files(),
    Row::file("size_limit", file_options::set_size_limit).shown().in_found_files(),
    Row::file("archive", file_options::set_archive).shown(),
    Row::file("retention", file_options::set_retention).shown().in_found_files(),
    Row::file("compression", export_options::set_compression).shown().in_found_files(),
    Row::file("adopt", file_options::set_adopt).shown().in_found_files(),
    Row::file("latest", file_options::set_latest).in_found_files(),
    Row::file("watch", |parts, given| given.boolean().map(|flag| parts.file.is_watched = flag)).in_found_files(),
    Row::file("buffering", file_options::check_buffering).in_found_files(),
    Row::file("durability", file_options::set_durability).shown().in_found_files(),
    Row::background("context", sink_options::check_context).in_found_files(),
    Row::otlp("endpoint", |parts, given| export_options::keep("endpoint", parts, given)),
    Row::otlp("headers", |parts, given| export_options::keep("headers", parts, given)),
    Row::otlp("resource", |parts, given| export_options::keep("resource", parts, given)),
    Row::otlp("batch", |parts, given| export_options::keep("batch", parts, given)),
    Row::otlp("spool", |parts, given| export_options::keep("spool", parts, given)),
    Row::otlp("spool_limit", |parts, given| export_options::keep_size("spool_limit", parts, given)),
    Row::syslog("facility", |parts, given| export_options::keep("facility", parts, given)),
    Row::syslog("app_name", |parts, given| export_options::keep("app_name", parts, given)),
    Row::syslog("syslog_format", |parts, given| export_options::keep("syslog_format", parts, given)),
    Row::syslog("message_limit", |parts, given| export_options::keep_size("message_limit", parts, given)),
    Row::network("timeout", |parts, given| export_options::keep("timeout", parts, given)),
    Row::network("connect", |parts, given| export_options::keep("connect", parts, given)),
    Row::network("certificate", |parts, given| export_options::keep("certificate", parts, given)),
    Row::network("client_certificate", |parts, given| export_options::keep("client_certificate", parts, given)),
    Row::network("client_key", |parts, given| export_options::keep("client_key", parts, given)),
    Row::new("catch", |parts, given| given.boolean().map(|flag| parts.options.lets_errors_out = !flag))
        .in_found_files(),
    Row::new("backtrace", |parts, given| given.boolean().map(|flag| parts.options.backtrace = flag)).in_found_files(),
    Row::new("diagnose", |parts, given| given.boolean().map(|flag| parts.options.diagnose = flag)),
    Row::new("redact", |parts, given| redactor(given).map(|redactor| parts.options.redactor = Some(redactor))),
];
