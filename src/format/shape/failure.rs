//! The parts of an exception that shapes show.

use crate::format::escape::put_json_string;
use crate::format::shape::walk::string_end;

/// A part of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The name of its class, without the module.
    Type,
    /// The name of its class, with the module unless it is a built-in.
    FullType,
    Message,
    /// The text that Python prints.
    Text,
    /// The object with frames.
    Frames,
    /// The object with frames, or one with the text for an exception that has no such object.
    FramesOrText,
    /// The object with the text in place of frames.
    TextObject,
    /// The object with both.
    Both,
}

/// The first members of the object, as JSON.
struct Head<'e> {
    kind: &'e [u8],
    module: &'e [u8],
    message: &'e [u8],
    end: usize,
}

fn head(object: &[u8]) -> Option<Head<'_>> {
    let mut at = 0;
    let mut next = |before: &[u8]| {
        let start = at + before.len();
        (object.get(at..start) == Some(before) && object.get(start) == Some(&b'"')).then(|| {
            at = string_end(object, start);
            (&object[start..at], at)
        })
    };
    let (kind, _) = next(b"{\"type\": ")?;
    let (module, _) = next(b", \"module\": ")?;
    let (message, end) = next(b", \"message\": ")?;
    Some(Head { kind, module, message, end })
}

impl Failure {
    /// Whether a record has the part. An exception that was logged before any sink wanted JSON has only its text.
    pub fn is_in(self, object: &[u8]) -> bool {
        match self {
            Self::Type | Self::FullType | Self::Message => head(object).is_some(),
            Self::Text | Self::FramesOrText | Self::TextObject | Self::Both => true,
            Self::Frames => !object.is_empty(),
        }
    }

    /// Appends the part as JSON. `text` is the exception as Python prints it.
    pub fn put(self, out: &mut Vec<u8>, text: &[u8], object: &[u8]) {
        let head = head(object);
        match (self, head) {
            (Self::Type, Some(head)) => out.extend_from_slice(head.kind),
            (Self::Message, Some(head)) => out.extend_from_slice(head.message),
            (Self::FullType, Some(head)) if head.module == b"\"builtins\"" => out.extend_from_slice(head.kind),
            (Self::FullType, Some(head)) => {
                out.extend_from_slice(&head.module[..head.module.len() - 1]);
                out.push(b'.');
                out.extend_from_slice(&head.kind[1..]);
            }
            (Self::Frames | Self::FramesOrText, _) if !object.is_empty() => out.extend_from_slice(object),
            (Self::Both, _) if object.len() > 2 => put_with(out, &object[..object.len() - 1], text),
            (Self::TextObject, Some(head)) => put_with(out, &object[..head.end], text),
            (Self::Text | Self::Type | Self::FullType | Self::Message, _) => put_json_string(out, text),
            _ => {
                out.extend_from_slice(b"{\"traceback\": ");
                put_json_string(out, text);
                out.push(b'}');
            }
        }
    }
}

/// Appends an object that is not closed yet, with the text as its last member.
fn put_with(out: &mut Vec<u8>, object: &[u8], text: &[u8]) {
    out.extend_from_slice(object);
    out.extend_from_slice(b", \"traceback\": ");
    put_json_string(out, text);
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECT: &[u8] = br#"{"type": "E", "module": "app.db", "message": "a \"b\"", "frames": []}"#;

    fn put(part: Failure, object: &[u8]) -> Option<String> {
        let mut out = Vec::new();
        part.is_in(object).then(|| part.put(&mut out, b"E: a\n", object))?;
        String::from_utf8(out).ok()
    }

    #[test]
    fn parts_are_taken_from_the_object() {
        let start = r#"{"type": "E", "module": "app.db", "message": "a \"b\"""#;
        let cases = [
            (Failure::Type, "\"E\"".to_owned()),
            (Failure::FullType, "\"app.db.E\"".to_owned()),
            (Failure::Message, r#""a \"b\"""#.to_owned()),
            (Failure::Text, "\"E: a\\n\"".to_owned()),
            (Failure::Frames, format!("{start}, \"frames\": []}}")),
            (Failure::TextObject, format!("{start}, \"traceback\": \"E: a\\n\"}}")),
            (Failure::Both, format!("{start}, \"frames\": [], \"traceback\": \"E: a\\n\"}}")),
        ];
        for (part, expected) in cases {
            assert_eq!(put(part, OBJECT), Some(expected), "{part:?}");
        }
    }

    #[test]
    fn without_the_object_there_is_the_text() {
        let only = Some("{\"traceback\": \"E: a\\n\"}".to_owned());
        assert_eq!(put(Failure::Text, b""), Some("\"E: a\\n\"".to_owned()));
        assert_eq!(put(Failure::Both, b""), only);
        assert_eq!(put(Failure::TextObject, b""), only);
        for part in [Failure::Type, Failure::FullType, Failure::Message, Failure::Frames] {
            assert_eq!(put(part, b""), None, "{part:?}");
        }
        assert_eq!(put(Failure::Type, b"{\"type\": \"<unprintable>\"}"), None);
    }
}
