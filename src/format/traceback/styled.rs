//! Tracebacks with styles. The form of a line, and the line before it, decide its style.

use std::borrow::Cow;
use std::path::MAIN_SEPARATOR;

use crate::format::traceback::lines::{OWN, Out};
use crate::format::traceback::palette::{Fine, Palette};
use crate::format::traceback::source::{Token, tokens};

/// The heading of a group's frames.
const GROUP: &[u8] = b"Exception Group Traceback (most recent call last):";

/// Parts of the paths of installed libraries and of Python's own.
const LIBRARIES: [&[u8]; 6] =
    [b"/site-packages/", b"/dist-packages/", b"/lib/python3.", b"/lib64/python3.", b"\\site-packages\\", b"\\Lib\\"];

/// The spaces before a line of source and before the lines of its values.
const INDENT: usize = 4;

/// Appends a text with styles.
pub fn put(out: &mut Vec<u8>, text: &[u8], is_raw: bool, palette: &Palette) {
    let mut writer = Writer { out: Out { out, is_raw }, palette, source: None, is_behind_frame: false };
    let mut rest = Some(text);
    let mut is_first = true;
    while let Some(text) = rest {
        if !is_first {
            writer.out.line_break();
        }
        is_first = false;
        rest = writer.line(text);
    }
}

struct Writer<'o, 't, 'p> {
    out: Out<'o>,
    palette: &'p Palette,
    /// The last line of source that had styles.
    source: Option<&'t [u8]>,
    /// Whether the line before was a frame whose source has styles.
    is_behind_frame: bool,
}

impl<'t> Writer<'_, 't, '_> {
    /// Appends the first line of a text, or several that are one part. Returns the text behind their line break.
    fn line(&mut self, text: &'t [u8]) -> Option<&'t [u8]> {
        let end = memchr::memchr(b'\n', text);
        let line = &text[..end.unwrap_or(text.len())];
        let after = end.map(|end| &text[end + 1..]);
        let (margin, rest) = line.split_at(margin(line));
        self.out.plain(margin);
        let is_source = std::mem::take(&mut self.is_behind_frame) && rest.starts_with(b"    ");
        let inner = rest.trim_ascii_start();
        let indent = rest.len() - inner.len();
        let palette = self.palette;
        if is_source && let Some(fine) = &palette.fine {
            self.source(rest, fine);
        } else if self.frame(rest) {
        } else if indent == 0 && !rest.is_empty() && !OWN.contains(&rest) && rest != GROUP {
            return self.last_line(rest, after, margin.is_empty());
        } else {
            self.other(rest, inner);
        }
        after
    }

    /// Appends a line that is neither a frame nor source nor the exception itself.
    fn other(&mut self, line: &[u8], inner: &[u8]) {
        let indent = line.len() - inner.len();
        let palette = self.palette;
        let style = match inner.first() {
            Some(b'^' | b'~') if inner.iter().all(|byte| b"^~ ".contains(byte)) => palette.carets,
            Some(b'.') if indent == 2 && inner.starts_with(b"... ") => palette.note,
            Some(b'[') if inner.starts_with(b"[Previous line repeated ") => palette.note,
            Some(_) if is_value(inner) => return self.value(line),
            Some(_) if line == OWN[0] || line == GROUP => palette.heading,
            Some(_) if OWN[2..].contains(&line) => palette.relation,
            _ => "",
        };
        self.out.styled(style, line);
    }

    /// Appends `  File "app.py", line 3, in main`. Returns false if the line is not a frame.
    fn frame(&mut self, line: &[u8]) -> bool {
        let Some(rest) = line.strip_prefix(b"  File \"").or_else(|| line.strip_prefix(b"> File \"")) else {
            return false;
        };
        let Some(file) = memchr::memmem::rfind(rest, b"\", line ") else { return false };
        if self.palette.fine.is_some() && !is_of_program(&rest[..file]) {
            self.out.plain(line);
            return true;
        }
        let numbered = &rest[file + 8..];
        let digits = numbered.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.out.plain(&line[..8]);
        self.file(&rest[..file]);
        self.out.plain(b"\", line ");
        self.out.styled(self.palette.number, &numbered[..digits]);
        match numbered[digits..].strip_prefix(b", in ") {
            Some(function) => {
                self.out.plain(b", in ");
                self.out.styled(self.palette.function, function);
                self.is_behind_frame = true;
            }
            None => self.out.plain(&numbered[digits..]),
        }
        true
    }

    fn file(&mut self, path: &[u8]) {
        let Some(fine) = &self.palette.fine else { return self.out.styled(self.palette.place, path) };
        let folder = path.iter().rposition(|byte| *byte == MAIN_SEPARATOR as u8);
        let (folder, name) = path.split_at(folder.map_or(0, |at| at + 1));
        // A folder that is not there has its style too, as Loguru has it.
        self.out.styled_lines(self.palette.place, folder);
        self.out.styled(fine.file, name);
    }

    fn source(&mut self, line: &'t [u8], fine: &Fine) {
        let (indent, source) = line.split_at(INDENT);
        self.out.plain(indent);
        self.source = Some(source);
        self.code(source, fine);
    }

    fn code(&mut self, source: &[u8], fine: &Fine) {
        for (token, text) in tokens(source) {
            let style = match token {
                Token::Plain => "",
                Token::Comment => fine.comment,
                Token::Keyword => fine.keyword,
                Token::Constant => fine.constant,
                Token::Name => fine.name,
                Token::Number => fine.number,
                Token::Text => fine.text,
                Token::Operator => fine.operator,
                Token::Punctuation => fine.punctuation,
            };
            self.out.styled(style, text);
        }
    }

    /// Appends a line of the values below a line of source.
    fn value(&mut self, line: &[u8]) {
        let corner = "└ ".as_bytes();
        let Some(fine) = &self.palette.fine else { return self.out.styled(self.palette.value, line) };
        let end = memchr::memmem::find(line, corner).map_or(line.len(), |at| at + corner.len());
        let (strokes, shown) = line.split_at(end);
        let spaces = strokes.len() - strokes.trim_ascii_start().len();
        let (indent, strokes) = strokes.split_at(INDENT.min(spaces));
        self.out.plain(indent);
        self.out.styled(self.palette.value, strokes);
        self.out.styled(fine.shown, shown);
    }

    /// Appends `module.Type: message`. Other lines without indentation stay unchanged.
    fn last_line(&mut self, line: &'t [u8], after: Option<&'t [u8]>, may_go_on: bool) -> Option<&'t [u8]> {
        let end = memchr::memmem::find(line, b": ").unwrap_or_else(|| line.strip_suffix(b":").unwrap_or(line).len());
        let (kind, rest) = line.split_at(end);
        if !is_kind(kind) {
            self.out.plain(line);
            return after;
        }
        self.out.styled(self.palette.kind, kind);
        let Some(message) = rest.strip_prefix(b":").filter(|_| !self.palette.message.is_empty()) else {
            self.out.plain(rest);
            return after;
        };
        self.out.plain(b":");
        if let Some(source) = message.strip_prefix(b" ").filter(|message| self.source == Some(message))
            && let Some(fine) = &self.palette.fine
        {
            self.out.plain(b" ");
            self.code(source, fine);
            return after;
        }
        let Some(after) = after.filter(|_| may_go_on) else {
            self.out.styled(self.palette.message, message);
            return after;
        };
        let (more, after) = message_and_rest(after);
        let whole = more.map_or(Cow::Borrowed(message), |more| Cow::Owned([message, b"\n", more].concat()));
        self.out.styled_lines(self.palette.message, &whole);
        after
    }
}

