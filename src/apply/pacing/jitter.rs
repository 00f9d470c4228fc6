//! Chance that can be repeated: the same seed gives the same numbers.

/// A number between 0 and 1 for one decision; which one it is depends on nothing but the arguments, so that the order in
/// which tasks run changes nothing.
pub(super) fn fraction(seed: u64, place: u64, attempt: u64) -> f64 {
    let mut mixed = seed ^ place.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ attempt.rotate_left(32);
    // The finishing steps of SplitMix64, which spread neighbors far apart.
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(factor);
    }
    mixed ^= mixed >> 31;
    // Eleven bits fewer: what fits into the digits of the number.
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbors_are_spread_evenly_and_repeat() {
        let numbers: Vec<f64> = (0..1000).map(|place| fraction(7, place, 1)).collect();
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        let mean = numbers.iter().sum::<f64>() / 1000.0;
        assert!((0.45..0.55).contains(&mean), "{mean}");
        assert_eq!(fraction(7, 3, 1).to_bits(), numbers[3].to_bits());
        assert_ne!(fraction(7, 3, 2).to_bits(), numbers[3].to_bits());
        assert_ne!(fraction(8, 3, 1).to_bits(), numbers[3].to_bits());
    }
}
