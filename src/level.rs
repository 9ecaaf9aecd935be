//! Levels, with their names, numbers, colours and icons, and the table that holds them.
//!
//! Levels that the standard library has keep its numbers. A table only grows; an id is an index into it and stays
//! valid.

use crate::dialect::Dialect;
use crate::error::{Error, Result, is_unseen, nearest, quoted};
use crate::style::codes::Style;
use crate::style::theme::Theme;

/// The level in a record. `id` is `UNNAMED` for a number without a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelRef {
    pub id: u16,
    pub no: i32,
}

/// The id for a number that belongs to no level.
pub const UNNAMED: u16 = u16::MAX;

/// The numbers of the standard levels, in the order of their ids.
pub const STANDARD_NUMBERS: [i32; 9] = [5, 10, 20, 22, 25, 30, 40, 45, 50];

pub const TRACE: LevelRef = LevelRef { id: 0, no: 5 };
pub const DEBUG: LevelRef = LevelRef { id: 1, no: 10 };
pub const INFO: LevelRef = LevelRef { id: 2, no: 20 };
pub const NOTICE: LevelRef = LevelRef { id: 3, no: 22 };
pub const SUCCESS: LevelRef = LevelRef { id: 4, no: 25 };
pub const WARNING: LevelRef = LevelRef { id: 5, no: 30 };
pub const ERROR: LevelRef = LevelRef { id: 6, no: 40 };
pub const FAIL: LevelRef = LevelRef { id: 7, no: 45 };
pub const CRITICAL: LevelRef = LevelRef { id: 8, no: 50 };

const STANDARD_NAMES: [&str; 9] =
    ["TRACE", "DEBUG", "INFO", "NOTICE", "SUCCESS", "WARNING", "ERROR", "FAIL", "CRITICAL"];
const STANDARD_ICONS: [&str; 9] = ["✏️", "🐞", "ℹ️", "📌", "✅", "⚠️", "❌", "💥", "☠️"];
/// Other common spellings, each with the level it means.
const ALIASES: [(&str, &str); 2] = [("WARN", "WARNING"), ("FATAL", "CRITICAL")];

/// The standard levels that Loguru does not have. Their ids stay taken, but no name leads to them.
const NOT_IN_LOGURU: [LevelRef; 2] = [NOTICE, FAIL];
const LOGURU_COLORS: [&str; 9] =
    ["<cyan><bold>", "<blue><bold>", "<bold>", "", "<green><bold>", "<yellow><bold>", "<red><bold>", "", "<RED><bold>"];
/// The icon of levels that have none of their own.
const LOGURU_ICON: &str = " ";

/// One level as `logger.level(name)` returns it.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    pub name: String,
    pub no: i32,
    /// The colour as given.
    pub color: String,
    pub style: Style,
    /// Whether the program set the colour. If so, themes do not change it.
    pub has_own_color: bool,
    pub icon: String,
}

/// All levels known to one logger.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels {
    table: Vec<Level>,
    dialect: Dialect,
}

impl Default for Levels {
    fn default() -> Self {
        let table = (0..STANDARD_NAMES.len())
            .map(|i| Level {
                name: STANDARD_NAMES[i].to_owned(),
                no: STANDARD_NUMBERS[i],
                color: String::new(),
                style: Style::default(),
                has_own_color: false,
                icon: STANDARD_ICONS[i].to_owned(),
            })
            .collect();
        let mut levels = Self { table, dialect: Dialect::Logly };
        levels.wear(<&Theme>::default());
        levels
    }
}

impl Levels {
    /// The standard levels of a dialect.
    pub fn of(dialect: Dialect) -> Self {
        let mut levels = Self::default();
        if dialect == Dialect::Loguru {
            levels.dialect = dialect;
            for (level, color) in levels.table.iter_mut().zip(LOGURU_COLORS) {
                color.clone_into(&mut level.color);
                level.style = Style::parse("color", color).unwrap_or_default();
                level.has_own_color = true;
            }
        }
        levels
    }

    /// The levels as they were before the program changed them.
    pub fn standard(&self) -> Self {
        Self::of(self.dialect)
    }

    pub fn get(&self, id: u16) -> Option<&Level> {
        self.table.get(usize::from(id))
    }

