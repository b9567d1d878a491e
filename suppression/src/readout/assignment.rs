//! The assignment matrix of the observed outcomes: the probability of reading one when another was true.
//!
//! With independent errors the entry of two outcomes is a product over bits. Scaled so that the diagonal is 1 only the bits
//! in which the two differ are left: R[read, true] = product of p / (1 - p) over them. The columns of the true matrix add
//! up to 1 over all 2^n outcomes; over those that were observed they are made to, so it is R with each column divided by
//! its sum, and the probability of no error at all, which underflows for many bits, never appears.
//!
//! Up to a few thousand outcomes all entries are stored. Beyond, those below [`SMALLEST`] divided by the number of outcomes
//! are left out: all of a column together are nothing beside the statistics of any experiment. Where the rest fits, it is
//! stored; where not, it is computed anew with each product, two words of bits against each other at a time.

use ardea_circuit::Clbit;
use ardea_simulator::Outcome;
use rayon::prelude::*;
use smallvec::SmallVec;

use super::errors::BitErrors;

/// Sum of the entries of a column that may be left out where there are many.
const SMALLEST: f64 = 1e-4;

/// The same where there are few: beyond this, nothing would change a bit.
const SMALLEST_OF_FEW: f64 = 1e-15;

/// Stored entries at most, 12 bytes each.
const MOST_STORED: usize = 24_000_000;

/// Rows that one thread takes at a time.
const BLOCK: usize = 64;

/// The matrix R over N outcomes.
#[derive(Debug)]
pub(super) struct Assignment {
    words: usize,
    /// N times `words` words.
    strings: Vec<u64>,
    /// For each bit, p / (1 - p) of reading it wrongly when it is 0, and when it is 1.
    ratios: Vec<[f64; 2]>,
    least: f64,
    /// Outcomes that differ in more bits have no entry.
    reach: u32,
    stored: Option<Vec<Vec<Entry>>>,
}

/// An entry off the diagonal and its mirror image.
#[derive(Clone, Copy, Debug)]
struct Entry {
    other: u32,
    /// R[this, other].
    here: f32,
    /// R[other, this].
    there: f32,
}

/// Which of R and its transpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Plain,
    Transposed,
}

impl Assignment {
    /// The matrix over these outcomes, whose bits are misread with `errors` (below one half each).
    pub(super) fn new(outcomes: &[&Outcome], errors: &[BitErrors]) -> Self {
        let words = errors.len().div_ceil(64).max(1);
        let mut strings = vec![0u64; outcomes.len() * words];
        for (outcome, string) in outcomes.iter().zip(strings.chunks_mut(words)) {
            for bit in (0..errors.len()).filter(|&bit| outcome.get(Clbit::new(bit))) {
                string[bit / 64] |= 1 << (bit % 64);
            }
        }
        let ratio = |p: f64| p / (1.0 - p);
        let ratios: Vec<[f64; 2]> = errors
            .iter()
            .map(|e| [ratio(e.one_of_zero), ratio(e.zero_of_one)])
            .collect();
        let smallest = if outcomes.len().saturating_mul(outcomes.len()) <= MOST_STORED {
            SMALLEST_OF_FEW
        } else {
            SMALLEST
        };
        let least = smallest / outcomes.len().max(1) as f64;
        let mut out = Self {
            words,
            strings,
            reach: reach(&ratios, least),
            ratios,
            least,
            stored: None,
        };
        out.stored = out.entries();
        out
    }

    pub(super) fn len(&self) -> usize {
        self.strings.len() / self.words
    }

    /// The sum of each column.
    pub(super) fn column_sums(&self) -> Vec<f64> {
        self.times(Side::Transposed, &vec![1.0; self.len()])
    }

    /// R or its transpose times a vector; the same on any number of threads.
    pub(super) fn times(&self, side: Side, vector: &[f64]) -> Vec<f64> {
        let row = |i: usize| {
            let mut sum = vector[i];
            let mut add = |entry: Entry| {
                let weight = match side {
                    Side::Plain => entry.here,
                    Side::Transposed => entry.there,
                };
                sum += f64::from(weight) * vector[entry.other as usize];
            };
            match &self.stored {
                Some(rows) => rows[i].iter().for_each(|&entry| add(entry)),
                None => self.each_entry(i, &mut add),
            }
            sum
        };
        (0..self.len())
            .into_par_iter()
            .with_min_len(BLOCK)
            .map(row)
            .collect()
    }

