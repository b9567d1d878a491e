//! The state of some qubits, and what can be asked of it.
//!
//! Qubits that a circuit never touched are |0> and have no amplitudes here; questions are asked in the circuit's own
//! numbering all the same.

use ardea_circuit::{Circuit, PauliString, Qubit, SparsePauliSum};
use num_complex::{Complex, Complex64};
use rayon::prelude::*;

use crate::engine::statevector;
use crate::error::SimulatorError;
use crate::expectation;
use crate::kernels::{Buffer, Real, Width};
use crate::memory;
use crate::operator::Operator;
use crate::options::SimOptions;
use crate::reduce;

/// Most qubits of one table of probabilities.
const MAX_MARGINAL: usize = 30;

/// A pure state in precision `T`.
#[derive(Debug)]
pub struct StateVector<T: Real = f64> {
    amplitudes: Buffer<Complex<T>>,
    /// Qubits that have amplitudes, ascending: bit i of an index belongs to `active[i]`.
    active: Vec<Qubit>,
    num_qubits: usize,
}

impl<T: Real> StateVector<T> {
    /// The state |0...0>.
    ///
    /// # Errors
    /// [`SimulatorError::OutOfMemory`].
    pub fn zero(num_qubits: usize) -> Result<Self, SimulatorError> {
        memory::check::<T>(num_qubits, 1, 0, None)?;
        let mut amplitudes = Buffer::zeroed(1 << num_qubits, "the state")?;
        amplitudes[0] = Complex::new(T::one(), T::ZERO);
        Ok(Self {
            amplitudes,
            active: (0..num_qubits).map(Qubit::new).collect(),
            num_qubits,
        })
    }

    /// The state that `circuit` makes of |0...0>.
    ///
    /// # Errors
    /// As [`statevector`].
    pub fn from_circuit(circuit: &Circuit) -> Result<Self, SimulatorError> {
        statevector(circuit, &SimOptions::default())
    }

    /// The state with these amplitudes, 2^n of them, finite and of norm 1.
    ///
    /// # Errors
    /// [`SimulatorError::BadInitialState`] or [`SimulatorError::OutOfMemory`].
    pub fn from_amplitudes(amplitudes: &[Complex<T>]) -> Result<Self, SimulatorError> {
        let num_qubits = check_amplitudes(amplitudes)?;
        let mut state = Self::zero(num_qubits)?;
        state.amplitudes.copy_from_slice(amplitudes);
        Ok(state)
    }

    pub(crate) fn new(amplitudes: Buffer<Complex<T>>, active: &[usize], num_qubits: usize) -> Self {
        Self {
            amplitudes,
            active: active.iter().map(|&qubit| Qubit::new(qubit)).collect(),
            num_qubits,
        }
    }

    /// The amplitudes of the active qubits, to be changed.
    pub(crate) fn into_amplitudes(self) -> Buffer<Complex<T>> {
        self.amplitudes
    }

    pub(crate) fn amplitudes_mut(&mut self) -> &mut [Complex<T>] {
        &mut self.amplitudes
    }

    /// Divides by the norm, where it is this near to 1.
    pub(crate) fn rescale(&mut self, tolerance: f64) {
        let norm = self.norm();
        if (norm - 1.0).abs() < tolerance {
            let factor = T::from_f64(1.0 / norm);
            self.amplitudes.iter_mut().for_each(|z| *z *= factor);
        }
    }

    /// The state itself, where its amplitudes are finite and of norm 1.
    pub(crate) fn checked(self) -> Result<Self, SimulatorError> {
        check_amplitudes(&self.amplitudes)?;
        Ok(self)
    }

    /// Number of qubits, idle ones included.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Qubits that have amplitudes, ascending; all others are |0>.
    pub fn active_qubits(&self) -> &[Qubit] {
        &self.active
    }

    /// Whether every qubit has amplitudes.
    pub fn is_full(&self) -> bool {
        self.active.len() == self.num_qubits
    }

    /// Amplitudes of the active qubits: bit i of the index belongs to `active_qubits()[i]`.
    pub fn amplitudes(&self) -> &[Complex<T>] {
        &self.amplitudes
    }

