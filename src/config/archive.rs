//! What becomes of archives, as `add(compression=, retention=)` says it.

use std::time::Duration;

/// How an archive is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Level 1 to 9.
    Gzip(u32),
    /// Level 1 to 22.
    Zstd(i32),
    /// By Python: its standard library or a function; the suffix is none for a function.
    Python { suffix: Option<&'static str>, level: Option<u32> },
}

impl Compression {
    /// What the name of a compressed archive ends with, without its dot.
    pub fn suffix(self) -> Option<&'static str> {
        match self {
            Self::Gzip(_) => Some("gz"),
            Self::Zstd(_) => Some("zst"),
            Self::Python { suffix, .. } => suffix,
        }
    }
}

/// One condition under which archives are kept; an archive goes when any condition is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// The newest so many.
    Count(u64),
    /// Those whose last record is not older.
    Age(Duration),
    /// The newest that have together no more bytes.
    Size(u64),
    /// What a Python function leaves.
    Function,
}

/// Everything about a file's archives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArchiveOptions {
    pub compression: Option<Compression>,
    pub retention: Vec<Retention>,
}
