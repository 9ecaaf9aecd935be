//! A batch: records that go to a collector in one request, `ExportLogsServiceRequest`.
//!
//! Records of one logger name form a scope. Within a scope they keep their order.

use ahash::AHashMap;

use crate::export::any_value::put_pair;
use crate::export::known::Known;
use crate::export::log_record::put_record;
use crate::export::protobuf::{length_of_field, put_header, put_text};
use crate::level::Levels;
use crate::record::decoded::Record;
use crate::record::encoded::{Reader, Value};

/// Fields of `ExportLogsServiceRequest`, `ResourceLogs`, `ScopeLogs`, `Resource` and `InstrumentationScope`.
const RESOURCE_LOGS: u8 = 1;
const RESOURCE: u8 = 1;
const SCOPE_LOGS: u8 = 2;
const SCOPE: u8 = 1;
const LOG_RECORDS: u8 = 2;
const ATTRIBUTES: u8 = 1;
const NAME: u8 = 1;

/// The records gathered for the next request.
#[derive(Default)]
pub struct Batch {
    scopes: Vec<Scope>,
    /// The place of each scope, by its name.
    places: AHashMap<Box<[u8]>, usize>,
    /// The scope of the last record.
    last: usize,
    bytes: usize,
    pub known: Known,
}

struct Scope {
    /// The encoded `InstrumentationScope`.
    encoded: Vec<u8>,
    name: Box<[u8]>,
    /// The encoded records, each with its tag and length.
    records: Vec<u8>,
}

impl Batch {
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty()
    }

    /// The bytes of its records.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Encodes a record. `own` is the number of this process.
    pub fn push(&mut self, record: &Record<'_>, levels: &Levels, own: u32) {
        let place = self.place(record.name());
        let records = &mut self.scopes[place].records;
        let before = records.len();
        put_record(records, LOG_RECORDS, record, levels, (&mut self.known, own));
        self.bytes += records.len() - before;
    }

    #[inline]
    fn place(&mut self, name: &[u8]) -> usize {
        if self.scopes.get(self.last).is_none_or(|scope| *scope.name != *name) {
            self.last = self.find(name);
        }
        self.last
    }

    fn find(&mut self, name: &[u8]) -> usize {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let mut scope = Vec::new();
        if !name.is_empty() {
            put_text(&mut scope, NAME, name);
        }
        self.places.insert(name.into(), self.scopes.len());
        self.scopes.push(Scope { encoded: scope, name: name.into(), records: Vec::new() });
        self.scopes.len() - 1
    }

    /// Takes the records out as a request. `resource` is the encoded `Resource`.
    pub fn take_request(&mut self, resource: &[u8]) -> Vec<u8> {
        let length_of_scope = |scope: &Scope| length_of_field(scope.encoded.len()) + scope.records.len();
        let scopes: usize = self.scopes.iter().map(|scope| length_of_field(length_of_scope(scope))).sum();
        let length = length_of_field(resource.len()) + scopes;
        let mut out = Vec::with_capacity(length_of_field(length));
        put_header(&mut out, RESOURCE_LOGS, length);
        put_header(&mut out, RESOURCE, resource.len());
        out.extend_from_slice(resource);
        for scope in &self.scopes {
            put_header(&mut out, SCOPE_LOGS, length_of_scope(scope));
            put_header(&mut out, SCOPE, scope.encoded.len());
            out.extend_from_slice(&scope.encoded);
            out.extend_from_slice(&scope.records);
        }
        self.clear();
        out
    }

    fn clear(&mut self) {
        self.scopes.clear();
        self.places.clear();
        self.last = 0;
        self.bytes = 0;
    }
}

/// Encodes a `Resource` from fields in the form of records: names and values.
pub fn resource(fields: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut reader = Reader::new(fields);
    while !reader.is_empty() {
        let (key, value) = (reader.bytes(), reader.value());
        put_pair(&mut out, ATTRIBUTES, b"", key, value);
    }
    out
}

/// Appends the number of the process to an encoded `Resource`.
pub fn put_process(resource: &mut Vec<u8>, process: u32) {
    put_pair(resource, ATTRIBUTES, b"", b"process.pid", Value::Int(process.into()));
}
