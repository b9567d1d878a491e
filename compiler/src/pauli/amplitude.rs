//! The global phase of a Clifford circuit, read off what it does to |0...0>.
//!
//! A frame says what a Clifford circuit does up to a phase. [`StabilizerState`] knows the phase, from elementary gates:
//! here quarter turns about Pauli operators are written with those.

use ardea_circuit::Pauli;
use ardea_circuit::clifford::{CliffordGate, StabilizerState};

use super::narrow::{Entangle, Narrow, ones};

/// What turns and entangling gates make of |0...0>.
#[derive(Clone, Debug)]
pub(super) struct Amplitude {
    state: StabilizerState,
    /// A phase beside it, in eighths of a turn.
    eighths: u8,
}

impl Amplitude {
    /// The state |0...0>.
    pub(super) fn zero(num_qubits: usize) -> Self {
        Self {
            state: StabilizerState::new(num_qubits),
            eighths: 0,
        }
    }

    /// The phase in eighths of a turn when the state is |0...0> again.
    pub(super) fn phase(&self) -> Option<u8> {
        match self.state.zero_amplitude()? {
            (eighths, 0) => Some((eighths + self.eighths) % 8),
            _ => None,
        }
    }

    /// Applies `exp(-i quarters (pi/4) axis)`.
    pub(super) fn turn(&mut self, axis: &Narrow, quarters: u8) {
        let mut quarters = quarters % 4;
        if axis.is_negative() && quarters != 0 {
            // exp(i k pi/4 P) = -exp(-i (4 - k) pi/4 P)
            quarters = 4 - quarters;
            self.eighths = (self.eighths + 4) % 8;
        }
        let mut qubits = ones(axis.support());
        let Some(last) = qubits.next() else {
            return;
        };
        for q in ones(axis.support()) {
            self.exchange_with_z(q, axis.at(q), Direction::There);
        }
        for q in qubits.clone() {
            self.state.apply(CliffordGate::CX(q, last));
        }
        // exp(-i k pi/4 Z) = e^(-i k pi/4) S^k
        for _ in 0..quarters {
            self.state.apply(CliffordGate::S(last));
        }
        self.eighths = (self.eighths + 8 - quarters) % 8;
        for q in qubits {
            self.state.apply(CliffordGate::CX(q, last));
        }
        for q in ones(axis.support()) {
            self.exchange_with_z(q, axis.at(q), Direction::Back);
        }
    }

    /// Applies an entangling gate, with its qubits renamed.
    pub(super) fn entangle(&mut self, gate: &Entangle, name: impl Fn(usize) -> usize) {
        let [first, second] = gate.qubits.map(name);
        for direction in [Direction::There, Direction::Back] {
            if direction == Direction::Back {
                self.state.apply(CliffordGate::CZ(first, second));
            }
            self.exchange_with_z(first, gate.paulis[0], direction);
            self.exchange_with_z(second, gate.paulis[1], direction);
        }
    }

    /// A gate that takes the axis `pauli` to Z, or its inverse.
    fn exchange_with_z(&mut self, qubit: usize, pauli: Pauli, direction: Direction) {
        if pauli == Pauli::Y && direction == Direction::There {
            self.state.apply(CliffordGate::Sdg(qubit));
        }
        if matches!(pauli, Pauli::X | Pauli::Y) {
            self.state.apply(CliffordGate::H(qubit));
        }
        if pauli == Pauli::Y && direction == Direction::Back {
            self.state.apply(CliffordGate::S(qubit));
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Direction {
    There,
    Back,
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::*;
    use nalgebra::DMatrix;
    use num_complex::Complex64;

    fn operator(axis: &Narrow, num_qubits: usize) -> DMatrix<Complex64> {
        let size = 1 << num_qubits;
        let mut out = DMatrix::zeros(size, size);
        let i = Complex64::new(0.0, 1.0);
        let sign = if axis.is_negative() { -1.0 } else { 1.0 };
        let ys = (axis.x & axis.z).count_ones();
        for column in 0..size {
            let minus = (column as u64 & axis.z).count_ones() % 2 == 1;
            let value = i.powu(ys) * if minus { -sign } else { sign };
            out[(column ^ axis.x as usize, column)] = value;
        }
        out
    }

    #[test]
    fn the_phase_is_that_of_the_matrix() {
        let num_qubits = 3;
        let identity = DMatrix::<Complex64>::identity(8, 8);
        let mut seen = [0; 8];
        for seed in 0..4000 {
            let mut rng = Pcg64Mcg::seed_from_u64(seed);
            let mut state = Amplitude::zero(num_qubits);
            let mut matrix = identity.clone();
            let random = |rng: &mut Pcg64Mcg| {
                Narrow::hermitian(
                    rng.random_range(0..8),
                    rng.random_range(0..8),
                    rng.random_bool(0.5),
                )
            };
            for _ in 0..rng.random_range(1..8) {
                if rng.random_bool(0.3) {
                    let pauli = |k: usize| [Pauli::X, Pauli::Y, Pauli::Z][k];
                    let first = rng.random_range(0..3);
                    let second = (first + rng.random_range(1..3)) % 3;
                    let gate = Entangle::new(
                        [first, second],
                        [pauli(rng.random_range(0..3)), pauli(rng.random_range(0..3))],
                    );
                    state.entangle(&gate, |q| q);
                    let [a, b] = [0, 1]
                        .map(|k| operator(&Narrow::single(gate.qubits[k], gate.paulis[k]), 3));
                    let half = Complex64::from(0.5);
                    matrix = (&identity + &a + &b - &a * &b) * half * matrix;
                } else {
                    let (axis, quarters) = (random(&mut rng), rng.random_range(0..4u8));
                    if axis.support() == 0 {
                        continue;
                    }
                    state.turn(&axis, quarters);
                    let angle = f64::from(quarters) * std::f64::consts::FRAC_PI_4;
                    let turn = &identity * Complex64::from(angle.cos())
                        - operator(&axis, 3) * Complex64::new(0.0, angle.sin());
                    matrix = turn * matrix;
                }
            }
            // Every so often the circuit happens to bring |000> back to itself.
            match state.phase() {
                Some(eighths) => {
                    let expected = Complex64::cis(f64::from(eighths) * std::f64::consts::FRAC_PI_4);
                    assert!((matrix[(0, 0)] - expected).norm() < 1e-9, "seed {seed}");
                    seen[usize::from(eighths)] += 1;
                }
                None => assert!(matrix[(0, 0)].norm() < 1.0 - 1e-9, "seed {seed}"),
            }
        }
        assert!(seen.iter().all(|&count| count > 0), "{seen:?}");
    }
}
