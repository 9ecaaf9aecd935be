//! The exception of an entry, and how it is told from others.
//!
//! Exceptions are one if they have the fingerprint that logly wrote, or else the same type and last frames, or else the
//! same type and template of the message. Tracebacks of Python and stacks of Java and JavaScript are understood.

use std::borrow::Cow;

use super::tally::head;
use super::template::put_template;
use crate::expression::datum::Datum;
use crate::view::entry::Entry;
use crate::view::roles::Role;
use crate::view::value::Value;

/// Frames that tell exceptions of one type from each other.
const FRAMES: usize = 3;

/// Bytes of a message and of a place that are kept.
const LONGEST: usize = 300;

/// An exception.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    pub kind: Vec<u8>,
    pub message: Vec<u8>,
    /// The last frames, as file and function; the one that raised is the last.
    frames: Vec<Vec<u8>>,
    fingerprint: Option<Vec<u8>>,
}

impl Failure {
    /// The exception of an entry: that of its member, or the traceback in the lines after it.
    pub fn of(entry: &Entry<'_>) -> Option<Self> {
        let found = match entry.part(Role::Exception) {
            Some(Value::Json(json)) if json.starts_with(b"{") => {
                Datum::of_json(json).and_then(|object| of_object(&object))
            }
            Some(value) => match value.datum() {
                Datum::Text(text) if !text.trim_ascii().is_empty() => {
                    of_text(&text).or_else(|| Some(Self { message: kept(first_line(&text)), ..Self::default() }))
                }
                _ => None,
            },
            None => None,
        };
        found.or_else(|| Some(entry.rest).filter(|rest| !rest.is_empty()).and_then(of_text))
    }

    /// The frame that raised.
    pub fn place(&self) -> &[u8] {
        self.frames.last().map_or(b"", Vec::as_slice)
    }

    /// 16 digits that tell it from others, the same in each run.
    pub fn fingerprint(&self) -> Cow<'_, [u8]> {
        if let Some(fingerprint) = &self.fingerprint {
            return Cow::Borrowed(fingerprint);
        }
        let mut text = self.kind.clone();
        for frame in &self.frames {
            text.push(b'\n');
            text.extend_from_slice(frame);
        }
        if self.frames.is_empty() {
            text.push(b'\n');
            put_template(&self.message, &mut text);
        }
        // FNV-1a with 64 bits.
        let hash = text
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
        Cow::Owned(format!("{hash:016x}").into_bytes())
    }
}

/// An exception as an object of logly, of pino, or of others with usual names.
fn of_object(object: &Datum<'_>) -> Option<Failure> {
    let text = |names: &[&str]| {
        let mut found = names.iter().filter_map(|name| object.member(name.as_bytes()));
        found.find_map(|value| if let Datum::Text(text) = value { Some(text.as_ref()) } else { None })
    };
    let stack = text(&["traceback", "stack", "stacktrace", "stack_trace"]).and_then(of_text);
    let mut failure = stack.unwrap_or_default();
    if let Some(kind) = text(&["type", "name", "class", "kind"]) {
        failure.kind = kept(kind);
    }
    if let Some(message) = text(&["message", "msg", "value"]) {
        failure.message = kept(first_line(message));
    }
    failure.fingerprint = text(&["fingerprint"]).map(|text| head(text, 64).to_vec());
    if let Some(Datum::List(frames)) = object.member(b"frames") {
        let last = &frames[frames.len().saturating_sub(FRAMES)..];
        failure.frames = last.iter().map(frame_of_object).collect();
    }
    (!failure.kind.is_empty() || !failure.message.is_empty()).then_some(failure)
}

fn frame_of_object(frame: &Datum<'_>) -> Vec<u8> {
    let part = |name: &[u8]| match frame.member(name) {
        Some(Datum::Text(text)) => text.to_vec(),
        _ => Vec::new(),
    };
    frame_of(&part(b"file"), &part(b"function"))
}

fn frame_of(file: &[u8], function: &[u8]) -> Vec<u8> {
    kept(&if function.is_empty() { file.to_vec() } else { [file, b" in ", function].concat() })
}

/// The last exception that a text shows with its frames. None if there are no frames.
fn of_text(text: &[u8]) -> Option<Failure> {
    let mut failure = Failure::default();
    let mut has_frames = false;
    // Python names the exception below its frames, others above them.
    let mut is_below = false;
    let mut title: &[u8] = b"";
    for line in text.split(|byte| *byte == b'\n') {
        let trimmed = line.trim_ascii();
        if let Some(frame) = python_frame(trimmed) {
            if !is_below {
                failure.frames.clear();
            }
            (is_below, has_frames) = (true, true);
            put_frame(&mut failure, frame, true);
        } else if let Some(frame) = trimmed.strip_prefix(b"at ").filter(|_| !is_below) {
            if !std::mem::replace(&mut has_frames, true) || !title.is_empty() {
                failure.frames.clear();
                set_title(&mut failure, std::mem::take(&mut title));
            }
            put_frame(&mut failure, without_line(frame), false);
        } else if is_below && is_title(line) {
            set_title(&mut failure, line);
            is_below = false;
        } else if !is_below && !trimmed.is_empty() {
            title = trimmed.strip_prefix(b"Caused by: ").unwrap_or(trimmed);
        }
    }
    has_frames.then_some(failure)
}

/// Keeps a frame if it is one of those that are nearest to the exception.
fn put_frame(failure: &mut Failure, frame: Vec<u8>, is_nearer: bool) {
    if is_nearer {
        if failure.frames.len() == FRAMES {
            failure.frames.remove(0);
        }
        failure.frames.push(frame);
    } else if failure.frames.len() < FRAMES {
        failure.frames.insert(0, frame);
    }
}

