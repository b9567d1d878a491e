//! A density matrix, and what can be asked of it.

use ardea_circuit::{C64, Qubit, SparsePauliSum};
use nalgebra::DMatrix;
use num_complex::Complex;

use crate::error::SimulatorError;
use crate::kernels::{Buffer, Real};
use crate::memory;
use crate::reduce::{norm_squared, wide};
use crate::state::StateVector;

/// Most qubits of a table of probabilities.
const MAX_MARGINAL: usize = 30;

/// A mixed state in precision `T`. Qubits without gates are |0> and have no entries.
#[derive(Debug)]
pub struct DensityMatrix<T: Real = f64> {
    /// `<r| rho |c>` at r + c 2^n.
    entries: Buffer<Complex<T>>,
    active: Vec<Qubit>,
    num_qubits: usize,
}

impl<T: Real> DensityMatrix<T> {
    pub(super) fn new(entries: Buffer<Complex<T>>, active: &[usize], num_qubits: usize) -> Self {
        Self {
            entries,
            active: active.iter().map(|&qubit| Qubit::new(qubit)).collect(),
            num_qubits,
        }
    }

    /// Number of qubits, idle ones included.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Qubits that have entries, ascending; all others are |0>.
    pub fn active_qubits(&self) -> &[Qubit] {
        &self.active
    }

    /// The matrix on the active qubits, column by column: entry r + c 2^n is `<r| rho |c>`, and bit i of r and c belongs
    /// to `active_qubits()[i]`.
    pub fn entries(&self) -> &[Complex<T>] {
        &self.entries
    }

    /// The trace; 1 up to rounding.
    pub fn trace(&self) -> f64 {
        diagonal(&self.entries, self.active.len()).sum()
    }

    /// Mixes in another state: `(1 - weight) self + weight other`.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] when the states have entries for different qubits, or `weight` is not between 0
    /// and 1.
    pub fn mix(&mut self, other: &Self, weight: f64) -> Result<(), SimulatorError> {
        if self.active != other.active || self.num_qubits != other.num_qubits {
            let what = "only states with entries for the same qubits can be mixed".to_owned();
            return Err(SimulatorError::BadArgument { what });
        }
        if !(0.0..=1.0).contains(&weight) {
            let what = format!("a weight in a mixture lies between 0 and 1, not at {weight}");
            return Err(SimulatorError::BadArgument { what });
        }
        let (keep, add) = (T::from_f64(1.0 - weight), T::from_f64(weight));
        for (a, b) in self.entries.iter_mut().zip(other.entries.iter()) {
            *a = *a * keep + *b * add;
        }
        Ok(())
    }

    /// The purity tr(rho^2): 1 for a pure state, 2^-n for the maximally mixed one.
    pub fn purity(&self) -> f64 {
        norm_squared(&self.entries)
    }

    /// The fidelity <psi| rho |psi> with a pure state of the same qubits.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] when the numbers of qubits differ.
    pub fn fidelity(&self, state: &StateVector<T>) -> Result<f64, SimulatorError> {
        if state.num_qubits() != self.num_qubits {
            let what = format!(
                "a density matrix of {} qubits has no fidelity with a state of {}",
                self.num_qubits,
                state.num_qubits()
            );
            return Err(SimulatorError::BadArgument { what });
        }
        let bits: Vec<Option<u32>> = self.active.iter().map(|&q| state.bit(q)).collect();
        let side = self.side();
        let amplitudes: Vec<C64> = (0..side)
            .map(|index| {
                let mut place = 0usize;
                for (i, bit) in bits.iter().enumerate() {
                    match bit {
                        Some(bit) => place |= (index >> i & 1) << bit,
                        None if index >> i & 1 == 1 => return C64::ZERO,
                        None => {}
                    }
                }
                wide(&state.amplitudes()[place])
            })
            .collect();
        let mut sum = C64::ZERO;
        for (column, psi) in self.entries.chunks(side).zip(&amplitudes) {
            let inner: C64 = column
                .iter()
                .zip(&amplitudes)
                .map(|(z, a)| a.conj() * wide(z))
                .sum();
            sum += inner * psi;
        }
        Ok(sum.re)
    }

    /// The expectation value of a sum of Pauli strings; real for a Hermitian operator up to rounding.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] when the operator has more qubits than the state.
    pub fn expectation(&self, operator: &SparsePauliSum) -> Result<C64, SimulatorError> {
        if operator.num_qubits() > self.num_qubits {
            let what = format!(
                "an operator on {} qubits does not act on a state of {}",
                operator.num_qubits(),
                self.num_qubits
            );
            return Err(SimulatorError::BadArgument { what });
        }
        let mut total = C64::ZERO;
        for (string, coefficient) in operator.terms() {
            let (mut flip, mut sign, mut vanishes) = (0usize, 0usize, false);
            for (qubit, _) in string.support() {
                let x = string.x_bits().contains(qubit.index());
                let z = string.z_bits().contains(qubit.index());
                match self.bit(qubit) {
                    Some(bit) => {
                        flip |= usize::from(x) << bit;
                        sign |= usize::from(z) << bit;
                    }
                    None => vanishes |= x, // a flipped |0> is orthogonal to it
                }
            }
            if !vanishes {
                total += coefficient * self.masked_trace(flip, sign);
            }
        }
        Ok(total)
    }

