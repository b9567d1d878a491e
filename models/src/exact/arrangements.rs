//! The ways to place the particles of one spin on the sites, and which of them a hop connects.

use crate::lattice::Bond;

/// Arrangements are kept as bits of a word, and all of them are listed.
pub(super) const MOST_SITES: usize = 32;

/// All ways to place the particles of one spin, as ascending bit masks.
#[derive(Debug, Clone)]
pub(super) struct Arrangements {
    pub(super) particles: usize,
    pub(super) masks: Vec<u32>,
    /// For each bond the pairs of arrangements that a hop along it connects.
    pub(super) hops: Vec<Vec<HopPair>>,
    /// For each arrangement those that one hop reaches, with the sign of the hop.
    pub(super) neighbours: Vec<Vec<(u32, f64)>>,
}

/// Two arrangements that differ by one hop, the lower index first.
#[derive(Debug, Clone, Copy)]
pub(super) struct HopPair {
    a: u32,
    b: u32,
    /// The sign from the particles between the two sites.
    pub(super) sign: f64,
}

impl HopPair {
    pub(super) fn a(self) -> usize {
        self.a as usize
    }

    pub(super) fn b(self) -> usize {
        self.b as usize
    }
}

impl Arrangements {
    pub(super) fn new(sites: usize, particles: usize, bonds: &[Bond]) -> Self {
        let masks = masks_with(sites, particles);
        let hops: Vec<Vec<HopPair>> = bonds.iter().map(|&bond| hop_pairs(&masks, bond)).collect();
        let mut neighbours = vec![Vec::new(); masks.len()];
        for pair in hops.iter().flatten() {
            neighbours[pair.a()].push((pair.b, pair.sign));
            neighbours[pair.b()].push((pair.a, pair.sign));
        }
        Self {
            particles,
            masks,
            hops,
            neighbours,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.masks.len()
    }

    /// The index of an arrangement with the right number of particles.
    pub(super) fn position(&self, full: &[bool]) -> usize {
        let mask = full
            .iter()
            .enumerate()
            .fold(0, |mask, (site, &full)| mask | u32::from(full) << site);
        self.masks.partition_point(|&other| other < mask)
    }
}

/// The words of `sites` bits with `particles` ones, ascending.
fn masks_with(sites: usize, particles: usize) -> Vec<u32> {
    if particles > sites {
        return Vec::new();
    }
    let mut masks = Vec::with_capacity(binomial(sites, particles) as usize);
    let mut mask = (1u64 << particles) - 1;
    while mask < 1 << sites {
        masks.push(mask as u32);
        if mask == 0 {
            break;
        }
        // The next larger word with as many ones: move the lowest block of ones up by one, its
        // rest to the bottom.
        let lowest = mask & mask.wrapping_neg();
        let carried = mask + lowest;
        mask = carried | ((mask ^ carried) / lowest) >> 2;
    }
    masks
}

fn hop_pairs(masks: &[u32], bond: Bond) -> Vec<HopPair> {
    let (at_a, at_b) = (1u32 << bond.a, 1u32 << bond.b);
    let between = (at_b - 1) & !(at_a | (at_a - 1));
    let movable = masks
        .iter()
        .enumerate()
        .filter(|(_, mask)| *mask & at_a != 0 && *mask & at_b == 0);
    movable
        .map(|(index, mask)| {
            let partner = masks.partition_point(|&other| other < mask ^ at_a ^ at_b);
            let sign = if (mask & between).count_ones().is_multiple_of(2) {
                1.0
            } else {
                -1.0
            };
            HopPair {
                a: index as u32,
                b: partner as u32,
                sign,
            }
        })
        .collect()
}

/// n choose k, for n up to 32.
pub(super) fn binomial(n: usize, k: usize) -> u64 {
    if k > n {
        return 0;
    }
    (1..=k as u64).fold(1, |product, i| product * (n as u64 - k as u64 + i) / i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_listed_in_ascending_order_and_found_again() {
        let arrangements = Arrangements::new(4, 2, &[]);
        assert_eq!(
            arrangements.masks,
            [0b0011, 0b0101, 0b0110, 0b1001, 0b1010, 0b1100]
        );
        assert_eq!(arrangements.position(&[false, true, true, false]), 2);
        assert_eq!(masks_with(3, 0), [0]);
        assert_eq!(masks_with(3, 3), [0b111]);
        assert_eq!(masks_with(3, 4), []);
        assert_eq!(masks_with(32, 32), [u32::MAX]);
        assert_eq!(masks_with(32, 31).len() as u64, binomial(32, 31));
    }

    #[test]
    fn hops_past_a_particle_change_sign() {
        let pairs = hop_pairs(&masks_with(3, 2), Bond { a: 0, b: 2 });
        assert_eq!(pairs.len(), 1);
        assert_eq!((pairs[0].a, pairs[0].b, pairs[0].sign), (0, 2, -1.0));
    }
}
