//! The compiled pattern of `add(archive=)`, which replaces the standard names of archives.

use crate::braces::{Braces, Grammar, Segment};
use crate::config::name_template::{Part, Template};
use crate::error::{Error, Result, nearest};
use crate::format::time::pattern::TimePattern;
use crate::sys::paths::objection_to_name;

/// The format in which Loguru writes times whose format is not given.
const LOGURU_TIME: &str = "YYYY-MM-DD_HH-mm-ss_SSSSSS";
const TOKENS: [&str; 4] = ["stem", "ext", "time", "n"];

/// A pattern of tokens and text.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchivePattern {
    source: String,
    tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Text(String),
    /// The file's name without its extension.
    Stem,
    /// The extension with its dot.
    Extension,
    /// A time as exact as the rotation.
    Stamp,
    Time(TimePattern),
    Number,
}

impl ArchivePattern {
    /// Compiles and checks a pattern; `argument` names the parameter in errors.
    pub fn parse(argument: &str, source: &str) -> Result<Self> {
        let refuse = |expected: &str| Error::value(argument, expected, format!("\"{source}\""));
        if source.contains(['/', '\0']) {
            return Err(refuse("a name without \"/\", since archives stay in the folder of their file"));
        }
        let pattern = Self { source: source.to_owned(), tokens: tokens(argument, source)? };
        if !pattern.tokens.contains(&Token::Stem) {
            // The archives of two files in one directory could not be told apart.
            return Err(refuse("a pattern with {stem}, the name of the file"));
        }
        let numbers = pattern.tokens.iter().filter(|token| **token == Token::Number).count();
        if numbers > 1 {
            return Err(refuse("a pattern with {n} once"));
        }
        if numbers == 0 && !pattern.has_time() {
            return Err(refuse("a pattern with {time} or {n}, which tell archives apart"));
        }
        // A file may have a name of digits only. They must not join those of the pattern.
        if ![b"app.log".as_slice(), b"1"].iter().all(|name| pattern.template(name).is_faithful()) {
            return Err(refuse(
                "a name that says one time and number: a date from the year down, of digits such as YYYYMMDD or %Y-%m-%d, \
                 with something between {stem}, {n} and other digits",
            ));
        }
        match objection_to_name(&pattern.template(b"app.log").sample()) {
            Some(expected) => Err(refuse(expected)),
            None => Ok(pattern),
        }
    }

    /// The standard names, such as `app.2025-01-14.log`.
    pub fn standard() -> Self {
        let tokens = vec![Token::Stem, Token::Text(".".to_owned()), Token::Stamp, Token::Extension];
        Self { source: "{stem}.{time}{ext}".to_owned(), tokens }
    }