    pub fn len(&self) -> usize {
        self.table.len()
    }

    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.table.iter().enumerate().filter(|(id, _)| self.is_named(*id)).map(|(_, level)| level.name.as_str())
    }

    /// Whether a name leads to this level.
    fn is_named(&self, id: usize) -> bool {
        self.dialect.guesses_levels() || NOT_IN_LOGURU.iter().all(|level| usize::from(level.id) != id)
    }

    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The icon of a level, or of a number without a name.
    pub fn icon(&self, id: u16) -> &str {
        let none = if self.dialect == Dialect::Loguru { LOGURU_ICON } else { "" };
        self.get(id).map_or(none, |level| &level.icon)
    }

    /// The id of a name, regardless of case. `WARN` and `FATAL` are accepted.
    pub fn id_of(&self, name: &str) -> Option<u16> {
        if !self.dialect.guesses_levels() {
            let is_meant = |(id, level): (usize, &Level)| level.name == name && self.is_named(id);
            return self.table.iter().enumerate().position(is_meant).map(|id| id as u16);
        }
        let wanted = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name)).map_or(name, |(_, real)| *real);
        self.table.iter().position(|level| level.name.eq_ignore_ascii_case(wanted)).map(|i| i as u16)
    }

    /// The level of a name. The error for an unknown name lists the known names and the nearest match.
    pub fn by_name(&self, argument: &str, name: &str) -> Result<LevelRef> {
        match self.id_of(name) {
            Some(id) => Ok(LevelRef { id, no: self.table[usize::from(id)].no }),
            None if !self.dialect.guesses_levels() => Err(Error::Unknown(format!("Level '{name}' does not exist"))),
            None => Err(Error::value(
                argument,
                format!("one of the levels {}", self.names().collect::<Vec<_>>().join(", ")),
                format!("\"{name}\"{}", nearest(name, self.names())),
            )),
        }
    }

    /// The first level defined with the number, or an unnamed one.
    pub fn by_number(&self, no: i32) -> LevelRef {
        if !self.dialect.guesses_levels() {
            return LevelRef { id: UNNAMED, no };
        }
        let id = self.table.iter().position(|level| level.no == no).map_or(UNNAMED, |i| i as u16);
        LevelRef { id, no }
    }

    /// Adds a level or edits one. `color_argument` names the parameter that gave the colour. A known level's number
    /// cannot change, since records already carry it.
    pub fn define(
        &mut self,
        color_argument: &str,
        name: &str,
        no: Option<i32>,
        color: Option<&str>,
        icon: Option<&str>,
    ) -> Result<()> {
        let style = color.map(|text| Style::parse(color_argument, text)).transpose()?;
        let id = match (self.id_of(name), no) {
            (Some(id), Some(no)) if self.table[usize::from(id)].no != no => {
                let known = self.table[usize::from(id)].no;
                return Err(Error::value("no", format!("{known}, the number {name} has already"), no.to_string()));
            }
            (Some(id), _) => usize::from(id),
            (None, Some(no)) => self.push(name, no)?,
            (None, None) => {
                return Err(Error::value("no", format!("a number, since no level is called \"{name}\" yet"), "None"));
            }
        };
        let level = &mut self.table[id];
        if let (Some(style), Some(color)) = (style, color) {
            color.clone_into(&mut level.color);
            level.style = style;
            level.has_own_color = true;
        }
        if let Some(icon) = icon {
            icon.clone_into(&mut level.icon);
        }
        Ok(())
    }

    /// Gives the standard levels a theme's colours, except for levels whose colour the program set.
    pub fn wear(&mut self, theme: &Theme) {
        for (level, color) in self.table.iter_mut().zip(theme.levels) {
            if !level.has_own_color {
                color.clone_into(&mut level.color);
                level.style = Style::parse("theme", color).unwrap_or_default();
            }
        }
    }

    fn push(&mut self, name: &str, no: i32) -> Result<usize> {
        if name.is_empty() || name.contains(is_unseen) {
            return Err(Error::value("name", "a non-empty name without control characters", quoted(name)));
        }
        if no < 0 {
            return Err(Error::value("no", "a number of 0 or more", no.to_string()));
        }
        if self.table.len() >= usize::from(UNNAMED) {
            return Err(Error::value("name", "at most 65,535 levels", format!("\"{name}\"")));
        }
        self.table.push(Level {
            name: name.to_owned(),
            no,
            color: String::new(),
            style: Style::default(),
            has_own_color: false,
            icon: if self.dialect == Dialect::Loguru { LOGURU_ICON.to_owned() } else { String::new() },
        });
        Ok(self.table.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case() {
        let levels = Levels::default();

        assert_eq!(levels.by_name("level", "wArNiNg").expect("known"), WARNING);
        assert_eq!(levels.by_name("level", "fatal").expect("alias"), CRITICAL);
    }

    #[test]
    fn unknown_name_lists_the_known_and_the_nearest() {
        let message = Levels::default().by_name("level", "DEBG").expect_err("unknown").to_string();

        assert!(message.contains("TRACE, DEBUG, INFO"), "{message}");
        assert!(message.contains("did you mean \"DEBUG\""), "{message}");
    }

    #[test]
    fn number_of_a_known_level_cannot_change() {
        let mut levels = Levels::default();

        assert!(levels.define("color", "INFO", Some(21), None, None).is_err());
        assert!(levels.define("color", "INFO", Some(20), Some("red"), Some("i")).is_ok());
        assert!(levels.define("color", "AUDIT", Some(35), None, None).is_ok());
        assert_eq!(levels.by_number(35), LevelRef { id: 9, no: 35 });
    }
}
