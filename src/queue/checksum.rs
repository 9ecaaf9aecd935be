//! The checksum of bytes that outlive a process. It tells torn and stale bytes from whole ones.
//!
//! Two independent multiplications per 16 bytes take fewer nanoseconds than any table of a CRC, and callers pay for
//! each. It is no protection against a forger, who could write any record anyway.

const LANES: [u64; 4] = [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb, 0xd6e8_feb8_6659_fd93];

/// Bytes read at a time.
const STEP: usize = 16;

/// The checksum of `bytes`, which belong to `seed`. It is never zero.
#[inline]
pub fn checksum(seed: u64, bytes: &[u8]) -> u64 {
    let (mut one, mut other) = (seed ^ LANES[0], seed.rotate_left(32) ^ LANES[1] ^ bytes.len() as u64);
    let mut chunks = bytes.chunks_exact(STEP);
    for chunk in &mut chunks {
        one = fold(one ^ word(&chunk[..8]), LANES[2]);
        other = fold(other ^ word(&chunk[8..]), LANES[3]);
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        let mut last = [0u8; STEP];
        last[..rest.len()].copy_from_slice(rest);
        one = fold(one ^ word(&last[..8]), LANES[2]);
        other = fold(other ^ word(&last[8..]), LANES[3]);
    }
    fold(one ^ LANES[1], other ^ LANES[0]) | 1
}

#[inline]
fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    product as u64 ^ (product >> 64) as u64
}

#[inline]
fn word(bytes: &[u8]) -> u64 {
    u64::from_ne_bytes(bytes.try_into().expect("eight bytes; this is a bug in logly"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_changed_byte_changes_it(bytes in prop::collection::vec(any::<u8>(), 1..300), at in 0usize..300, flip in 1u8..) {
            let mut changed = bytes.clone();
            changed[at % bytes.len()] ^= flip;

            prop_assert_ne!(checksum(7, &bytes), checksum(7, &changed));
            prop_assert_ne!(checksum(7, &bytes), checksum(8, &bytes));
        }

        #[test]
        fn zeros_at_the_end_count(length in 0usize..100) {
            prop_assert_ne!(checksum(7, &vec![0; length]), checksum(7, &vec![0; length + 1]));
        }
    }
}
