//! The global phase of a Clifford circuit.
//!
//! A tableau says what a Clifford circuit does up to a phase; the phase is read off what the circuit does to |0...0>.
//! The state is kept as a sum over paths,
//!
//! ```text
//! e^(i pi/4 omega) 2^(-k/2)  sum over y in {0,1}^k of  i^q(y) |A y + b>,      q(y) = sum c_j y_j + 2 sum Q_jl y_j y_l
//! ```
//!
//! in which diagonal gates add to `q` and a Hadamard gate adds a variable, which is summed out again as soon as no
//! qubit depends on the old one (Amy, 2019, arXiv:1805.06908). Each variable is named after a qubit that holds just
//! that variable, its pivot.

use ardea_circuit::Pauli;

use super::narrow::{Entangle, MAX_QUBITS, Narrow};

/// A stabiliser state with its phase, on at most 64 qubits.
#[derive(Clone)]
pub(super) struct Amplitude {
    num_qubits: usize,
    /// Which variables each qubit is the parity of.
    rows: [u64; MAX_QUBITS],
    /// The bits `b`.
    constants: u64,
    /// The coefficients `c`, modulo 4.
    linear: [u8; MAX_QUBITS],
    /// The rows of the symmetric matrix `Q`, zero on the diagonal.
    quadratic: [u64; MAX_QUBITS],
    /// The qubits that hold a variable of their own.
    pivots: u64,
    /// The phase in eighths of a turn.
    omega: u8,
}

/// A parity of variables, and a constant added to it.
type Parity = (u64, bool);

impl Amplitude {
    /// The state |0...0>.
    pub(super) fn zero(num_qubits: usize) -> Self {
        Self {
            num_qubits,
            rows: [0; MAX_QUBITS],
            constants: 0,
            linear: [0; MAX_QUBITS],
            quadratic: [0; MAX_QUBITS],
            pivots: 0,
            omega: 0,
        }
    }

    /// The phase in eighths of a turn when the state is |0...0> again.
    pub(super) fn phase(&self) -> Option<u8> {
        (self.pivots == 0 && self.constants == 0).then_some(self.omega)
    }

    /// Applies `exp(-i quarters (pi/4) axis)`.
    pub(super) fn turn(&mut self, axis: &Narrow, quarters: u8) {
        let quarters = if axis.is_negative() {
            (4 - quarters) % 4
        } else {
            quarters
        };
        // exp(i k pi/4 P) = exp(-i (4 - k) pi/4 P) exp(i pi P), and the last is -1.
        if axis.is_negative() && quarters != 0 {
            self.add_phase(4);
        }
        let qubits = ones(axis.support());
        for q in qubits.clone() {
            self.to_z(q, axis.at(q));
        }
        let mut parity: Parity = (0, false);
        for q in qubits.clone() {
            let row = self.row(q);
            parity = (parity.0 ^ row.0, parity.1 ^ row.1);
        }
        // exp(-i k pi/4 (-1)^p) = e^(-i k pi/4) i^(k p)
        self.add_phase(8 - quarters);
        self.add_parity(parity, quarters);
        for q in qubits {
            self.from_z(q, axis.at(q));
        }
    }

    /// Applies an entangling gate, with its qubits renamed.
    pub(super) fn entangle(&mut self, gate: &Entangle, name: impl Fn(usize) -> usize) {
        let qubits = gate.qubits.map(name);
        for (q, pauli) in qubits.into_iter().zip(gate.paulis) {
            self.to_z(q, pauli);
        }
        self.add_product(self.row(qubits[0]), self.row(qubits[1]));
        for (q, pauli) in qubits.into_iter().zip(gate.paulis) {
            self.from_z(q, pauli);
        }
    }

    /// Turns the axis `pauli` into Z.
    fn to_z(&mut self, qubit: usize, pauli: Pauli) {
        if pauli == Pauli::Y {
            self.add_parity(self.row(qubit), 3);
        }
        if matches!(pauli, Pauli::X | Pauli::Y) {
            self.hadamard(qubit);
        }
    }

    /// Undoes [`Amplitude::to_z`].
    fn from_z(&mut self, qubit: usize, pauli: Pauli) {
        if matches!(pauli, Pauli::X | Pauli::Y) {
            self.hadamard(qubit);
        }
        if pauli == Pauli::Y {
            self.add_parity(self.row(qubit), 1);
        }
    }

