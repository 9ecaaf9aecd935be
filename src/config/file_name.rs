//! The name a file sink was given, with its tokens filled in when the sink is added.

use std::ffi::{CStr, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use jiff::tz::TimeZone;

use crate::error::Result;
use crate::format::time::{TimeCache, TimePattern};

/// Fills in `{time:...}`, `{pid}` and `{host}`; other braces are part of the name, which need not be UTF-8.
pub fn expand(name: &OsStr, now_ns: i64, zone: &TimeZone) -> Result<PathBuf> {
    let mut out = Vec::new();
    let mut rest = name.as_bytes();
    while let Some(at) = memchr::memchr(b'{', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let token = memchr::memchr(b'}', rest).and_then(|end| std::str::from_utf8(&rest[..=end]).ok());
        if let Some(Some(text)) = token.map(|token| name_token(token, now_ns, zone)) {
            out.extend_from_slice(text?.as_bytes());
            rest = &rest[token.map_or(0, str::len)..];
        } else {
            out.push(b'{');
            rest = &rest[1..];
        }
    }
    out.extend_from_slice(rest);
    Ok(PathBuf::from(OsString::from_vec(out)))
}

fn name_token(token: &str, now_ns: i64, zone: &TimeZone) -> Option<Result<String>> {
    let inner = &token[1..token.len() - 1];
    match inner {
        "pid" => Some(Ok(std::process::id().to_string())),
        "host" => Some(Ok(host_name())),
        "time" => Some(time_token("YYYY-MM-DD_HH-mm-ss", now_ns, zone)),
        _ => inner.strip_prefix("time:").map(|pattern| time_token(pattern, now_ns, zone)),
    }
}

fn time_token(pattern: &str, now_ns: i64, zone: &TimeZone) -> Result<String> {
    let mut out = Vec::new();
    TimeCache::default().render(&TimePattern::parse("sink", pattern)?, now_ns, zone, &mut out);
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn host_name() -> String {
    let name = rustix::system::uname();
    let text: &CStr = name.nodename();
    text.to_string_lossy().replace('/', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_time_process_and_host() {
        let expand = |name: &str| super::expand(name.as_ref(), 0, &TimeZone::UTC).expect("valid").display().to_string();

        assert_eq!(expand("a-{time:YYYYMMDD}.log"), "a-19700101.log");
        assert_eq!(expand("a-{pid}.log"), format!("a-{}.log", std::process::id()));
        assert_eq!(expand("{x}[1]*%s{.log"), "{x}[1]*%s{.log");
        assert!(!expand("{host}").is_empty());
    }
}
