//! Random numbers as a function of (seed, shot, site).
//!
//! A counter-based generator has no state to hand around: the number that decides the outcome of shot 17 at its
//! third random event is the same on every thread, in every batch, and when a branch is run again. The
//! generator is Philox 4x32 with 10 rounds (Salmon, Moraes, Dror, Shaw, SC'11).

/// A stream of random numbers for one seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Random {
    seed: u64,
}

impl Random {
    /// The generator for `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// A uniform number in [0, 1) for the given shot and site, on a grid of 2^-53.
    pub(crate) fn uniform(self, shot: u64, site: u64) -> f64 {
        (self.bits(shot, site) >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// 64 random bits for the given shot and site.
    pub(crate) fn bits(self, shot: u64, site: u64) -> u64 {
        let counter = [
            shot as u32,
            (shot >> 32) as u32,
            site as u32,
            (site >> 32) as u32,
        ];
        let key = [self.seed as u32, (self.seed >> 32) as u32];
        let out = philox(counter, key);
        u64::from(out[0]) | u64::from(out[1]) << 32
    }
}

fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for round in 0..10 {
        if round > 0 {
            key[0] = key[0].wrapping_add(0x9E37_79B9);
            key[1] = key[1].wrapping_add(0xBB67_AE85);
        }
        let a = u64::from(counter[0]) * 0xD251_1F53;
        let b = u64::from(counter[2]) * 0xCD9E_8D57;
        counter = [
            (b >> 32) as u32 ^ counter[1] ^ key[0],
            b as u32,
            (a >> 32) as u32 ^ counter[3] ^ key[1],
            a as u32,
        ];
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_gives_the_published_known_answers() {
        assert_eq!(
            philox([0; 4], [0; 2]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn uniforms_fill_the_unit_interval_evenly() {
        let random = Random::new(7);
        let mut bins = [0u32; 16];
        for shot in 0..16_000 {
            bins[(random.uniform(shot, 3) * 16.0) as usize] += 1;
        }
        let chi: f64 = bins
            .iter()
            .map(|&n| (f64::from(n) - 1000.0).powi(2) / 1000.0)
            .sum();
        assert!(chi < 45.0, "chi square {chi} of 15 degrees of freedom");
    }
}
