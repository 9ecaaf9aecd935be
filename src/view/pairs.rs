//! Pairs such as `key=value`: those of logfmt, and those after the message of a line of text.

use memchr::{memchr, memchr2, memmem};

use super::roles::{Role, role_of};
use super::value::Value;
use crate::reading::json::string;

/// Whether a line begins with a key, and has a message, a level or a time.
pub fn is_logfmt(line: &[u8]) -> bool {
    let Some(equals) = memchr(b'=', &line[..line.len().min(64)]) else { return false };
    let tells = |key| matches!(role_of(key).0, Role::Message | Role::Level | Role::NameOfLevel | Role::Time);
    is_key(&line[..equals]) && pairs(line).take(4).any(|(key, _)| tells(key))
}

fn is_key(text: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'@');
    !text.is_empty() && !text[0].is_ascii_digit() && text.iter().all(is_part)
}

/// The pairs of a line; words without `=` are left out.
pub fn pairs(line: &[u8]) -> impl Iterator<Item = (&[u8], Value<'_>)> {
    let mut rest = line;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_ascii_start();
            let at = memchr2(b'=', b' ', rest)?;
            let key = &rest[..at];
            let is_pair = rest[at] == b'=' && is_key(key);
            rest = &rest[at + 1..];
            if is_pair {
                let (value, after) = value(rest);
                rest = after;
                return Some((key, value));
            }
        }
    })
}

/// Splits off the value at the start: a string in quotes, or a word.
pub fn value(text: &[u8]) -> (Value<'_>, &[u8]) {
    if text.starts_with(b"\"")
        && let Some((_, after)) = string(text)
    {
        return (Value::Json(&text[..text.len() - after.len()]), after);
    }
    let end = memchr(b' ', text).unwrap_or(text.len());
    (Value::Text(&text[..end]), &text[end..])
}

/// The value of a field that follows a message, as ` key=value`.
pub fn field<'l>(message: &'l [u8], name: &[u8]) -> Option<Value<'l>> {
    let mut ends = memmem::find_iter(message, name).map(|at| at + name.len());
    let end = ends.find(|end| {
        let start = end - name.len();
        message.get(*end) == Some(&b'=') && (start == 0 || message[start - 1] == b' ')
    })?;
    Some(value(&message[end + 1..]).0)
}
