//! The channels that everybody uses. Parameters follow Qiskit Aer where it has the channel.

use ardea_circuit::{C64, Pauli, PauliString, Qubit};
use nalgebra::DMatrix;

use super::convert::pauli_matrix;
use super::{Channel, bad, check_width};
use crate::error::SimulatorError;

impl Channel {
    /// With probability `p` the state is forgotten and replaced by the maximally mixed one:
    /// `rho -> (1 - p) rho + p I / 2^n`. `p` may reach `4^n / (4^n - 1)`, where every Pauli but the identity is left.
    ///
    /// # Errors
    /// [`SimulatorError::BadChannel`] for `p` out of range or other than 1 or 2 qubits.
    pub fn depolarizing(p: f64, num_qubits: usize) -> Result<Self, SimulatorError> {
        check_width(num_qubits)?;
        let paulis = 1usize << (2 * num_qubits);
        let limit = paulis as f64 / (paulis - 1) as f64;
        if !(0.0..=limit).contains(&p) {
            return bad(format!(
                "a depolarizing strength on {num_qubits} qubits lies between 0 and {limit:.4}, and {p} does not"
            ));
        }
        let each = p / paulis as f64;
        let terms = (0..paulis)
            .map(|i| {
                let rest = (1.0 - each * (paulis - 1) as f64).max(0.0);
                (
                    if i == 0 { rest } else { each },
                    pauli_matrix(i, num_qubits),
                )
            })
            .collect();
        Self::mixed_unitary(terms)
    }

    /// Pauli strings with probabilities; the identity takes what is left.
    ///
    /// # Errors
    /// [`SimulatorError::BadChannel`] when the strings have different numbers of qubits or are not on 1 or 2, when a
    /// probability is no probability, or when they add up to more than 1.
    pub fn pauli(terms: &[(PauliString, f64)]) -> Result<Self, SimulatorError> {
        let num_qubits = terms.first().map_or(1, |(string, _)| string.num_qubits());
        check_width(num_qubits)?;
        if let Some((string, _)) = terms.iter().find(|(s, _)| s.num_qubits() != num_qubits) {
            return bad(format!(
                "its Pauli strings have {num_qubits} and {} qubits; write all of them on the same qubits",
                string.num_qubits()
            ));
        }
        if let Some((_, p)) = terms.iter().find(|(_, p)| !(0.0..=1.0).contains(p)) {
            return bad(format!(
                "{p} is no probability; give numbers between 0 and 1"
            ));
        }
        let mut probabilities = vec![0.0; 1 << (2 * num_qubits)];
        for (string, p) in terms {
            probabilities[index_of(string)] += p;
        }
        let errors: f64 = probabilities[1..].iter().sum();
        let total = errors + probabilities[0];
        if total > 1.0 + super::TRACE_TOLERANCE {
            return bad(format!("its probabilities add up to {total}, more than 1"));
        }
        probabilities[0] = (1.0 - errors).max(0.0);
        let terms = probabilities
            .into_iter()
            .enumerate()
            .map(|(i, p)| (p, pauli_matrix(i, num_qubits)))
            .collect();
        Self::mixed_unitary(terms)
    }

    /// An X with probability `p`.
    ///
    /// # Errors
    /// [`SimulatorError::BadChannel`] when `p` is no probability.
    pub fn bit_flip(p: f64) -> Result<Self, SimulatorError> {
        one_pauli(1, p)
    }

    /// A Z with probability `p`.
    ///
    /// # Errors
    /// [`SimulatorError::BadChannel`] when `p` is no probability.
    pub fn phase_flip(p: f64) -> Result<Self, SimulatorError> {
        one_pauli(3, p)
    }

    /// Decay of |1> to |0> with probability `gamma`.
    ///
    /// # Errors
    /// [`SimulatorError::BadChannel`] when `gamma` is no probability.
    pub fn amplitude_damping(gamma: f64) -> Result<Self, SimulatorError> {
        check_probability(gamma)?;
        Self::relaxation_of(gamma, 0.0, (1.0 - gamma).sqrt())
    }

