//! The names of all parameters of `add` and `configure`. Each synonym stands with the name that it means.

/// The parameters of `add`: every accepted spelling, and the name it stands for.
pub const SINK_NAMES: [(&str, &str); 40] = [
    ("level", "level"),
    ("filter_min_level", "level"),
    ("min_level", "level"),
    ("filter_module", "filter_module"),
    ("filter_function", "filter_function"),
    ("filter", "filter"),
    ("format", "format"),
    ("json", "json"),
    ("serialize", "json"),
    ("color", "color"),
    ("colorize", "color"),
    ("date_style", "date_style"),
    ("date_enabled", "date_enabled"),
    ("multiline", "multiline"),
    ("rotation", "rotation"),
    ("size_limit", "size_limit"),
    ("retention", "retention"),
    ("compression", "compression"),
    ("async_write", "async_write"),
    ("enqueue", "async_write"),
    ("buffer_size", "buffer_size"),
    ("flush_interval", "flush_interval"),
    ("max_buffered_lines", "max_buffered_lines"),
    ("overflow", "overflow"),
    ("block_timeout", "block_timeout"),
    ("sync_level", "sync_level"),
    ("mode", "mode"),
    ("encoding", "encoding"),
    ("delay", "delay"),
    ("watch", "watch"),
    ("permissions", "permissions"),
    ("backtrace", "backtrace"),
    ("diagnose", "diagnose"),
    ("catch", "catch"),
    ("archive", "archive"),
    ("adopt", "adopt"),
    ("latest", "latest"),
    ("loop", "loop"),
    ("buffering", "buffering"),
    ("context", "context"),
];

/// Whether `add` takes an argument of this name, and the name is not a synonym.
pub fn is_of_add(name: &str) -> bool {
    SINK_NAMES.iter().any(|(known, canonical)| *known == name && known == canonical)
}

pub const CONFIGURE_NAMES: [(&str, &str); 32] = [
    ("level", "level"),
    ("json", "json"),
    ("format", "format"),
    ("pretty_json", "pretty_json"),
    ("color", "color"),
    ("theme", "theme"),
    ("level_colors", "level_colors"),
    ("color_callback", "color_callback"),
    ("console", "console"),
    ("log_compact", "log_compact"),
    ("show_time", "show_time"),
    ("show_module", "show_module"),
    ("show_function", "show_function"),
    ("show_filename", "show_filename"),
    ("show_lineno", "show_lineno"),
    ("console_levels", "console_levels"),
    ("time_levels", "time_levels"),
    ("color_levels", "color_levels"),
    ("storage_levels", "storage_levels"),
    ("auto_sink", "auto_sink"),
    ("auto_sink_levels", "auto_sink_levels"),
    ("extra", "extra"),
    ("levels", "levels"),
    ("module_levels", "module_levels"),
    ("patcher", "patcher"),
    ("patch", "patcher"),
    ("activation", "activation"),
    ("sinks", "sinks"),
    ("multiline", "multiline"),
    ("max_message_bytes", "max_message_bytes"),
    ("max_frames", "max_frames"),
    ("suppress", "suppress"),
];

/// Whether `configure` takes an argument of this name.
pub fn is_of_configure(name: &str) -> bool {
    CONFIGURE_NAMES.iter().any(|(known, _)| *known == name)
}
