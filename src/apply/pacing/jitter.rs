//! Reproducible jitter: the same seed yields the same numbers.

/// Returns a number between 0 and 1 that depends only on the arguments, not on the order of tasks.
pub(super) fn fraction(seed: u64, key: u64, attempt: u64) -> f64 {
    let mut mixed = seed ^ key.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ attempt.rotate_left(32);
    // The finishing steps of SplitMix64, which spread neighbors far apart.
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(factor);
    }
    mixed ^= mixed >> 31;
    // The 53 bits that fit into the mantissa.
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbors_are_spread_evenly_and_reproducibly() {
        let numbers: Vec<f64> = (0..1000).map(|place| fraction(7, place, 1)).collect();
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        let mean = numbers.iter().sum::<f64>() / 1000.0;
        assert!((0.45..0.55).contains(&mean), "{mean}");
        assert_eq!(fraction(7, 3, 1).to_bits(), numbers[3].to_bits());
        assert_ne!(fraction(7, 3, 2).to_bits(), numbers[3].to_bits());
        assert_ne!(fraction(8, 3, 1).to_bits(), numbers[3].to_bits());
    }
}
