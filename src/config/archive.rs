//! Compression, retention and adoption of archives, as given by `add(compression=, retention=, adopt=)`.

use std::time::Duration;

use crate::config::quantity::LONGEST;
use crate::config::{interval, size};
use crate::error::{Error, Result, nearest, quoted};
use crate::sys::support::HAS_DESCRIPTORS;

/// The compression methods with their names, levels and suffix. The C libraries and Python's modules agree on all of
/// these.
const WAYS: [Way; 9] = [
    Way { names: ["gzip", "gz"], levels: (1, 9), usual: Some(6), suffix: "gz" },
    Way { names: ["zstd", "zst"], levels: (1, 22), usual: Some(3), suffix: "zst" },
    Way { names: ["bz2", "bzip2"], levels: (1, 9), usual: None, suffix: "bz2" },
    Way { names: ["xz", "lzma"], levels: (0, 9), usual: None, suffix: "xz" },
    Way { names: ["zip", "zip"], levels: (1, 9), usual: None, suffix: "zip" },
    Way { names: ["tar.gz", "tgz"], levels: (1, 9), usual: None, suffix: "tar.gz" },
    Way { names: ["tar.bz2", "tbz2"], levels: (1, 9), usual: None, suffix: "tar.bz2" },
    Way { names: ["tar.xz", "txz"], levels: (0, 9), usual: None, suffix: "tar.xz" },
    Way { names: ["tar", "tar"], levels: (0, 0), usual: None, suffix: "tar" },
];

struct Way {
    names: [&'static str; 2],
    levels: (u32, u32),
    /// The default level; None leaves it to Python's module.
    usual: Option<u32>,
    suffix: &'static str,
}

/// How an archive is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Level 1 to 9.
    Gzip(u32),
    /// Level 1 to 22.
    Zstd(i32),
    /// Done by Python: its standard library or a function. The suffix is None for a function.
    Python { suffix: Option<&'static str>, level: Option<u32> },
}

impl Compression {
    /// Reads `"gzip"`, `"zstd:9"` and similar.
    pub fn parse(argument: &str, text: &str) -> Result<Self> {
        let lowered = Some(text).filter(|text| text.len() <= LONGEST).unwrap_or_default().trim().to_ascii_lowercase();
        let (name, level) =
            lowered.split_once(':').map_or((lowered.as_str(), None), |(name, level)| (name, Some(level)));
        let Some(way) = WAYS.iter().find(|way| way.names.contains(&name)) else {
            let expected = "\"gzip\", \"zstd\", \"bz2\", \"xz\", \"zip\", \"tar\", \"tar.gz\", \"tar.bz2\", \"tar.xz\", or one with a level such as \"zstd:9\"";
            let near = nearest(name, WAYS.iter().map(|way| way.names[0]));
            return Err(Error::value(argument, expected, quoted(text) + &near));
        };
        match way.with(level) {
            Some(Self::Python { .. }) if !HAS_DESCRIPTORS => {
                Err(Error::value(argument, "\"gzip\", \"zstd\" or a function on this system", quoted(text)))
            }
            Some(compression) => Ok(compression),
            None => {
                let (least, most) = way.levels;
                Err(Error::value(argument, format!("a level from {least} to {most}"), quoted(text)))
            }
        }
    }

    /// The end of a compressed archive's name, without the dot.
    pub fn suffix(self) -> Option<&'static str> {
        match self {
            Self::Gzip(_) => Some("gz"),
            Self::Zstd(_) => Some("zst"),
            Self::Python { suffix, .. } => suffix,
        }
    }
}

impl Way {
    fn with(&self, level: Option<&str>) -> Option<Compression> {
        let level = match level {
            None => self.usual,
            Some(digits) => Some(self.level(digits)?),
        };
        Some(match (self.suffix, level) {
            ("gz", Some(level)) => Compression::Gzip(level),
            ("zst", Some(level)) => Compression::Zstd(level as i32),
            (suffix, level) => Compression::Python { suffix: Some(suffix), level },
        })
    }

