//! The styles of tracebacks' parts.

/// The escape sequences that begin the style of each part. An empty one is no style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// The line above the frames.
    pub(super) heading: &'static str,
    /// The line between an exception and the one that followed it.
    pub(super) relation: &'static str,
    pub(super) place: &'static str,
    pub(super) number: &'static str,
    pub(super) function: &'static str,
    pub(super) kind: &'static str,
    pub(super) message: &'static str,
    pub(super) carets: &'static str,
    pub(super) value: &'static str,
    pub(super) note: &'static str,
    /// Styles of more parts, which few palettes have.
    pub(super) fine: Option<Fine>,
}

/// The styles of parts of parts. With them, only frames of the program's own source have styles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fine {
    /// The name of a frame's file, behind its folder.
    pub(super) file: &'static str,
    /// The text of a value, behind the strokes.
    pub(super) shown: &'static str,
    pub(super) comment: &'static str,
    pub(super) keyword: &'static str,
    pub(super) constant: &'static str,
    pub(super) name: &'static str,
    pub(super) number: &'static str,
    pub(super) text: &'static str,
    pub(super) operator: &'static str,
    pub(super) punctuation: &'static str,
}

impl Palette {
    /// The colours of Python 3.13: files, lines and functions in magenta, carets in red, the exception's type in bold.
    pub const COLORED: Self = Self {
        heading: "",
        relation: "",
        place: "\x1b[35m",
        number: "\x1b[35m",
        function: "\x1b[35m",
        kind: "\x1b[1;35m",
        message: "",
        carets: "\x1b[1;31m",
        value: "\x1b[36m",
        note: "\x1b[2m",
        fine: None,
    };
    /// Without colours.
    pub const PLAIN: Self = Self {
        heading: "",
        relation: "",
        place: "\x1b[4m",
        number: "\x1b[4m",
        function: "\x1b[4m",
        kind: "\x1b[1m",
        message: "",
        carets: "\x1b[1m",
        value: "\x1b[3m",
        note: "\x1b[2m",
        fine: None,
    };
    /// The colours of Loguru's parts.
    pub const LOGURU: Self = Self {
        heading: "\x1b[33m\x1b[1m",
        relation: "\x1b[1m",
        place: "\x1b[32m",
        number: "\x1b[33m",
        function: "\x1b[35m",
        kind: "\x1b[31m\x1b[1m",
        message: "\x1b[1m",
        carets: "",
        value: "\x1b[36m",
        note: "",
        fine: Some(Fine {
            file: "\x1b[32m\x1b[1m",
            shown: "\x1b[36m\x1b[1m",
            comment: "\x1b[30m\x1b[1m",
            keyword: "\x1b[35m\x1b[1m",
            constant: "\x1b[36m\x1b[1m",
            name: "\x1b[1m",
            number: "\x1b[34m\x1b[1m",
            text: "\x1b[36m",
            operator: "\x1b[35m\x1b[1m",
            punctuation: "\x1b[1m",
        }),
    };
}