/// `File "app.py", line 3, in pay`.
fn python_frame(line: &[u8]) -> Option<Vec<u8>> {
    let rest = line.strip_prefix(b"File \"")?;
    let end = memchr::memchr(b'"', rest)?;
    let after = rest[end + 1..].strip_prefix(b", line ")?;
    let function = memchr::memmem::find(after, b", in ").map_or(&b""[..], |at| &after[at + 5..]);
    Some(frame_of(&rest[..end], function))
}

/// A frame without the numbers of its line and column, which change with each version of a program.
fn without_line(frame: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    for part in head(frame, LONGEST).split(|byte| *byte == b':') {
        let digits = part.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || plain.is_empty() {
            if !plain.is_empty() {
                plain.push(b':');
            }
            plain.extend_from_slice(part);
        } else {
            plain.extend_from_slice(&part[digits..]);
        }
    }
    plain
}

/// Whether a line names an exception, as `ValueError: bad` does: it begins at the margin, or that of a group.
fn is_title(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"  | ").unwrap_or(line);
    let end = line.iter().position(|byte| *byte == b':').unwrap_or(line.trim_ascii_end().len());
    let is_part =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'<' | b'>') || *byte >= 0x80;
    end > 0 && line[..end].iter().all(is_part)
}

fn set_title(failure: &mut Failure, title: &[u8]) {
    let title = title.trim_ascii();
    let end = memchr::memmem::find(title, b": ").unwrap_or(title.len());
    let message = title.get(end + 2..).unwrap_or_default();
    (failure.kind, failure.message) = (kept(title[..end].trim_ascii_end()), kept(message));
}

fn first_line(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii();
    &text[..memchr::memchr(b'\n', text).unwrap_or(text.len())]
}

fn kept(text: &[u8]) -> Vec<u8> {
    head(text, LONGEST).trim_ascii().to_vec()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::view::lines;
    use crate::view::times::Times;

    fn failure(text: &str) -> Option<Failure> {
        let mut times = Times::new(TimeZone::UTC);
        Failure::of(&lines::read(text.as_bytes(), &mut times))
    }

    fn shown(text: &str) -> (String, String, String) {
        let failure = failure(text).expect("an exception");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&failure.kind), text(&failure.message), text(failure.place()))
    }

    fn parts(kind: &str, message: &str, place: &str) -> (String, String, String) {
        (kind.to_owned(), message.to_owned(), place.to_owned())
    }

    const TRACEBACK: &str = "2025-01-15 10:30:45 | ERROR | bad\nTraceback (most recent call last):\n  File \"a.py\", line 3, in f\n    g()\nKeyError: 'x'\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"b.py\", line 7, in <module>\n    h()\n    ^^^\n  File \"b.py\", line 9, in h\n    raise E\napp.PayError: order 12";

    #[test]
    fn tracebacks_of_python_tell_the_last_exception() {
        assert_eq!(shown(TRACEBACK), parts("app.PayError", "order 12", "b.py in h"));
    }

    #[test]
    fn stacks_tell_the_cause() {
        let java = "2025-01-15 10:30:45 ERROR bad\njava.lang.RuntimeException: a: b\n\tat app.Main.run(Main.java:12)\n\tat app.Main.main(Main.java:5)\nCaused by: java.io.IOException: closed\n\tat app.Net.read(Net.java:9)\n\t... 2 more";
        assert_eq!(shown(java), parts("java.io.IOException", "closed", "app.Net.read(Net.java)"));
        let pino = r#"{"level":50,"msg":"bad","err":{"type":"TypeError","message":"no x","stack":"TypeError: no x\n    at f (/app/a.js:1:7)\n    at main (/app/a.js:9:1)"}}"#;
        assert_eq!(shown(pino), parts("TypeError", "no x", "f (/app/a.js)"));
    }

    #[test]
    fn objects_tell_type_message_and_frames() {
        let line = r#"{"message":"m","exception":{"type":"E","message":"bad","frames":[{"file":"a.py","line":1,"function":"f"}],"fingerprint":"70c86367be4a2320"}}"#;
        assert_eq!(shown(line), parts("E", "bad", "a.py in f"));
        assert_eq!(&*failure(line).expect("an exception").fingerprint(), b"70c86367be4a2320");
    }

    #[test]
    fn lines_and_messages_that_vary_make_no_difference() {
        let fingerprint = |text: &str| failure(text).expect("an exception").fingerprint().into_owned();

        assert_eq!(
            fingerprint(TRACEBACK),
            fingerprint(&TRACEBACK.replace("line 9", "line 10").replace("order 12", "order 7"))
        );
        assert_ne!(fingerprint(TRACEBACK), fingerprint(&TRACEBACK.replace("in h", "in other")));
        let plain = r#"{"msg":"m","err":"timeout after 12 ms"}"#;
        assert_eq!(fingerprint(plain), fingerprint(&plain.replace("12", "99")));
        assert_ne!(fingerprint(plain), fingerprint(&plain.replace("timeout", "refused")));
    }

    #[test]
    fn other_lines_are_no_exceptions() {
        assert_eq!(failure("2025-01-15 10:30:45 INFO a\nmore: text\n  and more"), None);
        for line in [r#"{"msg":"m","exc_info":true}"#, r#"{"msg":"m","exception":null}"#, r#"{"msg":"m","err":""}"#] {
            assert_eq!(failure(line), None, "{line}");
        }
    }
}
