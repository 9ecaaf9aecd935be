//! Sinks and callbacks as a logger lists them, and the values derived for each.

use std::sync::Arc;

use crate::config::logger::{Settings, Surface};
use crate::error::Result;
use crate::logger::wants::CLOSED;
use crate::writer::snapshot::{ActiveSink, Sink};

#[derive(Clone)]
pub(super) struct Entry {
    pub(super) sink: Arc<Sink>,
    pub(super) level: Option<i32>,
    pub(super) is_enabled: bool,
    made: Option<Made>,
}

/// The values derived for a sink, kept until its settings or those of the logger change. A change of one sink keeps the
/// values of all others.
#[derive(Clone)]
struct Made {
    settings: Arc<Settings>,
    active: ActiveSink,
}

impl Entry {
    pub(super) fn new(sink: Arc<Sink>) -> Self {
        let is_enabled = !sink.options.is_waiting;
        Self { level: sink.options.level, sink, is_enabled, made: None }
    }

    /// Returns the values for the sink under these settings. They are derived again only if its own settings or these
    /// have changed.
    pub(super) fn active(&mut self, settings: &Arc<Settings>) -> Result<ActiveSink> {
        let is_same = |made: &&Made| {
            Arc::ptr_eq(&made.settings, settings)
                && (made.active.own_level, made.active.is_enabled) == (self.level, self.is_enabled)
        };
        if let Some(made) = self.made.as_ref().filter(is_same) {
            return Ok(made.active.clone());
        }
        let active = activate(settings, &self.sink, self.level, self.is_enabled)?;
        self.made = Some(Made { settings: Arc::clone(settings), active: active.clone() });
        Ok(active)
    }
}

/// Derives the values for a sink under these settings.
pub(super) fn activate(
    settings: &Settings,
    sink: &Arc<Sink>,
    own_level: Option<i32>,
    is_enabled: bool,
) -> Result<ActiveSink> {
    let standard = sink.standard();
    let by_stream = standard.and_then(|stream| settings.color.or(Some(stream.is_colored)));
    let color = sink.options.color.or(by_stream).unwrap_or(false);
    let is_terminal = standard.is_some_and(|stream| stream.is_terminal);
    let layout = |is_terminal, is_colored| {
        let surface = Surface { is_console: sink.is_console, is_terminal, is_colored };
        settings.layout(&sink.options, surface).map(Arc::new)
    };
    let is_auto = sink.file().is_none() && settings.is_auto(&sink.options);
    let on_terminal = || Ok((layout(true, false)?, layout(true, true)?));
    let general = settings.lowest_level();
    let switched_on = settings.switched_on(|switches| sink.switch(switches)).min();
    let is_left_out = sink.is_implicit && !settings.has_console;
    let lowest = if is_left_out { switched_on } else { Some(switched_on.map_or(general, |on| on.min(general))) };
    let is_decided_by_level = settings.module_levels.is_empty() && switched_on.is_none() && !is_left_out;
    Ok(ActiveSink {
        sink: Arc::clone(sink),
        own_level,
        level: own_level.or(lowest).unwrap_or(CLOSED),
        is_plain: own_level.is_some() || is_decided_by_level,
        is_enabled,
        layout: layout(is_terminal, color && sink.file().is_some())?,
        colored: layout(false, true)?,
        on_terminal: is_auto.then(on_terminal).transpose()?,
    })
}
