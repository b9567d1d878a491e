//! Seeds that follow from one seed: one stream of random numbers for each purpose and number.

use rand::SeedableRng;
use rand_pcg::Pcg64;

/// What a seed is for; streams of different purposes have nothing to do with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Paulis around gates and before measurements.
    Twirl = 1,
    /// Random flips before the measurements of a calibration.
    Calibration = 2,
    /// Shots and slow parameters on the noise simulator.
    Simulation = 3,
    /// Which measurements are inverted.
    Flips = 4,
}

/// The seed number `index` for a purpose (the finaliser of splitmix64 over all three).
pub(crate) fn seed(base: u64, purpose: Purpose, index: u64) -> u64 {
    mixed(mixed(base ^ mixed(purpose as u64)).wrapping_add(index))
}

/// The generator number `index` for a purpose.
pub(crate) fn generator(base: u64, purpose: Purpose, index: u64) -> Pcg64 {
    Pcg64::seed_from_u64(seed(base, purpose, index))
}

fn mixed(value: u64) -> u64 {
    let mut mixed = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_and_numbers_have_seeds_of_their_own() {
        let mut seen = std::collections::BTreeSet::new();
        for base in 0..4 {
            for purpose in [
                Purpose::Twirl,
                Purpose::Calibration,
                Purpose::Simulation,
                Purpose::Flips,
            ] {
                for index in 0..50 {
                    assert!(seen.insert(seed(base, purpose, index)));
                }
            }
        }
    }
}