    /// The sum over all entries R[read, true] off the diagonal of `factor(read, true)` times their derivative by each bit's
    /// probability of being read 1 when it is 0, and 0 when it is 1. The same on any number of threads.
    pub(super) fn derivatives(&self, factor: impl Fn(usize, usize) -> f64 + Sync) -> Vec<[f64; 2]> {
        let rows: Vec<usize> = (0..self.len()).collect();
        let of_rows = |rows: &[usize]| {
            let mut sums = vec![[0.0; 2]; self.ratios.len()];
            for &i in rows {
                let mut add = |entry: Entry| {
                    let j = entry.other as usize;
                    let share = factor(i, j) * f64::from(entry.here);
                    self.each_difference(i, j, |bit, actual| {
                        // An entry is a product of ratios p / (1 - p).
                        let ratio = self.ratios[bit][actual];
                        if ratio > 0.0 {
                            sums[bit][actual] += share / ratio * (1.0 + ratio).powi(2);
                        }
                    });
                };
                match &self.stored {
                    Some(rows) => rows[i].iter().for_each(|&entry| add(entry)),
                    None => self.each_entry(i, &mut add),
                }
            }
            sums
        };
        let parts: Vec<Vec<[f64; 2]>> = rows.par_chunks(BLOCK).map(of_rows).collect();
        let mut out = vec![[0.0; 2]; self.ratios.len()];
        for part in parts {
            for (total, share) in out.iter_mut().zip(part) {
                total[0] += share[0];
                total[1] += share[1];
            }
        }
        out
    }

    /// The bits in which the outcome `read` differs from `actual`, with their true value.
    fn each_difference(&self, read: usize, actual: usize, mut visit: impl FnMut(usize, usize)) {
        let string = |k: usize| &self.strings[k * self.words..(k + 1) * self.words];
        for (word, (a, b)) in string(read).iter().zip(string(actual)).enumerate() {
            let mut differ = a ^ b;
            while differ != 0 {
                let place = differ.trailing_zeros();
                differ &= differ - 1;
                visit(64 * word + place as usize, (b >> place & 1) as usize);
            }
        }
    }

    /// R or its transpose, written out.
    pub(super) fn dense(&self, side: Side) -> nalgebra::DMatrix<f64> {
        let mut matrix = nalgebra::DMatrix::identity(self.len(), self.len());
        for i in 0..self.len() {
            self.each_entry(i, &mut |entry| {
                let place = match side {
                    Side::Plain => (i, entry.other as usize),
                    Side::Transposed => (entry.other as usize, i),
                };
                matrix[place] = f64::from(entry.here);
            });
        }
        matrix
    }

    /// All entries off the diagonal, row by row; `None` where there are too many. A sample of the rows says beforehand
    /// where that is clear.
    fn entries(&self) -> Option<Vec<Vec<Entry>>> {
        let count = |i: usize| {
            let mut count = 0;
            self.each_entry(i, &mut |_| count += 1);
            count
        };
        let step = self.len().div_ceil(256).max(1);
        let sample: Vec<usize> = (0..self.len()).step_by(step).map(count).collect();
        let expected = sample.iter().sum::<usize>() * step;
        if expected > MOST_STORED {
            return None;
        }
        let row = |i: usize| {
            let mut row = Vec::new();
            self.each_entry(i, &mut |entry| row.push(entry));
            row
        };
        let rows = (0..self.len()).into_par_iter().with_min_len(BLOCK).map(row);
        Some(rows.collect())
    }

    /// The entries of a row off the diagonal, in the order of columns.
    fn each_entry(&self, i: usize, visit: &mut impl FnMut(Entry)) {
        match self.words {
            1 => self.each_entry_of::<1>(i, visit),
            2 => self.each_entry_of::<2>(i, visit),
            3 => self.each_entry_of::<3>(i, visit),
            _ => self.each_entry_of::<0>(i, visit),
        }
    }

    /// The same with the number of words known to the compiler, or 0 for any.
    fn each_entry_of<const WORDS: usize>(&self, i: usize, visit: &mut impl FnMut(Entry)) {
        let words = if WORDS == 0 { self.words } else { WORDS };
        let own = &self.strings[i * words..(i + 1) * words];
        for (j, other) in self.strings.chunks_exact(words).enumerate() {
            let distance: u32 = own
                .iter()
                .zip(other)
                .map(|(a, b)| (a ^ b).count_ones())
                .sum();
            if distance == 0 || distance > self.reach {
                continue;
            }
            if let Some((here, there)) = self.product(own, other) {
                visit(Entry {
                    other: j as u32,
                    here: here as f32,
                    there: there as f32,
                });
            }
        }
    }

    /// The entries for reading `own` when `other` is true, and the other way round; `None` where both are too small.
    fn product(&self, own: &[u64], other: &[u64]) -> Option<(f64, f64)> {
        let (mut here, mut there) = (1.0, 1.0);
        for (word, (a, b)) in own.iter().zip(other).enumerate() {
            let mut differ = a ^ b;
            while differ != 0 {
                let place = differ.trailing_zeros();
                differ &= differ - 1;
                let ratio = &self.ratios[64 * word + place as usize];
                let other_is_one = (b >> place & 1) as usize;
                here *= ratio[other_is_one];
                there *= ratio[1 - other_is_one];
                if here < self.least && there < self.least {
                    return None;
                }
            }
        }
        Some((here, there))
    }
}

/// In how many bits two outcomes can differ before their entries are certain to be too small.
fn reach(ratios: &[[f64; 2]], least: f64) -> u32 {
    let mut largest: SmallVec<[f64; 128]> = ratios.iter().map(|r| r[0].max(r[1])).collect();
    largest.sort_by(|a, b| b.total_cmp(a));
    let mut product = 1.0;
    for (distance, ratio) in largest.iter().enumerate() {
        product *= ratio;
        if product < least {
            return distance as u32;
        }
    }
    ratios.len() as u32
}
