//! The name given to a file sink. Some tokens are filled in when the sink is added; times are filled in later.
//!
//! Names are bytes and need not be UTF-8. Braces that are not a token are part of the name.

use std::ffi::OsStr;
use std::path::{PathBuf, is_separator};

use jiff::tz::TimeZone;

use crate::braces::{Braces, Grammar, Segment};
use crate::error::{Error, Result, quoted};
use crate::format::time::pattern::{TimeCache, TimePattern};
use crate::sys::paths::{base_of, bytes_of, folder_length, host_name, name_of, objection};

/// The meaning of a bare `{time}`: a time that is allowed in a file name.
pub(super) const BARE_TIME: &str = "YYYY-MM-DD_HH-mm-ss";

/// An absolute path in which only the times are not filled in yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileName {
    pieces: Vec<NamePiece>,
}

/// A part of a name.
#[derive(Clone, Debug, PartialEq)]
pub enum NamePiece {
    Text(Vec<u8>),
    Time(TimePattern),
}

impl FileName {
    /// Fills in `{pid}` and `{host}`, and makes the name absolute, so that a later `chdir` does not change it.
    pub fn parse(name: &OsStr) -> Result<Self> {
        let mut pieces = Vec::new();
        let source = bytes_of(name);
        push_text(&mut pieces, &base_of(name).map_err(|error| Error::file(name.as_ref(), error))?);
        let mut braces = Braces::new(source, Grammar::NAME);
        while let Some(segment) = braces.next() {
            match segment {
                Segment::Text(text) => push_text(&mut pieces, &source[text]),
                Segment::Unclosed(_) => push_text(&mut pieces, b"{"),
                Segment::Field(token) => {
                    if !push_token(&mut pieces, &source[token])? {
                        push_text(&mut pieces, &source[braces.reject()]);
                    }
                }
            }
        }
        let parsed = Self { pieces };
        match objection(&parsed.expand(0, &TimeZone::UTC)) {
            Some(expected) => Err(Error::value("sink", expected, quoted(&name.to_string_lossy()))),
            None => Ok(parsed),
        }
    }

    /// Whether the name changes with time.
    pub fn has_time(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, NamePiece::Time(_)))
    }

    /// The path at the instant `now_ns`.
    pub fn expand(&self, now_ns: i64, zone: &TimeZone) -> PathBuf {
        self.fill(|pattern, out| TimeCache::default().render(pattern, now_ns, zone, out))
    }

    /// The path of the link to the newest file: the name with "latest" in place of its times.
    pub fn latest(&self) -> PathBuf {
        self.fill(|_, out| out.extend_from_slice(b"latest"))
    }

    /// The deepest parent directory whose path contains no time.
    pub fn base(&self) -> PathBuf {
        let fixed = match self.pieces.first() {
            Some(NamePiece::Text(text)) => text.as_slice(),
            _ => b"/",
        };
        let path = PathBuf::from(name_of(fixed[..folder_length(fixed)].to_vec()));
        std::path::absolute(&path).unwrap_or(path)
    }

    /// The pieces after the last slash. None if a time there creates directories of its own.
    pub(super) fn last_component(&self) -> Option<Vec<NamePiece>> {
        let mut component = Vec::new();
        for piece in &self.pieces {
            match piece {
                NamePiece::Text(text) => {
                    let end = folder_length(text);
                    if end > 0 {
                        component.clear();
                    }
                    push_text(&mut component, &text[end..]);
                }
                NamePiece::Time(_) => component.push(piece.clone()),
            }
        }
        let makes_folders = component
            .iter()
            .any(|piece| matches!(piece, NamePiece::Time(pattern) if pattern.source().contains(is_separator)));
        (!makes_folders).then_some(component)
    }

    fn fill(&self, mut time: impl FnMut(&TimePattern, &mut Vec<u8>)) -> PathBuf {
        let mut out = Vec::new();
        for piece in &self.pieces {
            match piece {
                NamePiece::Text(text) => out.extend_from_slice(text),
                NamePiece::Time(pattern) => time(pattern, &mut out),
            }
        }
        let path = PathBuf::from(name_of(out));
        // This only removes `.` and double slashes, because the path begins at the root.
        std::path::absolute(&path).unwrap_or(path)
    }
}