    fn level(&self, digits: &str) -> Option<u32> {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let level = digits.parse().ok().filter(|_| is_number)?;
        (self.levels.0..=self.levels.1).contains(&level).then_some(level)
    }
}

/// One condition for keeping archives. An archive is removed if it fails any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// Keeps this many of the newest.
    Count(u64),
    /// Keeps archives whose last record is not older than this.
    Age(Duration),
    /// Keeps the newest whose total size is not above this many bytes.
    Size(u64),
    /// Keeps the archives that a Python function leaves.
    Function,
}

impl Retention {
    /// Reads an age or a size. `expected` is the error text that lists everything allowed.
    pub fn parse(argument: &str, expected: &str, text: &str) -> Result<Self> {
        let lowered = Some(text).filter(|text| text.len() <= LONGEST).unwrap_or_default().trim().to_ascii_lowercase();
        let size = size::parse(&lowered).map(|size| size.map(Self::Size));
        match size.or_else(|| interval::parse_age(&lowered).map(|age| age.map(Self::Age))) {
            Some(Ok(retention)) => Ok(retention),
            Some(Err(allowed)) => Err(Error::value(argument, allowed, quoted(text))),
            None => Err(Error::value(argument, expected, quoted(text))),
        }
    }
}

/// Another library whose archives are treated as the file's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adopted {
    Loguru,
}

impl Adopted {
    pub const EXPECTED: &str = "\"loguru\", the library whose archives become the file's own";

    pub fn parse(argument: &str, text: &str) -> Result<Self> {
        if text == "loguru" {
            return Ok(Self::Loguru);
        }
        Err(Error::value(argument, Self::EXPECTED, quoted(text) + &nearest(text, ["loguru"])))
    }
}

/// All options for a file's archives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArchiveOptions {
    pub compression: Option<Compression>,
    pub retention: Vec<Retention>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_compress_have_their_levels() {
        let python = |suffix, level| Compression::Python { suffix: Some(suffix), level };
        let cases = [
            ("gzip", Compression::Gzip(6)),
            ("gz", Compression::Gzip(6)),
            ("GZIP:9", Compression::Gzip(9)),
            ("zstd", Compression::Zstd(3)),
            ("zst:22", Compression::Zstd(22)),
            ("bz2", python("bz2", None)),
            ("bz2:9", python("bz2", Some(9))),
            ("xz:0", python("xz", Some(0))),
            ("lzma", python("xz", None)),
            ("zip", python("zip", None)),
            ("tar.gz:1", python("tar.gz", Some(1))),
            ("tar.bz2", python("tar.bz2", None)),
            ("tar.xz:0", python("tar.xz", Some(0))),
            ("tar", python("tar", None)),
        ];
        for (text, compression) in cases {
            assert_eq!(Compression::parse("compression", text).expect("allowed"), compression, "{text}");
        }
    }

    #[test]
    fn unknown_ways_and_levels_are_refused() {
        let refusal = |text: &str| Compression::parse("compression", text).expect_err("not allowed").to_string();

        for text in ["zstd:99", "zstd:0", "zstd:-1", "zstd:+5", "zstd:", "zstd:9:9", "zstd:99999999999"] {
            assert_eq!(refusal(text), format!("compression: expected a level from 1 to 22, got \"{text}\""));
        }
        assert!(refusal("gzp").ends_with("got \"gzp\" (did you mean \"gzip\"?)"));
        assert!(refusal(&"x".repeat(10_000)).len() < 250);
    }

    #[test]
    fn retention_is_an_age_or_a_size() {
        let read =
            |text: &str| Retention::parse("retention", "an age or a size", text).map_err(|error| error.to_string());

        assert_eq!(read("7 days"), Ok(Retention::Age(Duration::from_hours(7 * 24))));
        assert_eq!(read("2 GB"), Ok(Retention::Size(2_000_000_000)));
        assert_eq!(read("7"), Err("retention: expected an age or a size, got \"7\"".into()));
        assert_eq!(read("0 B"), Err("retention: expected a size from 1 byte to 8 EiB, got \"0 B\"".into()));
        assert_eq!(read("0 days"), Err("retention: expected an age above 0, up to 1000 years, got \"0 days\"".into()));
    }
}
