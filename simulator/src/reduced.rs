//! The state of some qubits when the others are forgotten.
//!
//! The reduced density matrix of a subset A is rho\[i\]\[j\] = sum over the values r of the others of
//! psi(i, r) conj(psi(j, r)). Its purity tr(rho^2) and its entropy -tr(rho log2 rho) measure how much A is entangled with
//! the rest of a pure state (Nielsen and Chuang, Quantum Computation and Quantum Information, 2010, sections 2.4 and
//! 11.3).

use ardea_circuit::{C64, Qubit};
use nalgebra::DMatrix;
use rayon::prelude::*;

use crate::error::SimulatorError;
use crate::kernels::Real;
use crate::memory;
use crate::reduce::wide;
use crate::state::StateVector;

/// Most qubits of a reduced density matrix: its side is 2^12.
const MAX_REDUCED: usize = 12;

/// Tasks that the sum is cut into, whatever the number of threads.
const TASKS: usize = 16;

/// Values of the other qubits that are read together.
const COLUMNS: usize = 64;

impl<T: Real> StateVector<T> {
    /// The reduced density matrix of `qubits`: bit i of a row or column belongs to `qubits[i]`.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] for qubits that do not exist, repeat, or are more than 12;
    /// [`SimulatorError::OutOfMemory`].
    pub fn reduced_density_matrix(&self, qubits: &[Qubit]) -> Result<DMatrix<C64>, SimulatorError> {
        self.check_qubits(qubits)?;
        if qubits.len() > MAX_REDUCED {
            let what = format!(
                "the density matrix of {} qubits is too large; ask for at most {MAX_REDUCED}",
                qubits.len()
            );
            return Err(SimulatorError::BadArgument { what });
        }
        // Idle qubits are |0>: only the rows and columns of the others are not zero.
        let kept: Vec<(usize, u32)> = qubits
            .iter()
            .enumerate()
            .filter_map(|(i, &qubit)| Some((i, self.bit(qubit)?)))
            .collect();
        let side = 1usize << kept.len();
        let tasks = if side <= 64 { TASKS } else { 1 };
        let copies = u32::try_from(2 * tasks + 2).unwrap_or(u32::MAX);
        memory::check::<f64>(2 * qubits.len(), copies, 0, None)?;
        let small = self.partial_trace(&kept, tasks);
        let spread = |value: usize| {
            kept.iter()
                .enumerate()
                .fold(0usize, |index, (k, &(i, _))| index | (value >> k & 1) << i)
        };
        let mut matrix = DMatrix::zeros(1 << qubits.len(), 1 << qubits.len());
        for i in 0..side {
            for j in 0..side {
                let entry = small[i.max(j) * side + i.min(j)];
                matrix[(spread(i), spread(j))] = if i >= j { entry } else { entry.conj() };
            }
        }
        Ok(matrix)
    }

    /// The purity tr(rho^2) of the qubits' reduced state: 1 where they are not entangled with the others, and 2^-k for
    /// k maximally entangled ones.
    ///
    /// # Errors
    /// As [`StateVector::reduced_density_matrix`].
    pub fn purity(&self, qubits: &[Qubit]) -> Result<f64, SimulatorError> {
        let matrix = self.reduced_density_matrix(qubits)?;
        Ok(matrix.iter().map(|entry| entry.norm_sqr()).sum())
    }

    /// The entanglement entropy of the qubits with the others, -tr(rho log2 rho), in bits.
    ///
    /// # Errors
    /// As [`StateVector::reduced_density_matrix`].
    pub fn entropy(&self, qubits: &[Qubit]) -> Result<f64, SimulatorError> {
        let matrix = self.reduced_density_matrix(qubits)?;
        let weights = matrix.symmetric_eigenvalues();
        Ok(weights
            .iter()
            .filter(|&&weight| weight > 0.0)
            .map(|weight| -weight * weight.log2())
            .sum::<f64>()
            .max(0.0))
    }