    /// The amplitude of a basis state of all qubits; bit q of `basis` belongs to qubit q.
    pub fn amplitude(&self, basis: u128) -> Complex<T> {
        let mut rest = basis;
        let mut index = 0usize;
        for (i, qubit) in self
            .active
            .iter()
            .enumerate()
            .filter(|(_, qubit)| qubit.index() < 128)
        {
            index |= ((basis >> qubit.index() & 1) as usize) << i;
            rest &= !(1 << qubit.index());
        }
        if rest == 0 {
            self.amplitudes[index]
        } else {
            Complex::new(T::ZERO, T::ZERO)
        }
    }

    /// The same state with amplitudes for every qubit, so that `amplitudes()` is indexed by basis states.
    ///
    /// # Errors
    /// [`SimulatorError::OutOfMemory`] when they do not fit.
    pub fn into_full(self) -> Result<Self, SimulatorError> {
        if self.is_full() {
            return Ok(self);
        }
        let mut full = Self::zero(self.num_qubits)?;
        full.amplitudes[0] = Complex::new(T::ZERO, T::ZERO);
        for (i, &amplitude) in self.amplitudes.iter().enumerate() {
            let index: usize = self
                .active
                .iter()
                .enumerate()
                .map(|(bit, qubit)| (i >> bit & 1) << qubit.index())
                .sum();
            full.amplitudes[index] = amplitude;
        }
        Ok(full)
    }

    /// A copy of the state.
    ///
    /// # Errors
    /// [`SimulatorError::OutOfMemory`] or [`SimulatorError::AllocationFailed`].
    pub fn try_clone(&self) -> Result<Self, SimulatorError> {
        memory::check::<T>(self.active.len(), 1, 0, None)?;
        let amplitudes = self.amplitudes.try_clone("a copy of the state")?;
        Ok(Self {
            amplitudes,
            active: self.active.clone(),
            num_qubits: self.num_qubits,
        })
    }

    /// The norm; 1 up to rounding.
    pub fn norm(&self) -> f64 {
        reduce::norm_squared(&self.amplitudes).sqrt()
    }