    fn row(&self, qubit: usize) -> Parity {
        (self.rows[qubit], self.constants >> qubit & 1 == 1)
    }

    fn set_row(&mut self, qubit: usize, (mask, constant): Parity) {
        self.rows[qubit] = mask;
        self.constants = self.constants & !(1 << qubit) | u64::from(constant) << qubit;
    }

    fn add_phase(&mut self, eighths: u8) {
        self.omega = (self.omega + eighths) % 8;
    }

    /// Multiplies by `i^(power * parity)`.
    fn add_parity(&mut self, (mask, constant): Parity, power: u8) {
        let mut power = power % 4;
        if constant {
            self.add_phase(2 * power);
            power = (4 - power) % 4;
        }
        // p = sum y_j - 2 sum y_j y_l (mod 4)
        for j in ones(mask) {
            self.linear[j] = (self.linear[j] + power) % 4;
            if power % 2 == 1 {
                self.quadratic[j] ^= mask & !(1 << j);
            }
        }
    }

    /// Multiplies by -1 where both parities are 1.
    fn add_product(&mut self, (a, at): Parity, (b, bt): Parity) {
        for j in ones(a) {
            self.quadratic[j] ^= b & !(1 << j);
        }
        for j in ones(b) {
            self.quadratic[j] ^= a & !(1 << j);
        }
        let linear = (a & b) ^ if bt { a } else { 0 } ^ if at { b } else { 0 };
        for j in ones(linear) {
            self.linear[j] = (self.linear[j] + 2) % 4;
        }
        if at && bt {
            self.add_phase(4);
        }
    }

    /// Takes a variable out of the exponent, and returns its coefficients.
    fn take(&mut self, variable: usize) -> (u8, u64) {
        let taken = (self.linear[variable], self.quadratic[variable]);
        for j in ones(taken.1) {
            self.quadratic[j] &= !(1 << variable);
        }
        self.linear[variable] = 0;
        self.quadratic[variable] = 0;
        taken
    }

    fn hadamard(&mut self, qubit: usize) {
        let bit = 1u64 << qubit;
        if self.pivots & bit != 0 {
            let other = (0..self.num_qubits).find(|&r| r != qubit && self.rows[r] & bit != 0);
            match other {
                Some(other) => self.move_pivot(qubit, other),
                None => return self.sum_out(qubit),
            }
        }
        let before = self.row(qubit);
        self.pivots |= bit;
        self.set_row(qubit, (bit, false));
        self.add_product((bit, false), before);
    }

    /// Names the variable of pivot `from` after `to`, which depends on it.
    fn move_pivot(&mut self, from: usize, to: usize) {
        let bit = 1u64 << from;
        let (mask, constant) = self.row(to);
        let parity = (mask & !bit | 1 << to, constant);
        let (linear, quadratic) = self.take(from);
        for q in 0..self.num_qubits {
            let row = self.row(q);
            if row.0 & bit != 0 {
                self.set_row(q, ((row.0 & !bit) ^ parity.0, row.1 ^ parity.1));
            }
        }
        self.pivots = self.pivots & !bit | 1 << to;
        self.add_parity(parity, linear);
        self.add_product(parity, (quadratic, false));
    }

    /// A Hadamard gate on a qubit whose variable no other qubit depends on: the old variable is summed out.
    fn sum_out(&mut self, qubit: usize) {
        let bit = 1u64 << qubit;
        let (linear, quadratic) = self.take(qubit);
        match linear {
            0 | 2 => {
                // Only paths survive on which the new variable is this parity.
                self.pivots &= !bit;
                self.set_row(qubit, (quadratic, linear == 2));
            }
            _ => {
                // 1 + i^(1 + 2 l) = sqrt(2) e^(i pi/4) i^(-l), and the conjugate.
                self.add_phase(if linear == 1 { 1 } else { 7 });
                self.add_parity((quadratic | bit, false), if linear == 1 { 3 } else { 1 });
            }
        }
    }
}

/// The positions of the bits that are set, from the lowest.
pub(super) fn ones(mask: u64) -> impl Iterator<Item = usize> + Clone {
    let mut left = mask;
    std::iter::from_fn(move || {
        (left != 0).then(|| {
            let lowest = left.trailing_zeros() as usize;
            left &= left - 1;
            lowest
        })
    })
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