    /// The lower triangle, row-major, of the matrix of the qubits with these bits.
    fn partial_trace(&self, kept: &[(usize, u32)], tasks: usize) -> Vec<C64> {
        let amplitudes = self.amplitudes();
        let mut sorted: Vec<u32> = kept.iter().map(|&(_, bit)| bit).collect();
        sorted.sort_unstable();
        let side = 1usize << kept.len();
        let places: Vec<usize> = (0..side)
            .map(|value| {
                kept.iter()
                    .enumerate()
                    .fold(0, |index, (k, &(_, bit))| index | (value >> k & 1) << bit)
            })
            .collect();
        let base = |rest: usize| {
            sorted.iter().fold(rest, |index, &bit| {
                let low = index & ((1 << bit) - 1);
                (index - low) << 1 | low
            })
        };
        let others = amplitudes.len() >> kept.len();
        let tasks = tasks.min(others.div_ceil(COLUMNS));
        let share = others.div_ceil(tasks);
        let parts: Vec<Vec<C64>> = (0..tasks)
            .into_par_iter()
            .map(|task| {
                let mut sums = vec![C64::ZERO; side * side];
                let mut columns = vec![C64::ZERO; side * COLUMNS];
                let end = others.min((task + 1) * share);
                let mut first = task * share;
                while first < end {
                    let count = COLUMNS.min(end - first);
                    for k in 0..count {
                        let base = base(first + k);
                        for (row, place) in places.iter().enumerate() {
                            columns[row * COLUMNS + k] = wide(&amplitudes[base | place]);
                        }
                    }
                    for i in 0..side {
                        for j in 0..=i {
                            let a = &columns[i * COLUMNS..i * COLUMNS + count];
                            let b = &columns[j * COLUMNS..j * COLUMNS + count];
                            sums[i * side + j] +=
                                a.iter().zip(b).map(|(a, b)| a * b.conj()).sum::<C64>();
                        }
                    }
                    first += count;
                }
                sums
            })
            .collect();
        let mut total = vec![C64::ZERO; side * side];
        for part in parts {
            total
                .iter_mut()
                .zip(part)
                .for_each(|(to, from)| *to += from);
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use ardea_circuit::Circuit;

    use super::*;

    fn qubits(list: &[usize]) -> Vec<Qubit> {
        list.iter().map(|&qubit| Qubit::new(qubit)).collect()
    }

    fn entangled(width: usize) -> StateVector<f64> {
        let mut circuit = Circuit::new(width, 0);
        for qubit in (0..width).filter(|&qubit| qubit != 2) {
            circuit.ry(0.4 + qubit as f64, qubit).unwrap();
            circuit.rz(1.4 - qubit as f64, qubit).unwrap();
        }
        for (a, b) in [(0, 1), (1, 3), (3, 4), (4, 0)] {
            circuit.cx(a, b).unwrap().crx(0.7, b, a).unwrap();
        }
        StateVector::from_circuit(&circuit).unwrap()
    }

    #[test]
    fn a_reduced_matrix_is_the_sum_over_the_others() {
        let state = entangled(5);
        for list in [
            vec![],
            vec![0],
            vec![3, 1],
            vec![2, 4],
            vec![4, 0, 2, 1],
            vec![0, 1, 2, 3, 4],
        ] {
            let found = state.reduced_density_matrix(&qubits(&list)).unwrap();
            let side = 1usize << list.len();
            let mut expected = DMatrix::zeros(side, side);
            let pick = |index: usize| -> usize {
                list.iter()
                    .enumerate()
                    .map(|(i, &q)| (index >> q & 1) << i)
                    .sum()
            };
            let mask: usize = list.iter().map(|&q| 1 << q).sum();
            for a in 0..32usize {
                for b in (0..32usize).filter(|b| (a ^ b) & !mask == 0) {
                    expected[(pick(a), pick(b))] +=
                        state.amplitude(a as u128) * state.amplitude(b as u128).conj();
                }
            }
            assert!((found - expected).camax() < 1e-14, "{list:?}");
        }
    }

    #[test]
    fn both_halves_of_a_pure_state_have_the_same_entropy_and_purity() {
        let state = entangled(5);
        let (a, b) = (qubits(&[0, 3]), qubits(&[4, 1, 2]));
        assert!((state.entropy(&a).unwrap() - state.entropy(&b).unwrap()).abs() < 1e-12);
        assert!((state.purity(&a).unwrap() - state.purity(&b).unwrap()).abs() < 1e-12);
        assert!(state.entropy(&a).unwrap() > 0.1);
    }

    #[test]
    fn a_bell_pair_has_one_bit_of_entropy() {
        let mut circuit = Circuit::new(3, 0);
        circuit.h(0).unwrap().cx(0, 2).unwrap();
        let state = StateVector::<f32>::from_circuit(&circuit).unwrap();
        assert!((state.entropy(&qubits(&[2])).unwrap() - 1.0).abs() < 1e-6);
        assert!((state.purity(&qubits(&[2])).unwrap() - 0.5).abs() < 1e-6);
        assert!(state.entropy(&qubits(&[1])).unwrap() < 1e-6);
        assert!(state.purity(&qubits(&[5])).is_err());
        assert!(state.purity(&qubits(&[1, 1])).is_err());
    }
}