    /// Loguru's names for archives, such as `app.2025-01-14_13-05-59_123456.log`.
    pub fn loguru() -> Self {
        let tokens = vec![Token::Stem, Token::Text(".".to_owned()), Token::Time(loguru_time()), Token::Extension];
        Self { source: format!("{{stem}}.{{time:{LOGURU_TIME}}}{{ext}}"), tokens }
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    fn has_time(&self) -> bool {
        self.tokens.iter().any(|token| matches!(token, Token::Stamp | Token::Time(_)))
    }

    /// The names of the archives of a file called `name`.
    pub(super) fn template(&self, name: &[u8]) -> Template {
        let (stem, extension) = split_extension(name);
        let mut parts = Vec::new();
        let mut has_number = self.tokens.contains(&Token::Number);
        for token in &self.tokens {
            match token {
                Token::Text(text) => push_text(&mut parts, text.as_bytes()),
                Token::Stem => push_text(&mut parts, stem),
                Token::Extension => {
                    if !std::mem::replace(&mut has_number, true) {
                        parts.push(Part::Repeat);
                    }
                    push_text(&mut parts, extension);
                }
                Token::Stamp => parts.push(Part::Stamp),
                Token::Time(pattern) => parts.push(Part::Time(pattern.clone())),
                Token::Number => parts.push(Part::Number),
            }
        }
        if !has_number {
            parts.push(Part::Repeat);
        }
        Template(parts)
    }
}

/// Loguru's format for times, such as `2025-01-14_13-05-59_123456`.
pub(super) fn loguru_time() -> TimePattern {
    TimePattern::parse("adopt", LOGURU_TIME).expect("a constant pattern; this is a bug in logly")
}

fn push_text(parts: &mut Vec<Part>, text: &[u8]) {
    match parts.last_mut() {
        Some(Part::Text(last)) => last.extend_from_slice(text),
        _ => parts.push(Part::Text(text.to_vec())),
    }
}

fn tokens(argument: &str, source: &str) -> Result<Vec<Token>> {
    let mut tokens = Vec::new();
    for segment in Braces::new(source.as_bytes(), Grammar::NAME) {
        tokens.push(match segment {
            Segment::Text(text) => Token::Text(source[text].to_owned()),
            Segment::Field(name) => token(argument, &source[name])?,
            Segment::Unclosed(at) => return Err(unknown(argument, &source[at + 1..], "")),
        });
    }
    Ok(tokens)
}

fn token(argument: &str, name: &str) -> Result<Token> {
    Ok(match name {
        "stem" => Token::Stem,
        "ext" => Token::Extension,
        "time" => Token::Stamp,
        "n" => Token::Number,
        _ => match name.strip_prefix("time:") {
            Some(pattern) => Token::Time(TimePattern::parse(argument, pattern)?),
            None => return Err(unknown(argument, name, "}")),
        },
    })
}

fn unknown(argument: &str, name: &str, end: &str) -> Error {
    let expected = "the tokens {stem}, {ext}, {time}, {time:PATTERN} and {n}";
    Error::value(argument, expected, format!("\"{{{name}{end}\"{}", nearest(name, TOKENS)))
}

/// Splits a name before the dot of its extension, as `os.path.splitext` does. Leading dots belong to the stem.
pub(super) fn split_extension(name: &[u8]) -> (&[u8], &[u8]) {
    let leading = name.iter().take_while(|byte| **byte == b'.').count();
    let dot = memchr::memrchr(b'.', &name[leading..]).map_or(name.len(), |at| at + leading);
    name.split_at(dot)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(source: &str) -> String {
        ArchivePattern::parse("archive", source).expect_err("refused").to_string()
    }

    #[test]
    fn names_split_as_python_splits_them() {
        let cases = [
            ("app.log", "app", ".log"),
            ("app", "app", ""),
            ("app.error.log", "app.error", ".log"),
            (".hidden", ".hidden", ""),
            ("..hidden.log", "..hidden", ".log"),
            ("app.", "app", "."),
            ("...", "...", ""),
        ];

        for (name, stem, extension) in cases {
            assert_eq!(split_extension(name.as_bytes()), (stem.as_bytes(), extension.as_bytes()), "{name}");
        }
    }

    #[test]
    fn an_unknown_token_is_refused_with_the_nearest() {
        let expected = "archive: expected the tokens {stem}, {ext}, {time}, {time:PATTERN} and {n}, got ";

        assert_eq!(refused("{steam}.{n}"), format!("{expected}\"{{steam}}\" (did you mean \"stem\"?)"));
        assert_eq!(refused("{stem}.{n"), format!("{expected}\"{{n\" (did you mean \"n\"?)"));
        assert_eq!(refused("{stem}.{}"), format!("{expected}\"{{}}\""));
    }

    #[test]
    fn patterns_that_do_not_tell_archives_apart_are_refused() {
        for (source, expected) in [
            ("{time}.log", "{stem}"),
            ("{stem}{ext}", "{time} or {n}"),
            ("{stem}.{n}.{n}", "{n} once"),
            ("old/{stem}.{n}", "without \"/\""),
            ("{stem}.{time:YYYY/MM}", "without \"/\""),
        ] {
            assert!(refused(source).contains(expected), "{source}: {}", refused(source));
        }
    }

    #[test]
    fn patterns_that_cannot_be_read_back_are_refused() {
        for source in [
            "{stem}.{time:MMM}",
            "{stem}.{time:HH-mm}",
            "{stem}.{time:MM-DD}",
            "{stem}.{time:YYYYMD}",
            "{stem}.{time:YYYY-MM-DD hh}",
            "{stem}.{time:X-DM}",
            "{stem}.{time:xxSSx}",
            "{stem}.{time:X}{n}",
            "{stem}.{time:YYYYMMDD}-{time:X}",
            "{stem}.{n}{time:YYX-MYM-DD}",
            "{stem}.{time:x}{n}",
            "{n}{stem}{time:X}",
            "{time:YYYY-MM-D}{stem}",
            // `{time}` has no hours after a daily rotation.
            "{stem}.{time}-{time:HH}",
            "{stem}.{time:mm}.{time}",
        ] {
            assert!(refused(source).contains("digits such as YYYYMMDD"), "{source}");
        }
    }

    #[test]
    fn patterns_of_digits_are_taken() {
        for source in [
            "{stem}.{time:YYYYMMDD}.{n}{ext}",
            "{stem}-{n}{ext}",
            "{stem}{ext}.{time}",
            "{time:%Y%m%d%H%M%S}-{stem}{ext}",
            "{stem}.{time:YYYY}-{time:MM}{ext}",
            "{stem}.{time:%G-W%V}{ext}",
            "{stem}.{time:YYYYMMDD!UTC}{ext}",
            "{stem}.{time:X}{ext}",
            "{stem}.{time:YYYY-M-D}{ext}",
            "{stem}.{time:YYYYMMDD}{n}",
            "{stem}.{n}{time:YYYYMMDD}",
            "{stem}.{time:YYYY}-{time}",
        ] {
            let pattern = ArchivePattern::parse("archive", source).unwrap_or_else(|error| panic!("{source}: {error}"));

            assert_eq!(pattern.source(), source);
        }
    }
}
