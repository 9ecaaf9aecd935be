//! The share of the records that a sink takes, as `add(sample=)` gives it.

/// Error text for the values that `sample` takes.
pub const ALLOWED_SAMPLE: &str = "a share (float) above 0.0, and 1.0 at most, such as 0.1";

/// A number above 0 and not above 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleRate(f64);

impl SampleRate {
    /// None if the number is no share.
    pub fn new(share: f64) -> Option<Self> {
        (share > 0.0 && share <= 1.0).then_some(Self(share))
    }

    pub fn share(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_above_zero_and_not_above_one() {
        assert_eq!(SampleRate::new(1.0).map(SampleRate::share), Some(1.0));
        assert!(SampleRate::new(f64::MIN_POSITIVE).is_some());
        for share in [0.0, -0.0, -0.1, 1.000_001, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(SampleRate::new(share), None);
        }
    }
}
