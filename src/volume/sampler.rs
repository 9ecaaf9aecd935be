//! Sampling by the id of the trace, or at random.
//!
//! The rules are those of OpenTelemetry's consistent probability sampling: the last 56 bits of a trace id are compared
//! with a threshold. Every process and sink decides alike, and a lower rate keeps a part of the traces that a higher
//! one keeps.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::config::sampling::SampleRate;
use crate::record::encoded::Value;

/// The randomness in a trace id, in bits.
const BITS: u32 = 56;

/// The step of a Weyl sequence: 2^64 divided by the golden ratio.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A sample rate and its threshold.
#[derive(Clone, Copy, Debug)]
pub struct Sampler {
    pub rate: f64,
    /// The lowest randomness that is kept.
    threshold: u64,
}

impl Sampler {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the product is from 0 to 2^56")]
    #[expect(clippy::cast_precision_loss, reason = "a power of two is exact")]
    pub fn new(rate: SampleRate) -> Self {
        let all = 1_u64 << BITS;
        let kept = (rate.share() * all as f64).round() as u64;
        // The lowest rate keeps one randomness of all.
        Self { rate: rate.share(), threshold: all - kept.clamp(1, all) }
    }

    /// Whether a record with this trace id is kept. `random` decides about records without one.
    pub fn keeps(self, trace: Option<Value<'_>>, random: &Random) -> bool {
        let bits = trace.and_then(randomness).unwrap_or_else(|| random.next());
        bits >= self.threshold
    }
}

/// The randomness of a trace id: 32 hexadecimal digits that are not all zero.
fn randomness(trace: Value<'_>) -> Option<u64> {
    let Value::Str(text) = trace else { return None };
    let digits: &[u8; 32] = text.try_into().ok()?;
    let (mut bits, mut all) = (0, 0);
    for digit in digits {
        let nibble = u64::from(char::from(*digit).to_digit(16)?);
        bits = bits << 4 | nibble;
        all |= nibble;
    }
    (all != 0).then_some(bits & ((1 << BITS) - 1))
}

/// Random numbers of one process, by `SplitMix64`.
#[derive(Debug)]
pub struct Random(AtomicU64);

impl Default for Random {
    /// Starts anywhere. A forked child inherits the keys of its thread's hashes, but has another number.
    fn default() -> Self {
        Self(AtomicU64::new(RandomState::new().hash_one(std::process::id())))
    }
}

impl Random {
    /// A number of 56 bits.
    fn next(&self) -> u64 {
        let mut bits = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) >> (64 - BITS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampler(share: f64) -> Sampler {
        Sampler::new(SampleRate::new(share).expect("a share"))
    }

    fn seeded(seed: u64) -> Random {
        Random(AtomicU64::new(seed))
    }

    #[test]
    fn thresholds_are_those_of_open_telemetry() {
        let thresholds = [1.0, 0.5, 0.25, 0.1, f64::MIN_POSITIVE].map(|share| sampler(share).threshold);

        assert_eq!(thresholds[..3], [0, 1 << 55, 3 << 54]);
        // The specification writes it as `th:e6666666666666`.
        assert_eq!(thresholds[3] >> 4, 0xe_6666_6666_6666);
        assert_eq!(thresholds[4], (1 << 56) - 1);
    }

    #[test]
    fn last_56_bits_of_a_trace_decide() {
        let keeps = |trace: &[u8]| sampler(0.5).keeps(Some(Value::Str(trace)), &seeded(0));

        assert!(keeps(b"00000000000000000080000000000000"));
        assert!(!keeps(b"ffffffffffffffffff7fffffffffffff"));
        assert!(keeps(b"4BF92F3577B34DA6A3CE929D0E0E4736"));
    }

    #[test]
    fn other_values_are_no_traces() {
        let texts: [&[u8]; 5] =
            [b"", b"4bf92f3577b34da6a3ce929d0e0e473", b"4bf92f3577b34da6a3ce929d0e0e473g", &[b'0'; 32], &[b'a'; 33]];

        assert!(texts.iter().all(|text| randomness(Value::Str(text)).is_none()));
        assert_eq!(randomness(Value::Int(7)), None);
    }

    #[test]
    fn a_lower_rate_keeps_a_part_of_a_higher_one() {
        let random = seeded(1);
        for _ in 0..10_000 {
            let trace = format!("{:032x}", u128::from(random.next()) << 64 | u128::from(random.next()) | 1);
            let keeps = |share| sampler(share).keeps(Some(Value::Str(trace.as_bytes())), &random);

            assert!(keeps(0.5) || !keeps(0.1), "{trace}");
        }
    }

    #[test]
    fn random_numbers_keep_the_share() {
        let random = seeded(42);

        let kept = (0..100_000).filter(|_| sampler(0.1).keeps(None, &random)).count();

        // Five standard deviations are 474.
        assert!((9_526..=10_474).contains(&kept), "{kept}");
    }

    #[test]
    fn all_are_kept_at_a_rate_of_one() {
        let random = seeded(3);

        assert!((0..1_000).all(|_| sampler(1.0).keeps(None, &random)));
    }
}
