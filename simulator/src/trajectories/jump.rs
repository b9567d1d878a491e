//! Which jump happens: the weights of a channel's Kraus operators on a state.

use std::ops::Add;

use ardea_circuit::C64;
use nalgebra::DMatrix;
use num_complex::{Complex, Complex64};

use crate::kernels::Real;
use crate::reduce::{sum, wide};

/// The reduced density matrix of one or two qubits of an unnormalised state, with room for two.
#[derive(Clone, Copy, Default)]
struct Reduced([Complex64; 16]);

impl Add for Reduced {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }
}

/// The density matrix of `qubits` (one or two), whatever the others are; its trace is the state's squared norm.
pub(super) fn reduced<T: Real>(state: &[Complex<T>], qubits: &[u32]) -> DMatrix<C64> {
    let side = 1usize << qubits.len();
    let mask: usize = qubits.iter().map(|&qubit| 1usize << qubit).sum();
    let places: Vec<usize> = (0..side)
        .map(|value| {
            let bit = |(i, &qubit): (usize, &u32)| (value >> i & 1) << qubit;
            qubits.iter().enumerate().map(bit).sum()
        })
        .collect();
    let Reduced(entries) = sum(state.len(), |range| {
        let mut out = Reduced::default();
        for base in range.filter(|base| base & mask == 0) {
            for (row, &to) in places.iter().enumerate() {
                let z = wide(&state[base | to]);
                for (column, &from) in places.iter().enumerate().take(row + 1) {
                    out.0[row * 4 + column] += z * wide(&state[base | from]).conj();
                }
            }
        }
        out
    });
    DMatrix::from_fn(side, side, |row, column| {
        if row >= column {
            entries[row * 4 + column]
        } else {
            entries[column * 4 + row].conj()
        }
    })
}

/// The squared norm that `operator` leaves of a state with this reduced density matrix.
pub(super) fn weight(operator: &DMatrix<C64>, density: &DMatrix<C64>) -> f64 {
    (operator * density * operator.adjoint())
        .trace()
        .re
        .max(0.0)
}

/// The index that a uniform number in [0, 1) picks by weight; `None` when all weights are 0.
pub(super) fn pick(weights: &[f64], uniform: f64) -> Option<usize> {
    let mut rest = uniform * weights.iter().sum::<f64>();
    for (i, &weight) in weights.iter().enumerate() {
        if rest < weight {
            return Some(i);
        }
        rest -= weight;
    }
    weights.iter().rposition(|&weight| weight > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reduced_state_is_the_partial_trace() {
        let qubits = 13u32;
        let state: Vec<Complex64> = (0..1 << qubits)
            .map(|i| Complex64::new(f64::from(i % 7) - 2.0, f64::from(i % 5)))
            .collect();
        for pair in [[0u32, 12], [12, 5], [3, 4]] {
            let found = reduced(&state, &pair);
            let value = |i: usize| (i >> pair[0] & 1) | (i >> pair[1] & 1) << 1;
            let rest = |i: usize| i & !(1 << pair[0] | 1 << pair[1]);
            let mut expected = DMatrix::<C64>::zeros(4, 4);
            for i in 0..state.len() {
                for j in 0..4usize {
                    let other = rest(i) | (j & 1) << pair[0] | (j >> 1) << pair[1];
                    expected[(value(i), j)] += state[i] * state[other].conj();
                }
            }
            assert!((found - &expected).norm() < 1e-9 * expected.norm());
        }
    }

    #[test]
    fn picks_follow_the_weights_and_never_take_an_impossible_one() {
        assert_eq!(pick(&[0.0, 2.0, 2.0, 0.0], 0.0), Some(1));
        assert_eq!(pick(&[0.0, 2.0, 2.0, 0.0], 0.5), Some(2));
        assert_eq!(pick(&[0.0, 2.0, 2.0, 0.0], 0.999_999), Some(2));
        assert_eq!(pick(&[0.0, 0.0], 0.3), None);
    }
}