/// Appends the value of a token. Returns false if there is no such token.
fn push_token(pieces: &mut Vec<NamePiece>, token: &[u8]) -> Result<bool> {
    let Ok(token) = std::str::from_utf8(token) else { return Ok(false) };
    match token {
        "pid" => push_text(pieces, std::process::id().to_string().as_bytes()),
        "host" => push_text(pieces, host_name().replace('/', "_").as_bytes()),
        "time" => pieces.push(NamePiece::Time(TimePattern::parse("sink", BARE_TIME)?)),
        _ => match token.strip_prefix("time:") {
            Some(pattern) => pieces.push(NamePiece::Time(TimePattern::parse("sink", pattern)?)),
            None => return Ok(false),
        },
    }
    Ok(true)
}

fn push_text(pieces: &mut Vec<NamePiece>, text: &[u8]) {
    match pieces.last_mut() {
        Some(NamePiece::Text(last)) => last.extend_from_slice(text),
        _ if text.is_empty() => {}
        _ => pieces.push(NamePiece::Text(text.to_vec())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> FileName {
        FileName::parse(text.as_ref()).expect("valid")
    }

    fn expanded(text: &str) -> String {
        name(text).expand(0, &TimeZone::UTC).display().to_string()
    }

    #[test]
    fn names_take_time_process_and_host() {
        assert_eq!(expanded("/a-{time:YYYYMMDD}.log"), "/a-19700101.log");
        assert_eq!(expanded("/a-{time}.log"), "/a-1970-01-01_00-00-00.log");
        assert_eq!(expanded("/a-{pid}.log"), format!("/a-{}.log", std::process::id()));
        assert_eq!(expanded("/{x}[1]*%s{.log"), "/{x}[1]*%s{.log");
        assert!(expanded("/{host}").len() > 1);
    }

    #[test]
    fn only_the_time_stays_open() {
        assert!(name("/a-{pid}-{time}.log").has_time());
        assert!(!name("/a-{pid}-{host}.log").has_time());
    }

    #[test]
    fn relative_names_begin_at_the_working_folder() {
        let folder = std::env::current_dir().expect("a folder");

        assert_eq!(name("./a//b.log").expand(0, &TimeZone::UTC), folder.join("a/b.log"));
    }

    #[test]
    fn names_that_are_not_text_are_kept() {
        let given = name_of(b"/\xff{time:YYYY}\xfe.log".to_vec());

        let path = FileName::parse(&given).expect("valid").expand(0, &TimeZone::UTC);

        assert_eq!(bytes_of(path.as_os_str()), b"/\xff1970\xfe.log");
    }

    #[test]
    fn the_latest_has_a_word_for_its_time() {
        assert_eq!(name("/logs/app-{time:YYYY-MM-DD}.log").latest(), PathBuf::from("/logs/app-latest.log"));
    }

    #[test]
    fn the_base_ends_before_the_first_time() {
        assert_eq!(name("/logs//{time:YYYY}/x/{time:MM}.log").base(), PathBuf::from("/logs"));
        assert_eq!(name("/logs/app-{time}.log").base(), PathBuf::from("/logs"));
        assert_eq!(name("/{time}.log").base(), PathBuf::from("/"));
        assert_eq!(name("/logs/app.log").base(), PathBuf::from("/logs"));
    }

    #[test]
    fn the_last_component_begins_behind_the_last_slash() {
        let component = name("/logs-{time:YYYY}/app-{time:MM}.log").last_component().expect("one");

        let month = NamePiece::Time(TimePattern::parse("sink", "MM").expect("valid"));
        assert_eq!(component, [NamePiece::Text(b"app-".to_vec()), month, NamePiece::Text(b".log".to_vec())]);
        assert_eq!(name("/app-{time:YYYY/MM}.log").last_component(), None);
    }
}
