//! Whether a sink takes a record that it wants, or leaves it out to keep its volume down.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::config::sink::SinkOptions;
use crate::level::ERROR;
use crate::process::per_process::PerProcess;
use crate::record::decoded::Record;
use crate::record::encoded::{Encoder, Field, Section, Value, put_bytes, put_float};
use crate::record::notice;
use crate::stats::Loss;
use crate::sync::Mutex;
use crate::volume::limiter::{Held, Rate, Sites};
use crate::volume::sampler::{Random, Sampler};

/// The field that decides about a record's trace.
const TRACE: &[u8] = b"trace_id";

/// The field that says at which rate a record was sampled.
pub const RATE: &[u8] = b"sample_rate";

/// The options `sample` and `limit` of a sink, and their state in each process.
pub struct Volume {
    sampler: Option<Sampler>,
    limit: Option<Limit>,
    state: PerProcess<State>,
}

struct Limit {
    rate: Rate,
    /// As it was given.
    text: String,
}

struct State {
    random: Random,
    sites: Mutex<Sites>,
    /// When the next notice is due.
    next_due: AtomicI64,
}

impl Default for State {
    fn default() -> Self {
        Self { random: Random::default(), sites: Mutex::default(), next_due: AtomicI64::new(i64::MAX) }
    }
}

impl Volume {
    /// None for a sink that takes every record it wants.
    pub fn of(options: &SinkOptions) -> Option<Box<Self>> {
        let sampler = options.sample.map(Sampler::new);
        let limit = options.limit.as_ref().map(|limit| Limit {
            rate: Rate { most: limit.most as u64, length: limit.length },
            text: limit.text.clone(),
        });
        let is_needed = sampler.is_some() || limit.is_some();
        is_needed.then(|| Box::new(Self { sampler, limit, state: PerProcess::new() }))
    }

    /// Whether records of a call site may be held back.
    pub fn has_limit(&self) -> bool {
        self.limit.is_some()
    }

    /// Decides about a record that the sink wants: the rate that it was sampled at, or the reason to leave it out.
    pub fn ask(&self, record: &Record<'_>) -> Result<Option<f64>, Loss> {
        if record.header.level.no >= ERROR.no {
            return Ok(None);
        }
        if !self.keeps(record) {
            return Err(Loss::Sampled);
        }
        if let Some(limit) = &self.limit
            && !self.admits(limit.rate, record)
        {
            return Err(Loss::Limited);
        }
        Ok(self.sampler.map(|sampler| sampler.rate))
    }

    /// Whether the record is in the sample.
    pub fn keeps(&self, record: &Record<'_>) -> bool {
        let Some(sampler) = self.sampler.filter(|_| record.header.level.no < ERROR.no) else { return true };
        sampler.keeps(record.field(TRACE).map(|field| field.value), &self.state.get().random)
    }

    fn admits(&self, rate: Rate, record: &Record<'_>) -> bool {
        let state = self.state.get();
        let mut sites = state.sites.lock();
        let is_admitted = sites.admits(rate, &record.location, record.header.time_ns);
        state.next_due.store(sites.next_due(), Ordering::Relaxed);
        is_admitted
    }

    /// Takes the notices that are due, as encoded records.
    pub fn due(&self, now: i64) -> Vec<Vec<u8>> {
        let Some(state) = self.state.existing() else { return Vec::new() };
        if state.next_due.load(Ordering::Relaxed) > now {
            return Vec::new();
        }
        let mut sites = state.sites.lock();
        let held = sites.take_due(now);
        state.next_due.store(sites.next_due(), Ordering::Relaxed);
        drop(sites);
        self.notices(&held, now)
    }

    /// Takes all notices, because the sink ends.
    pub fn rest(&self, now: i64) -> Vec<Vec<u8>> {
        let Some(state) = self.state.existing() else { return Vec::new() };
        let held = state.sites.lock().take_all();
        state.next_due.store(i64::MAX, Ordering::Relaxed);
        self.notices(&held, now)
    }

    fn notices(&self, held: &[Held], now: i64) -> Vec<Vec<u8>> {
        let limit = self.limit.as_ref().map_or("", |limit| &limit.text);
        held.iter().map(|held| notice::encode_held_back(held.count, &held.site, limit, now)).collect()
    }
}

/// The field with the rate.
pub fn rate_field(rate: f64) -> Field<'static> {
    Field { key: RATE, value: Value::Float(rate) }
}

/// The record with the rate as a field.
pub fn with_rate(record: &[u8], rate: f64) -> Vec<u8> {
    let mut bytes = record.to_vec();
    let mut encoder = Encoder::resume(&mut bytes);
    let mark = encoder.begin(Section::Call);
    put_bytes(encoder.buffer(), RATE);
    put_float(encoder.buffer(), rate);
    encoder.end(mark);
    encoder.finish();
    bytes
}
