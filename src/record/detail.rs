//! The amount of detail in the text of an exception. A record may have several such texts.

/// A flag next to a `Detail`: all unindented lines of the text are Python's own.
pub const INDENTED: u8 = 0x80;

/// The amount of detail in the text of an exception.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Detail {
    /// The same as Python prints.
    #[default]
    Plain = 0,
    /// Also the frames beyond the place where the exception was caught.
    Backtrace = 1,
    /// Also the values of names.
    Diagnosed = 2,
    /// Both.
    Full = 3,
}

impl Detail {
    pub fn of(backtrace: bool, diagnose: bool) -> Self {
        match (backtrace, diagnose) {
            (false, false) => Self::Plain,
            (true, false) => Self::Backtrace,
            (false, true) => Self::Diagnosed,
            (true, true) => Self::Full,
        }
    }

    /// Whether frames beyond the catching one are shown.
    pub fn is_extended(self) -> bool {
        matches!(self, Self::Backtrace | Self::Full)
    }

    /// Whether the values of names are shown.
    pub fn is_diagnosed(self) -> bool {
        matches!(self, Self::Diagnosed | Self::Full)
    }
}
