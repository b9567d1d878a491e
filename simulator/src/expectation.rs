//! Expectation values of Pauli strings.
//!
//! A string flips the bits of a mask x and gives the sign of the bits in a mask z, with a factor i for each Y:
//! `<P>` = i^|x & z| sum over j of conj(a[j ^ x]) a[j] (-1)^|j & z|. All strings with the same x share one pass over the
//! state, and pairs j, j ^ x are visited once.

use std::collections::BTreeMap;
use std::ops::Add;

use ardea_circuit::PauliString;

use crate::kernels::Real;
use crate::reduce::{sum, wide};
use crate::state::StateVector;

/// Strings that share a pass at most; their sums stay in registers and the first-level cache.
const TOGETHER: usize = 8;

/// The expectation value of each string.
pub(crate) fn of_strings<T: Real>(state: &StateVector<T>, strings: &[&PauliString]) -> Vec<f64> {
    let mut values = vec![0.0; strings.len()];
    let mut by_flip: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    for (i, string) in strings.iter().enumerate() {
        // A flip of a qubit that is |0> leads to an orthogonal state: the value stays 0.
        if let Some((flip, sign)) = masks(state, string) {
            by_flip.entry(flip).or_default().push((i, sign));
        }
    }
    for (flip, members) in by_flip {
        for chunk in members.chunks(TOGETHER) {
            let sums = sum(state.amplitudes().len(), |range| {
                block(state, range, flip, chunk)
            });
            for (&(i, sign), sum) in chunk.iter().zip(sums.0) {
                // i^k with k the number of Y: an even k takes the real part of the pair, an odd k the imaginary.
                let half_turn = (flip & sign).count_ones() % 4 >= 2;
                values[i] = if half_turn { -sum } else { sum };
            }
        }
    }
    values
}

fn masks<T: Real>(state: &StateVector<T>, string: &PauliString) -> Option<(usize, usize)> {
    let (mut flip, mut sign) = (0, 0);
    for (qubit, _) in string.support() {
        let (x, z) = (
            string.x_bits().contains(qubit.index()),
            string.z_bits().contains(qubit.index()),
        );
        match state.bit(qubit) {
            Some(bit) => {
                flip |= usize::from(x) << bit;
                sign |= usize::from(z) << bit;
            }
            None if x => return None,
            None => {} // Z of |0> is 1
        }
    }
    Some((flip, sign))
}

#[derive(Clone, Copy, Default)]
struct Sums([f64; TOGETHER]);

impl Add for Sums {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }
}

fn block<T: Real>(
    state: &StateVector<T>,
    range: std::ops::Range<usize>,
    flip: usize,
    members: &[(usize, usize)],
) -> Sums {
    let amplitudes = state.amplitudes();
    let mut sums = Sums::default();
    let top = if flip == 0 { 0 } else { 1usize << flip.ilog2() };
    for j in range.filter(|j| j & top == 0) {
        // The pair j, j ^ flip contributes z conj' + conj: for even |Y| twice the real part, for odd twice the imaginary.
        let (real, imaginary) = if flip == 0 {
            (wide(&amplitudes[j]).norm_sqr(), 0.0)
        } else {
            let z = wide(&amplitudes[j ^ flip]).conj() * wide(&amplitudes[j]);
            (2.0 * z.re, -2.0 * z.im)
        };
        for (sum, &(_, sign)) in sums.0.iter_mut().zip(members) {
            let value = if (flip & sign).count_ones().is_multiple_of(2) {
                real
            } else {
                imaginary
            };
            *sum += if (j & sign).count_ones().is_multiple_of(2) {
                value
            } else {
                -value
            };
        }
    }
    sums
}