    /// The probability that a measurement of `qubit` gives 1.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] for a qubit that does not exist.
    pub fn probability_of_one(&self, qubit: Qubit) -> Result<f64, SimulatorError> {
        self.check_qubits(&[qubit])?;
        Ok(match self.bit(qubit) {
            Some(bit) => reduce::qubit_weights(&self.amplitudes, bit).1,
            None => 0.0,
        })
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
        let value = |index: usize| -> usize {
            bits.iter()
                .enumerate()
                .map(|(i, bit)| bit.map_or(0, |bit| (index >> bit & 1) << i))
                .sum()
        };
        // Tasks of a fixed number, so that the order of additions does not depend on the threads.
        let tasks = if qubits.len() <= 10 {
            self.amplitudes.len().div_ceil(1 << 16).min(64)
        } else {
            1
        };
        let step = self.amplitudes.len().div_ceil(tasks);
        let tables: Vec<Vec<f64>> = (0..tasks)
            .into_par_iter()
            .map(|task| {
                let mut table = vec![0.0; 1 << qubits.len()];
                let range = task * step..self.amplitudes.len().min((task + 1) * step);
                range.for_each(|index| {
                    table[value(index)] += reduce::wide(&self.amplitudes[index]).norm_sqr()
                });
                table
            })
            .collect();
        let add = |mut a: Vec<f64>, b: Vec<f64>| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
            a
        };
        Ok(tables.into_iter().reduce(add).unwrap_or_default())
    }

    /// The inner product <self|other>.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] when the numbers of qubits differ.
    pub fn inner_product(&self, other: &Self) -> Result<Complex64, SimulatorError> {
        if self.num_qubits != other.num_qubits {
            let what = format!(
                "states of {} and {} qubits have no inner product",
                self.num_qubits, other.num_qubits
            );
            return Err(SimulatorError::BadArgument { what });
        }
        if self.active == other.active {
            return Ok(reduce::inner_product(&self.amplitudes, &other.amplitudes));
        }
        // Only basis states that are 0 outside both sets of active qubits contribute.
        let common: Vec<(u32, u32)> = self
            .active
            .iter()
            .filter_map(|&qubit| Some((self.bit(qubit)?, other.bit(qubit)?)))
            .collect();
        let sum = reduce::sum(1 << common.len(), |range| {
            range
                .map(|i| {
                    let (mut a, mut b) = (0usize, 0usize);
                    for (bit, &(in_a, in_b)) in common.iter().enumerate() {
                        a |= (i >> bit & 1) << in_a;
                        b |= (i >> bit & 1) << in_b;
                    }
                    reduce::wide(&self.amplitudes[a]).conj() * reduce::wide(&other.amplitudes[b])
                })
                .sum::<Complex64>()
        });
        Ok(sum)
    }

    /// The expectation value of a Pauli string.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] when the string has more qubits than the state.
    pub fn expectation_of(&self, string: &PauliString) -> Result<f64, SimulatorError> {
        self.check_width(string.num_qubits())?;
        Ok(expectation::of_strings(self, &[string])[0])
    }

    /// The expectation value of a sum of Pauli strings; real for a Hermitian operator up to an exact zero.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] when the operator has more qubits than the state.
    pub fn expectation(&self, operator: &SparsePauliSum) -> Result<Complex64, SimulatorError> {
        self.check_width(operator.num_qubits())?;
        let (value, _) = Operator::new(operator, |qubit| self.bit(qubit), Width::detect())
            .moments(&self.amplitudes);
        Ok(real_if(operator.is_hermitian(), value))
    }

    /// The variance of a Hermitian operator: `<O^2> - <O>^2`.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] when the operator has more qubits than the state or is not Hermitian.
    pub fn variance(&self, operator: &SparsePauliSum) -> Result<f64, SimulatorError> {
        self.check_width(operator.num_qubits())?;
        if !operator.is_hermitian() {
            let what = "the variance of an operator that is not Hermitian is not defined; \
                        use the variances of its Hermitian parts";
            return Err(SimulatorError::BadArgument {
                what: what.to_owned(),
            });
        }
        let operator = Operator::new(operator, |qubit| self.bit(qubit), Width::detect());
        let (value, square) = operator.moments(&self.amplitudes);
        Ok((square - value.re * value.re).max(0.0))
    }

    /// The bit of an amplitude's index that belongs to a qubit, or `None` for an idle one.
    pub(crate) fn bit(&self, qubit: Qubit) -> Option<u32> {
        self.active.binary_search(&qubit).ok().map(|bit| bit as u32)
    }

    fn check_width(&self, num_qubits: usize) -> Result<(), SimulatorError> {
        if num_qubits <= self.num_qubits {
            return Ok(());
        }
        let what = format!(
            "an operator on {num_qubits} qubits does not act on a state of {}",
            self.num_qubits
        );
        Err(SimulatorError::BadArgument { what })
    }

    pub(crate) fn check_qubits(&self, qubits: &[Qubit]) -> Result<(), SimulatorError> {
        let mut sorted = qubits.to_vec();
        sorted.sort_unstable();
        let problem =
            if let Some(qubit) = qubits.iter().find(|qubit| qubit.index() >= self.num_qubits) {
                format!(
                    "there is no qubit {}: the state has {}",
                    qubit.index(),
                    self.num_qubits
                )
            } else if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
                format!("qubit {} is listed twice", pair[0].index())
            } else {
                return Ok(());
            };
        Err(SimulatorError::BadArgument { what: problem })
    }
}

/// A value whose imaginary part is rounding where it is known to be real.
fn real_if(real: bool, value: Complex64) -> Complex64 {
    if real {
        Complex64::new(value.re, 0.0)
    } else {
        value
    }
}

/// The number of qubits of amplitudes that are a state: 2^n of them, finite, of norm 1.
pub(crate) fn check_amplitudes<T: Real>(
    amplitudes: &[Complex<T>],
) -> Result<usize, SimulatorError> {
    let bad = |problem: String| Err(SimulatorError::BadInitialState { problem });
    if !amplitudes.len().is_power_of_two() {
        return bad(format!(
            "has {} amplitudes, which is no power of two",
            amplitudes.len()
        ));
    }
    if let Some(index) = amplitudes
        .iter()
        .position(|z| !z.re.is_finite() || !z.im.is_finite())
    {
        return bad(format!(
            "has an amplitude that is not finite, at index {index}"
        ));
    }
    let norm = reduce::norm_squared(amplitudes).sqrt();
    let tolerance = if size_of::<T>() == 8 { 1e-8 } else { 1e-4 };
    if (norm - 1.0).abs() > tolerance {
        return bad(format!(
            "has norm {norm} instead of 1 (tolerance {tolerance:.0e}); divide by the norm first"
        ));
    }
    Ok(amplitudes.len().trailing_zeros() as usize)
}