    /// Coherences shrink by `sqrt(1 - lambda)`, populations stay.
    ///
    /// # Errors
    /// [`SimulatorError::BadChannel`] when `lambda` is no probability.
    pub fn phase_damping(lambda: f64) -> Result<Self, SimulatorError> {
        check_probability(lambda)?;
        one_pauli(3, (1.0 - (1.0 - lambda).sqrt()) / 2.0)
    }

    /// Idling for `time` seconds with relaxation time `t1` and coherence time `t2` (seconds; infinite where nothing
    /// decays) towards a state whose excited population is `excited`.
    ///
    /// Populations approach equilibrium as exp(-t/T1), coherences shrink as exp(-t/T2).
    ///
    /// # Errors
    /// [`SimulatorError::BadChannel`] for times that are not positive, a negative `time`, `t2 > 2 t1`, or `excited`
    /// outside 0 to 1.
    pub fn thermal_relaxation(
        t1: f64,
        t2: f64,
        time: f64,
        excited: f64,
    ) -> Result<Self, SimulatorError> {
        if !(t1 > 0.0 && t2 > 0.0) {
            return bad(format!("T1 = {t1} s and T2 = {t2} s must both be positive"));
        }
        if t2 > 2.0 * t1 * (1.0 + 1e-12) {
            return bad(format!(
                "T2 = {t2:.3e} s exceeds 2 T1 = {:.3e} s, which no channel can; limit it to 2 T1",
                2.0 * t1
            ));
        }
        if !(time >= 0.0 && time.is_finite()) {
            return bad(format!("{time} s is no duration"));
        }
        check_probability(excited)?;
        let gamma = -(-time / t1).exp_m1();
        Self::relaxation_of(gamma * (1.0 - excited), gamma * excited, (-time / t2).exp())
    }

    /// Decay with probability `down`, excitation with probability `up`, coherences multiplied by `coherence`.
    fn relaxation_of(down: f64, up: f64, coherence: f64) -> Result<Self, SimulatorError> {
        if down == 0.0 && up == 0.0 {
            return one_pauli(3, (1.0 - coherence) / 2.0);
        }
        // The operators that keep populations are the eigenvectors of [[a, c], [c, b]], which is positive because
        // T2 <= 2 T1. In closed form they come without rounding dust beside them.
        let (a, b) = (1.0 - up, 1.0 - down);
        let (half, mean) = ((a - b) / 2.0, (a + b) / 2.0);
        let root = half.hypot(coherence);
        let angle = coherence.atan2(half) / 2.0;
        let diagonal = |weight: f64, x: f64, y: f64| {
            let scale = if weight > 1e-15 { weight.sqrt() } else { 0.0 }; // less is rounding
            DMatrix::from_row_slice(
                2,
                2,
                &[(x * scale).into(), C64::ZERO, C64::ZERO, (y * scale).into()],
            )
        };
        let flip = |probability: f64, row: usize| {
            let mut matrix = DMatrix::zeros(2, 2);
            matrix[(row, 1 - row)] = C64::from(probability.sqrt());
            matrix
        };
        let (sin, cos) = angle.sin_cos();
        let operators = vec![
            diagonal(mean + root, cos, sin),
            diagonal(mean - root, -sin, cos),
            flip(down, 0),
            flip(up, 1),
        ];
        Self::from_kraus(operators)
    }
}

fn one_pauli(index: usize, p: f64) -> Result<Channel, SimulatorError> {
    check_probability(p)?;
    Channel::mixed_unitary(vec![
        (1.0 - p, pauli_matrix(0, 1)),
        (p, pauli_matrix(index, 1)),
    ])
}

fn check_probability(p: f64) -> Result<(), SimulatorError> {
    if (0.0..=1.0).contains(&p) {
        Ok(())
    } else {
        bad(format!(
            "{p} is no probability; give a number between 0 and 1"
        ))
    }
}

fn index_of(string: &PauliString) -> usize {
    (0..string.num_qubits())
        .map(|qubit| {
            let digit = match string.get(Qubit::new(qubit)) {
                Pauli::I => 0,
                Pauli::X => 1,
                Pauli::Y => 2,
                Pauli::Z => 3,
            };
            digit << (2 * qubit)
        })
        .sum()
}