/// Splits the lines behind an exception's first one: those that belong to its message, and those from the next blank
/// line on, if Python's own lines or nothing follow that.
fn message_and_rest(text: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
    let mut start = 0;
    loop {
        let rest = &text[start..];
        let next = rest.trim_ascii_start();
        if (rest.is_empty() || rest.starts_with(b"\n"))
            && (next.is_empty() || OWN.iter().any(|own| next.starts_with(own)))
        {
            break;
        }
        match memchr::memchr(b'\n', rest) {
            Some(end) => start += end + 1,
            None => return (Some(text), None),
        }
    }
    (start.checked_sub(1).map(|end| &text[..end]), Some(&text[start..]))
}

/// Whether a file is source of the program itself, as its path has it.
fn is_of_program(path: &[u8]) -> bool {
    path.ends_with(b".py") && !LIBRARIES.iter().any(|folder| memchr::memmem::find(path, folder).is_some())
}

/// Whether a text may be the name of an exception's type.
fn is_kind(text: &[u8]) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.<>".contains(byte) || *byte >= 0x80;
    !text.is_empty() && text.iter().all(is_name)
}

/// The length of the border that Python draws around members of groups: `  | ` and `  + `.
fn margin(line: &[u8]) -> usize {
    let spaces = line.iter().take_while(|byte| **byte == b' ').count();
    match line.get(spaces..) {
        Some([b'|' | b'+', b' ', ..]) if spaces >= 2 => spaces + 2,
        _ => 0,
    }
}

/// Whether a line shows values, recognized by its strokes.
fn is_value(line: &[u8]) -> bool {
    line.starts_with("│".as_bytes()) || line.starts_with("└".as_bytes())
}
