//! Combinations as numbers: bit sets of a fixed number of ones, in ascending order, and their ranks.

use crate::error::SimulatorError;

/// Binomial coefficients up to a number of places, `None` where they overflow.
pub(super) fn choose(places: usize, ones: usize) -> Option<u128> {
    if ones > places {
        return Some(0);
    }
    let ones = ones.min(places - ones);
    (0..ones).try_fold(1u128, |product, i| {
        // The product of i + 1 neighbours is divisible by (i + 1)!.
        Some(product.checked_mul((places - i) as u128)? / (i as u128 + 1))
    })
}

/// The table of binomial coefficients by which bit sets are ranked.
pub(super) struct Ranks {
    /// Row `p` holds C(p, 0), C(p, 1), ...
    rows: Vec<Vec<u32>>,
}

impl Ranks {
    /// For sets on so many places whose ranks fit in 32 bits.
    pub(super) fn new(places: usize) -> Self {
        let mut rows: Vec<Vec<u32>> = vec![vec![1]];
        for p in 1..=places {
            let above = &rows[p - 1];
            let row = (0..=p).map(|k| {
                let left = if k > 0 { above[k - 1] } else { 0 };
                left.saturating_add(above.get(k).copied().unwrap_or(0))
            });
            let row = row.collect();
            rows.push(row);
        }
        Self { rows }
    }

    /// The place of a set among those with as many ones, in ascending order (the combinatorial number system).
    pub(super) fn rank(&self, mut set: u128) -> u32 {
        let mut rank = 0;
        let mut ones = 0;
        while set != 0 {
            let place = set.trailing_zeros() as usize;
            ones += 1;
            rank += self.rows[place].get(ones).copied().unwrap_or(0);
            set &= set - 1;
        }
        rank
    }
}

/// All sets of `ones` among `places` (at most 128) in ascending order.
pub(super) fn sets(places: usize, ones: usize) -> Result<Vec<u128>, SimulatorError> {
    let failed = |bytes| SimulatorError::AllocationFailed {
        what: "a table of combinations",
        bytes,
    };
    let count = choose(places, ones)
        .and_then(|count| usize::try_from(count).ok())
        .ok_or_else(|| failed(usize::MAX))?;
    let mut out = Vec::new();
    out.try_reserve_exact(count)
        .map_err(|_| failed(count.saturating_mul(16)))?;
    if count == 0 {
        return Ok(out);
    }
    let mut set = if ones == 128 {
        u128::MAX
    } else {
        (1u128 << ones) - 1
    };
    out.push(set);
    for _ in 1..count {
        // The next larger number with as many ones (Gosper; Beeler, Gosper, Schroeppel, HAKMEM, item 175).
        let lowest = set & set.wrapping_neg();
        let ripple = set.wrapping_add(lowest);
        set = ripple | ((set ^ ripple) >> 2) >> lowest.trailing_zeros();
        out.push(set);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_count_the_sets_in_ascending_order() {
        let ranks = Ranks::new(11);
        for ones in 0..=11 {
            let all = sets(11, ones).unwrap();
            assert_eq!(all.len() as u128, choose(11, ones).unwrap());
            for (place, &set) in all.iter().enumerate() {
                assert_eq!(set.count_ones() as usize, ones);
                assert_eq!(ranks.rank(set) as usize, place);
            }
        }
        assert_eq!(sets(128, 1).unwrap().last(), Some(&(1 << 127)));
        assert_eq!(sets(3, 4).unwrap(), []);
        assert_eq!(choose(24, 12), Some(2_704_156));
        assert_eq!(choose(500, 250), None);
    }
}
