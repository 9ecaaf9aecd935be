//! The records that models push.

use logly_models::level::LevelRef;
use logly_models::queue::ring::{Ring, padded};
use logly_models::record::encoded::{Encoder, Header, Kind, length_of};
use logly_models::sync::Mutex;

/// A record of this length, 32 at least.
pub fn record(number: u8, length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let header = Header { level: LevelRef { id: 0, no: 20 }, site: 0, time_ns: i64::from(number), thread: 1 };
    let mut encoder = Encoder::start(&mut bytes, Kind::Record, &header);
    let filling = length - encoder.buffer().len();
    encoder.buffer().extend(std::iter::repeat_n(number, filling));
    encoder.finish();
    bytes
}

/// Pushes as the only producer.
pub fn push(ring: &Ring, record: &[u8]) -> bool {
    let alone = Mutex::new(());
    let held = alone.lock();
    ring.push(&held, record)
}

/// Pops the waiting records, at most about so many bytes.
pub fn pop(ring: &Ring, most: usize) -> Vec<Vec<u8>> {
    let (mut bytes, mut found) = (Vec::new(), Vec::new());
    ring.pop_into(&mut bytes, most);
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let length = length_of(rest);
        found.push(rest[..length].to_vec());
        rest = &rest[padded(length)..];
    }
    found
}