    /// tr(P rho) for the Pauli string that flips the bits `flip` and gives the sign of the bits `sign`.
    fn masked_trace(&self, flip: usize, sign: usize) -> C64 {
        let side = self.side();
        let sum: C64 = (0..side)
            .map(|j| {
                let z = wide(&self.entries[j + (j ^ flip) * side]);
                if (j & sign).count_ones().is_multiple_of(2) {
                    z
                } else {
                    -z
                }
            })
            .sum();
        sum * C64::I.powu((flip & sign).count_ones())
    }

    /// The probabilities of all values of `qubits`, whatever the others are: entry i belongs to the value whose bit j
    /// is that of `qubits[j]`.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] for qubits that do not exist, repeat, or are more than 30.
    pub fn probabilities(&self, qubits: &[Qubit]) -> Result<Vec<f64>, SimulatorError> {
        self.check_qubits(qubits)?;
        if qubits.len() > MAX_MARGINAL {
            let what = format!(
                "a table of {} qubits is too large; ask for at most {MAX_MARGINAL}",
                qubits.len()
            );
            return Err(SimulatorError::BadArgument { what });
        }
        let bits: Vec<Option<u32>> = qubits.iter().map(|&qubit| self.bit(qubit)).collect();
        let mut table = vec![0.0; 1 << qubits.len()];
        for (index, p) in diagonal(&self.entries, self.active.len()).enumerate() {
            let value: usize = bits
                .iter()
                .enumerate()
                .map(|(i, bit)| bit.map_or(0, |bit| (index >> bit & 1) << i))
                .sum();
            table[value] += p;
        }
        Ok(table)
    }

    /// The reduced density matrix of `qubits`, whatever the others are; bit i of its indices belongs to `qubits[i]`.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] for qubits that do not exist or repeat, [`SimulatorError::OutOfMemory`] when the
    /// matrix does not fit.
    pub fn reduced(&self, qubits: &[Qubit]) -> Result<DMatrix<C64>, SimulatorError> {
        self.check_qubits(qubits)?;
        memory::check::<f64>(2 * qubits.len(), 1, 0, None)?;
        let side = 1usize << qubits.len();
        let bits: Vec<Option<u32>> = qubits.iter().map(|&qubit| self.bit(qubit)).collect();
        // For each value its place in an index, or nothing where it sets a qubit that is |0>.
        let places: Vec<Option<usize>> = (0..side)
            .map(|value| {
                bits.iter()
                    .enumerate()
                    .try_fold(0, |place, (i, bit)| match bit {
                        Some(bit) => Some(place | (value >> i & 1) << bit),
                        None => (value >> i & 1 == 0).then_some(place),
                    })
            })
            .collect();
        let kept: usize = bits.iter().flatten().map(|bit| 1usize << bit).sum();
        let others: Vec<usize> = (0..self.side()).filter(|index| index & kept == 0).collect();
        let mut matrix = DMatrix::zeros(side, side);
        for (row, to) in places.iter().enumerate() {
            for (column, from) in places.iter().enumerate() {
                if let (Some(to), Some(from)) = (to, from) {
                    let entry = |rest: &usize| {
                        wide(&self.entries[(to | rest) + (from | rest) * self.side()])
                    };
                    matrix[(row, column)] = others.iter().map(entry).sum();
                }
            }
        }
        Ok(matrix)
    }

    fn side(&self) -> usize {
        1 << self.active.len()
    }

    fn bit(&self, qubit: Qubit) -> Option<u32> {
        self.active.binary_search(&qubit).ok().map(|bit| bit as u32)
    }

    fn check_qubits(&self, qubits: &[Qubit]) -> Result<(), SimulatorError> {
        let mut sorted = qubits.to_vec();
        sorted.sort_unstable();
        let repeated = sorted.windows(2).find(|pair| pair[0] == pair[1]);
        let what = match (sorted.last(), repeated) {
            (Some(qubit), _) if qubit.index() >= self.num_qubits => {
                let have = self.num_qubits;
                format!("there is no qubit {}: the state has {have}", qubit.index())
            }
            (_, Some(pair)) => format!("qubit {} is listed twice", pair[0].index()),
            _ => return Ok(()),
        };
        Err(SimulatorError::BadArgument { what })
    }
}

/// The probabilities of the basis states.
pub(super) fn diagonal<T: Real>(
    entries: &[Complex<T>],
    qubits: usize,
) -> impl Iterator<Item = f64> + '_ {
    (0..1usize << qubits).map(move |i| entries[i + (i << qubits)].re.as_f64())
}

/// The probabilities of 0 and 1 on a qubit, as they are where the trace is not 1.
pub(super) fn weights<T: Real>(entries: &[Complex<T>], qubits: usize, qubit: u32) -> (f64, f64) {
    let mut sums = [0.0; 2];
    for (index, p) in diagonal(entries, qubits).enumerate() {
        sums[index >> qubit & 1] += p.max(0.0);
    }
    (sums[0], sums[1])
}
