//! Counts as one JSON object.

use super::tally::{Tally, Top};
use super::timeline::Bars;
use super::{Seen, Summary};
use crate::format::escape::put_json_string;
use crate::view::feed::Counts;
use crate::view::show::escaped::lossy;
use crate::view::show::options::{Clock, Style};

const NS_PER_HOUR: f64 = 3.6e12;

/// Writes members with commas between them.
struct Writer<'o> {
    out: &'o mut Vec<u8>,
    clock: Clock,
}

impl Summary {
    /// Writes the object. Each list has `top` values at most, and the histogram `steps` if years are not beyond that.
    pub fn put_json(&mut self, counts: Counts, top: usize, steps: usize, out: &mut Vec<u8>) {
        let bars = self.timeline.bars(steps);
        let mut writer = Writer { out, clock: Clock::new(Style::Json, crate::format::time::pattern::TimeZone::UTC) };
        writer.out.push(b'{');
        for (name, count) in [("entries", self.entries), ("files", counts.files), ("lines", counts.lines)] {
            writer.put_number(name, count);
        }
        self.put_times(bars.as_ref(), &mut writer);
        writer.put_tally("levels", &self.levels, top.max(100), |no, writer| writer.put_optional("no", *no));
        writer.put_tally("loggers", &self.loggers, top, |(), _| ());
        writer.put_tally("sites", &self.sites, top, |(), _| ());
        writer.put_tally("templates", &self.templates, top, |no, writer| writer.put_optional("level_no", *no));
        writer.put_tally("exceptions", &self.failures, top, |seen, writer| writer.put_failure(seen));
        writer.put_key("by");
        writer.out.push(b'{');
        for (name, tally) in &self.by {
            writer.put_tally(name, tally, top, |(), _| ());
        }
        writer.out.extend_from_slice(b"}}\n");
    }

    fn put_times(&self, bars: Option<&Bars>, writer: &mut Writer<'_>) {
        let (first, last) = self.timeline.span.unzip();
        writer.put_time("first", first);
        writer.put_time("last", last);
        writer.put_number("without_time", self.timeline.missing);
        writer.put_key("rates");
        let timed = self.entries - self.timeline.missing;
        match first.zip(last).and_then(|(first, last)| per_hour(timed, last.saturating_sub(first))) {
            Some(rate) => {
                let [second, minute, hour] = [rate / 3600.0, rate / 60.0, rate].map(rounded);
                let text = format!("{{\"per_second\": {second}, \"per_minute\": {minute}, \"per_hour\": {hour}}}");
                writer.out.extend_from_slice(text.as_bytes());
            }
            None => writer.out.extend_from_slice(b"null"),
        }
        writer.put_bars(bars);
    }
}

/// Entries per hour; None if all have the same time.
#[expect(clippy::cast_precision_loss, reason = "a rate is no exact number")]
fn per_hour(entries: u64, ns: i64) -> Option<f64> {
    (ns > 0).then(|| entries as f64 / (ns as f64 / NS_PER_HOUR))
}

/// A number with four digits that count.
fn rounded(number: f64) -> f64 {
    format!("{number:.3e}").parse().unwrap_or(number)
}

impl Writer<'_> {
    fn put_key(&mut self, name: &str) {
        if !matches!(self.out.last(), Some(b'{' | b'[')) {
            self.out.extend_from_slice(b", ");
        }
        put_json_string(self.out, name.as_bytes());
        self.out.extend_from_slice(b": ");
    }

    fn put_text(&mut self, name: &str, text: &[u8]) {
        self.put_key(name);
        put_json_string(self.out, &lossy(text));
    }

    fn put_number(&mut self, name: &str, number: u64) {
        self.put_key(name);
        self.out.extend_from_slice(number.to_string().as_bytes());
    }

    fn put_optional(&mut self, name: &str, number: Option<i32>) {
        self.put_key(name);
        self.out.extend_from_slice(number.map_or_else(|| "null".to_owned(), |number| number.to_string()).as_bytes());
    }

    fn put_time(&mut self, name: &str, time: Option<i64>) {
        self.put_key(name);
        let Some(time) = time else { return self.out.extend_from_slice(b"null") };
        self.out.push(b'"');
        self.clock.put(time, self.out);
        self.out.push(b'"');
    }

    /// The busiest step, and all steps.
    fn put_bars(&mut self, found: Option<&Bars>) {
        let busiest = found.and_then(|bars| bars.bars.iter().rev().max_by_key(|(_, bar)| bar.count));
        self.put_key("busiest");
        match busiest {
            Some((start, bar)) => {
                self.out.push(b'{');
                self.put_time("start", Some(*start));
                self.put_number("seconds", found.map_or(0, |bars| bars.seconds as u64));
                self.put_number("count", bar.count);
                self.out.push(b'}');
            }
            None => self.out.extend_from_slice(b"null"),
        }
        self.put_key("histogram");
        let Some(bars) = found else { return self.out.extend_from_slice(b"null") };
        self.out.push(b'{');
        self.put_number("seconds", bars.seconds as u64);
        self.put_key("steps");
        self.out.push(b'[');
        for (start, bar) in &bars.bars {
            self.put_separator();
            self.out.push(b'{');
            self.put_time("start", Some(*start));
            self.put_number("count", bar.count);
            self.put_number("errors", bar.errors);
            self.out.push(b'}');
        }
        self.out.extend_from_slice(b"]}");
    }

    fn put_separator(&mut self) {
        if self.out.last() != Some(&b'[') {
            self.out.extend_from_slice(b", ");
        }
    }

    fn put_tally<T>(&mut self, name: &str, tally: &Tally<T>, most: usize, put_more: impl Fn(&T, &mut Self)) {
        let Top { values, other, distinct, error } = tally.top(most);
        self.put_key(name);
        self.out.extend_from_slice(b"{\"values\": [");
        for (value, slot) in values {
            self.put_separator();
            self.out.push(b'{');
            self.put_text("value", value);
            self.put_number("count", slot.count);
            put_more(&slot.about, self);
            self.out.push(b'}');
        }
        self.out.push(b']');
        self.put_number("other", other);
        self.put_number("missing", tally.missing);
        self.put_key("distinct");
        self.out.extend_from_slice(distinct.map_or_else(|| "null".to_owned(), |count| count.to_string()).as_bytes());
        self.put_number("too_low_by", error);
        self.out.push(b'}');
    }

    fn put_failure(&mut self, seen: &Seen) {
        self.put_text("type", &seen.failure.kind);
        self.put_text("message", &seen.failure.message);
        self.put_text("place", seen.failure.place());
        let (first, last) = seen.span.unzip();
        self.put_time("first", first);
        self.put_time("last", last);
    }
}
