//! How much the text of an exception shows, of which a record may have several.

/// Beside a `Detail`: the text has no lines without white space before them but Python's own.
pub const INDENTED: u8 = 0x80;

/// How much the text of an exception shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Detail {
    /// What Python prints.
    #[default]
    Plain = 0,
    /// The frames beyond the place where it was caught, too.
    Backtrace = 1,
    /// The values of names, too.
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
}
