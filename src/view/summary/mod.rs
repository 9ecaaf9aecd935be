//! Entries by their numbers: levels, loggers, places, templates, times, exceptions and fields.
//!
//! `counting` reads the logs. A `tally` counts values and a `timeline` times. `template` makes one of messages that
//! differ in what is `variable`, and `failure` knows exceptions. `json` writes all of it.

pub mod counting;
mod failure;
mod json;
mod tally;
mod template;
mod timeline;
mod variable;

use std::borrow::Cow;

use self::failure::Failure;
use self::tally::Tally;
use self::template::put_template;
use self::timeline::Timeline;
use super::entry::Entry;
use super::place::put_place;
use super::roles::Role;
use super::value::Value;
use crate::format::time::pattern::TimeZone;

/// Keys whose texts are templates, and those whose texts are messages without what varies, more or less.
const TEMPLATES: [&[u8]; 5] = [b"template", b"message_template", b"messageTemplate", b"MessageTemplate", b"@mt"];
const EVENT: &[u8] = b"event";

/// The counts of entries.
pub struct Summary {
    entries: u64,
    /// Levels by name, with their numbers.
    levels: Tally<Option<i32>>,
    loggers: Tally<()>,
    sites: Tally<()>,
    /// Templates, with the largest number of their levels.
    templates: Tally<Option<i32>>,
    /// Fingerprints, with one of the exceptions and the first and last time.
    failures: Tally<Seen>,
    by: Vec<(String, Tally<()>)>,
    timeline: Timeline,
    text: Vec<u8>,
}

/// An exception, with the first and last time that an entry had it.
struct Seen {
    failure: Failure,
    span: Option<(i64, i64)>,
}

impl Summary {
    /// `by` names fields whose values are counted. Days begin in the time zone.
    pub fn new(by: Vec<String>, zone: TimeZone) -> Self {
        Self {
            entries: 0,
            levels: Tally::default(),
            loggers: Tally::default(),
            sites: Tally::default(),
            templates: Tally::default(),
            failures: Tally::default(),
            by: by.into_iter().map(|name| (name, Tally::default())).collect(),
            timeline: Timeline::new(zone),
            text: Vec::new(),
        }
    }

    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Counts an entry. `time` is its time, or that of the entry before it.
    pub fn add(&mut self, entry: &Entry<'_>, time: Option<i64>) {
        self.entries += 1;
        let no = entry.severity.and_then(|level| level.no);
        self.timeline.add(time, no);
        self.add_level(entry);
        count(&mut self.loggers, entry.part(Role::Name).map(Value::text));
        self.add_site(entry);
        self.add_template(entry, no);
        self.add_failure(entry, time);
        for (name, tally) in &mut self.by {
            count(tally, entry.found(name.as_bytes()).map(Value::text));
        }
    }

    fn add_level(&mut self, entry: &Entry<'_>) {
        match entry.severity {
            Some(level) => {
                self.levels.add(level.common_name(), || level.no);
            }
            None => self.levels.missing += 1,
        }
    }

    fn add_site(&mut self, entry: &Entry<'_>) {
        self.text.clear();
        if put_place(entry, &mut self.text) {
            self.sites.add(&self.text, || ());
        } else {
            self.sites.missing += 1;
        }
    }

    fn add_template(&mut self, entry: &Entry<'_>, no: Option<i32>) {
        self.text.clear();
        let text = |name: &[u8]| {
            let mut parts = entry.parts.iter().filter(|part| part.key == name);
            parts.find_map(|part| as_text(part.value))
        };
        if let Some(template) = TEMPLATES.iter().find_map(|name| text(name)) {
            self.text.extend_from_slice(&template);
        } else if let Some(message) = text(EVENT).or_else(|| entry.part(Role::Message).map(Value::text)) {
            put_template(&message, &mut self.text);
        } else if entry.parts.is_empty() {
            put_template(entry.line, &mut self.text);
        } else {
            self.templates.missing += 1;
            return;
        }
        let largest = self.templates.add(&self.text, || no);
        *largest = (*largest).max(no);
    }

    fn add_failure(&mut self, entry: &Entry<'_>, time: Option<i64>) {
        let Some(failure) = Failure::of(entry) else {
            self.failures.missing += 1;
            return;
        };
        let fingerprint = failure.fingerprint().into_owned();
        let seen = self.failures.add(&fingerprint, || Seen { failure, span: None });
        if let Some(time) = time {
            let (first, last) = seen.span.unwrap_or((time, time));
            seen.span = Some((first.min(time), last.max(time)));
        }
    }
}

fn count(tally: &mut Tally<()>, value: Option<Cow<'_, [u8]>>) {
    match value {
        Some(value) => {
            tally.add(&value, || ());
        }
        None => tally.missing += 1,
    }
}

/// A value that is a text and not empty.
fn as_text(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    let is_text = matches!(value, Value::Text(_)) || matches!(value, Value::Json(json) if json.starts_with(b"\""));
    is_text.then(|| value.text()).filter(|text| !text.is_empty())
}
