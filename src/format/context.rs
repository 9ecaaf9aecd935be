//! Values that a line shows and that are not in its record.

use jiff::tz::TimeZone;

use crate::level::{LevelRef, Levels};

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
    pub(super) fn level_style(&self, level: LevelRef) -> &str {
        self.levels.get(level.id).map_or("", |level| level.style.open())
    }
}
