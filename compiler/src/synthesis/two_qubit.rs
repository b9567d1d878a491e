//! Two-qubit unitaries as the least number of two-qubit gates, exactly.
//!
//! With Weyl coordinates `(a, b, c)` (see [`super::weyl`]) the number of `cz` needed is 0 at the origin, 1 at
//! `(pi/4, 0, 0)`, 2 where `c = 0`, and 3 elsewhere (Shende, Markov, Bullock, 2004, quant-ph/0308033; Vidal, Dawson,
//! 2004, quant-ph/0307177; circuit for three after Vatan, Williams, 2004, quant-ph/0308006). With `rzz` of free angle
//! it is the number of coordinates that are not zero; folding by one-qubit gates keeps each angle in `[0, pi/2]`.
//! `cx` and `ecr` are `cz` up to one-qubit gates, so they need the same numbers.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2, FRAC_PI_4};

use nalgebra::{Matrix2, Matrix4};
use num_complex::Complex64;

use super::TOLERANCE;
use super::euler::{rx, ry, rz};
use super::weyl::{Coordinates, Weyl};

/// A two-qubit gate of a [`TwoQubitCircuit`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Entangler {
    /// Controlled Z.
    Cz,
    /// Controlled X.
    Cx {
        /// Which of the two qubits is the control: 0 or 1.
        control: usize,
    },
    /// The echoed cross resonance gate.
    Ecr {
        /// Which of the two qubits is listed first: 0 or 1.
        first: usize,
    },
    /// `exp(-i angle ZZ / 2)` with its angle in `(0, pi/2]`.
    Rzz(f64),
}

/// The gate, equal to `cz` up to one-qubit gates, that a pair of qubits offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Maximal {
    /// Controlled Z.
    Cz,
    /// Controlled X in one direction.
    Cx {
        /// Which of the two qubits is the control: 0 or 1.
        control: usize,
    },
    /// Echoed cross resonance in one direction.
    Ecr {
        /// Which of the two qubits is listed first: 0 or 1.
        first: usize,
    },
}

/// What a pair of qubits offers, with a cost for each use (such as `-ln(1 - error)`); only ratios matter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoQubitBasis {
    /// The gate in the class of `cz` and its cost.
    pub maximal: Option<(Maximal, f64)>,
    /// The cost of `rzz`, where there is one.
    pub rzz: Option<f64>,
}

impl TwoQubitBasis {
    /// `cz` alone.
    pub const CZ: Self = Self {
        maximal: Some((Maximal::Cz, 1.0)),
        rzz: None,
    };
    /// `cz` and `rzz` at the same cost.
    pub const CZ_RZZ: Self = Self {
        maximal: Some((Maximal::Cz, 1.0)),
        rzz: Some(1.0),
    };
}

/// One step of a [`TwoQubitCircuit`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// A one-qubit unitary.
    Local {
        /// On which of the two qubits: 0 or 1.
        qubit: usize,
        /// Its matrix.
        matrix: Matrix2<Complex64>,
    },
    /// A two-qubit gate.
    Entangle(Entangler),
}

/// A two-qubit unitary as steps in circuit order; between two entanglers there is at most one local gate per qubit.
#[derive(Clone, Debug, PartialEq)]
pub struct TwoQubitCircuit {
    /// The steps, first to act first.
    pub steps: Vec<Step>,
    /// Global phase.
    pub phase: f64,
}

/// The least number of `cz` (or `cx`, or `ecr`) for a gate of this class.
#[must_use]
pub fn cz_count(coordinates: &Coordinates) -> usize {
    let zero = |value: f64| value.abs() < TOLERANCE;
    let Coordinates { a, b, c } = *coordinates;
    if zero(a) {
        0
    } else if zero(a - FRAC_PI_4) && zero(b) && zero(c) {
        1
    } else if zero(c) {
        2
    } else {
        3
    }
}

/// The least number of `cz` for a gate of this class when its two outputs may come out exchanged.
#[must_use]
pub fn cz_count_mirrored(coordinates: &Coordinates) -> usize {
    cz_count(&coordinates.mirrored())
}

/// The least number of `rzz` of free angle for a gate of this class.
#[must_use]
pub fn rzz_count(coordinates: &Coordinates) -> usize {
    [coordinates.a, coordinates.b, coordinates.c]
        .iter()
        .filter(|value| value.abs() >= TOLERANCE)
        .count()
}

/// Writes `matrix` with the cheapest two-qubit gates that `basis` offers, or `None` when it offers none and one is
/// needed.
#[must_use]
pub fn synthesise_two_qubit(
    matrix: &Matrix4<Complex64>,
    basis: &TwoQubitBasis,
) -> Option<TwoQubitCircuit> {
    synthesise_weyl(&Weyl::of(matrix), basis)
}

/// Like [`synthesise_two_qubit`], from a decomposition already at hand.
#[must_use]
pub fn synthesise_weyl(weyl: &Weyl, basis: &TwoQubitBasis) -> Option<TwoQubitCircuit> {
    let with_maximal = basis
        .maximal
        .map(|(gate, cost)| (cz_count(&weyl.coordinates) as f64 * cost, gate));
    let with_rzz = basis
        .rzz
        .map(|cost| rzz_total(&weyl.coordinates, basis, cost));
    match (with_maximal, with_rzz) {
        (Some((cost, gate)), other) if other.is_none_or(|other| cost <= other) => {
            Some(with_cz(weyl).in_terms_of(gate))
        }
        (_, Some(_)) => Some(with_rzz_gates(weyl, basis)),
        _ if cz_count(&weyl.coordinates) == 0 => Some(with_cz(weyl)),
        _ => None,
    }
}

/// The circuit with the least number of `cz`.
#[must_use]
pub fn with_cz(weyl: &Weyl) -> TwoQubitCircuit {
    let mut builder = Builder::new(weyl.phase);
    let Coordinates { a, b, c } = weyl.coordinates;
    match cz_count(&weyl.coordinates) {
        0 => {
            builder.both(&weyl.right);
            builder.both(&weyl.left);
        }
        3 if is_swap(&weyl.coordinates) => {
            // SWAP moves the first local gates behind it, where they join the last ones.
            builder.interact_fully(a, b, c);
            builder.both(&[weyl.right[1], weyl.right[0]]);
            builder.both(&weyl.left);
        }
        count => {
            builder.both(&weyl.right);
            match count {
                1 => builder.interact_maximally(Axis::X, Entangler::Cz),
                2 => builder.interact_twice(a, b),
                _ => builder.interact_fully(a, b, c),
            }
            builder.both(&weyl.left);
        }
    }
    builder.finish()
}

fn is_swap(coordinates: &Coordinates) -> bool {
    [coordinates.a, coordinates.b, coordinates.c]
        .iter()
        .all(|value| (value - FRAC_PI_4).abs() < TOLERANCE)
}

/// Whether an interaction of strength `pi/4` is better done by the maximal gate.
fn prefers_maximal(strength: f64, basis: &TwoQubitBasis, rzz: f64) -> Option<(Maximal, f64)> {
    basis
        .maximal
        .filter(|(_, cost)| *cost <= rzz && (strength - FRAC_PI_4).abs() < TOLERANCE)
}

fn rzz_total(coordinates: &Coordinates, basis: &TwoQubitBasis, rzz: f64) -> f64 {
    [coordinates.a, coordinates.b, coordinates.c]
        .iter()
        .filter(|value| value.abs() >= TOLERANCE)
        .map(|value| prefers_maximal(value.abs(), basis, rzz).map_or(rzz, |(_, cost)| cost))
        .sum()
}

/// The circuit with one `rzz` for each coordinate that is not zero.
fn with_rzz_gates(weyl: &Weyl, basis: &TwoQubitBasis) -> TwoQubitCircuit {
    let mut builder = Builder::new(weyl.phase);
    builder.both(&weyl.right);
    let Coordinates { a, b, c } = weyl.coordinates;
    for (axis, strength) in [(Axis::X, a), (Axis::Y, b), (Axis::Z, c)] {
        if strength.abs() < TOLERANCE {
            continue;
        }
        match prefers_maximal(strength.abs(), basis, basis.rzz.unwrap_or(f64::INFINITY)) {
            Some((gate, _)) => {
                builder.interact_maximally(axis, gate.into());
                if strength < 0.0 {
                    // exp(-i pi/4 PP) = -i PP exp(i pi/4 PP)
                    builder.phase -= FRAC_PI_2;
                    builder.both(&[axis.pauli(), axis.pauli()]);
                }
            }
            None => builder.interact_partly(axis, strength),
        }
    }
    builder.both(&weyl.left);
    builder.finish()
}

impl From<Maximal> for Entangler {
    fn from(gate: Maximal) -> Self {
        match gate {
            Maximal::Cz => Self::Cz,
            Maximal::Cx { control } => Self::Cx { control },
            Maximal::Ecr { first } => Self::Ecr { first },
        }
    }
}

impl Entangler {
    /// The 4x4 matrix of this gate.
    #[must_use]
    pub fn matrix(&self) -> Matrix4<Complex64> {
        let mut matrix = Matrix4::zeros();
        let (one, i) = (Complex64::new(1.0, 0.0), Complex64::new(0.0, 1.0));
        match *self {
            Self::Cz => matrix.set_diagonal(&[one, one, one, -one].into()),
            Self::Rzz(angle) => {
                let (same, other) = (Complex64::cis(-angle / 2.0), Complex64::cis(angle / 2.0));
                matrix.set_diagonal(&[same, other, other, same].into());
            }
            Self::Cx { control } => {
                let (kept, flipped) = (2 - control, control + 1);
                for (row, column) in [(0, 0), (kept, kept), (flipped, 3), (3, flipped)] {
                    matrix[(row, column)] = one;
                }
            }
            Self::Ecr { first } => {
                // (1/sqrt 2) (I x X - X x Y) with the second factor on the first qubit.
                let (low, high) = (first + 1, 2 - first);
                let entries = [
                    (0, low, one),
                    (low, 0, one),
                    (high, 3, one),
                    (3, high, one),
                    (0, 3, i),
                    (3, 0, -i),
                    (low, high, -i),
                    (high, low, i),
                ];
                for (row, column, value) in entries {
                    matrix[(row, column)] = value * FRAC_1_SQRT_2;
                }
            }
        }
        matrix
    }
}

impl TwoQubitCircuit {
    /// The number of two-qubit gates.
    #[must_use]
    pub fn entangler_count(&self) -> usize {
        self.steps
            .iter()
            .filter(|step| matches!(step, Step::Entangle(_)))
            .count()
    }

    /// The product of all steps, phase included.
    #[must_use]
    pub fn matrix(&self) -> Matrix4<Complex64> {
        let product = self
            .steps
            .iter()
            .fold(Matrix4::identity(), |acc, step| match step {
                Step::Local { qubit: 0, matrix } => Matrix2::identity().kronecker(matrix) * acc,
                Step::Local { matrix, .. } => matrix.kronecker(&Matrix2::identity()) * acc,
                Step::Entangle(gate) => gate.matrix() * acc,
            });
        product * Complex64::cis(self.phase)
    }

    /// The same circuit with each `cz` written by `gate` and one-qubit gates.
    #[must_use]
    pub fn in_terms_of(self, gate: Maximal) -> Self {
        if gate == Maximal::Cz {
            return self;
        }
        let mut builder = Builder::new(self.phase);
        for step in &self.steps {
            match step {
                Step::Local { qubit, matrix } => builder.local(*qubit, matrix),
                Step::Entangle(Entangler::Cz) => builder.cz_as(gate.into()),
                Step::Entangle(other) => builder.entangle(*other),
            }
        }
        builder.finish()
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Axis {
    X,
    Y,
    Z,
}

impl Axis {
    /// A gate `V` with `V Z V^-1 = P`.
    fn turn_from_z(self) -> Matrix2<Complex64> {
        match self {
            Self::X => hadamard(),
            Self::Y => rx(-FRAC_PI_2),
            Self::Z => Matrix2::identity(),
        }
    }

    fn pauli(self) -> Matrix2<Complex64> {
        let (zero, one, i) = (
            Complex64::new(0.0, 0.0),
            Complex64::new(1.0, 0.0),
            Complex64::new(0.0, 1.0),
        );
        match self {
            Self::X => Matrix2::new(zero, one, one, zero),
            Self::Y => Matrix2::new(zero, -i, i, zero),
            Self::Z => Matrix2::new(one, zero, zero, -one),
        }
    }
}

fn hadamard() -> Matrix2<Complex64> {
    let r = Complex64::new(FRAC_1_SQRT_2, 0.0);
    Matrix2::new(r, r, r, -r)
}

fn diagonal(low: Complex64, high: Complex64) -> Matrix2<Complex64> {
    let zero = Complex64::new(0.0, 0.0);
    Matrix2::new(low, zero, zero, high)
}

/// Collects steps, multiplying local gates together until an entangler needs them.
struct Builder {
    pending: [Option<Matrix2<Complex64>>; 2],
    steps: Vec<Step>,
    phase: f64,
}

impl Builder {
    fn new(phase: f64) -> Self {
        Self {
            pending: [None; 2],
            steps: Vec::with_capacity(11),
            phase,
        }
    }

    fn local(&mut self, qubit: usize, matrix: &Matrix2<Complex64>) {
        let before = self.pending[qubit].unwrap_or_else(Matrix2::identity);
        self.pending[qubit] = Some(matrix * before);
    }

    fn both(&mut self, matrices: &[Matrix2<Complex64>; 2]) {
        self.local(0, &matrices[0]);
        self.local(1, &matrices[1]);
    }

    fn entangle(&mut self, gate: Entangler) {
        self.flush();
        self.steps.push(Step::Entangle(gate));
    }

    /// `exp(i a XX) exp(i b YY)` by two `cz`: `cz (e^{iaX} x e^{ibX}) cz = exp(i a XZ) exp(i b ZX)`, with the axes turned.
    fn interact_twice(&mut self, a: f64, b: f64) {
        let turns = [rx(-FRAC_PI_2), rx(FRAC_PI_2) * ry(FRAC_PI_2)];
        self.both(&[turns[0].adjoint(), turns[1].adjoint()]);
        self.entangle(Entangler::Cz);
        self.both(&[rx(-2.0 * a), rx(-2.0 * b)]);
        self.entangle(Entangler::Cz);
        self.both(&turns);
    }

    /// `exp(i (a XX + b YY + c ZZ))` by three `cz` (the circuit of Vatan and Williams with each `cx` as `h cz h`).
    fn interact_fully(&mut self, a: f64, b: f64, c: f64) {
        let h = hadamard();
        self.phase += FRAC_PI_4;
        self.local(1, &rz(-FRAC_PI_2));
        self.local(0, &h);
        self.entangle(Entangler::Cz);
        self.local(0, &(rz(FRAC_PI_2 - 2.0 * c) * h));
        self.local(1, &(h * ry(2.0 * a - FRAC_PI_2)));
        self.entangle(Entangler::Cz);
        self.local(0, &h);
        self.local(1, &(ry(FRAC_PI_2 - 2.0 * b) * h));
        self.entangle(Entangler::Cz);
        self.local(0, &(rz(FRAC_PI_2) * h));
    }

    /// `exp(i pi/4 PP)` by one gate of the class of `cz`:
    /// `exp(i pi/4 ZZ) = i ZZ exp(-i pi/4 ZZ) = e^{i 3 pi/4} (Z Rz(pi/2) x Z Rz(pi/2)) cz`.
    fn interact_maximally(&mut self, axis: Axis, gate: Entangler) {
        let turn = axis.turn_from_z();
        let back = turn.adjoint();
        self.both(&[back, back]);
        self.cz_as(gate);
        let frame = turn * Axis::Z.pauli() * rz(FRAC_PI_2);
        self.both(&[frame, frame]);
        self.phase += 3.0 * FRAC_PI_4;
    }

    /// `exp(i strength PP)` by one `rzz` with its angle in `(0, pi/2]`; a positive strength is a negative angle, which
    /// X on one side of one qubit turns around.
    fn interact_partly(&mut self, axis: Axis, strength: f64) {
        let turn = axis.turn_from_z();
        let flip = if strength > 0.0 {
            Axis::X.pauli()
        } else {
            Matrix2::identity()
        };
        self.both(&[flip * turn.adjoint(), turn.adjoint()]);
        self.entangle(Entangler::Rzz((2.0 * strength.abs()).min(FRAC_PI_2)));
        self.both(&[turn * flip, turn]);
    }

    /// `cz` by any gate of its class.
    fn cz_as(&mut self, gate: Entangler) {
        match gate {
            Entangler::Cz | Entangler::Rzz(_) => self.entangle(Entangler::Cz),
            Entangler::Cx { control } => {
                let h = hadamard();
                self.local(1 - control, &h);
                self.entangle(gate);
                self.local(1 - control, &h);
            }
            Entangler::Ecr { first } => {
                // cz = e^{-i 3 pi/4} (X S on the first, S SX S on the second) ecr (S SX on the second)
                let one = Complex64::new(1.0, 0.0);
                let s = diagonal(one, Complex64::new(0.0, 1.0));
                let sx = rx(FRAC_PI_2) * Complex64::cis(FRAC_PI_4);
                self.local(1 - first, &(s * sx));
                self.entangle(gate);
                self.local(1 - first, &(s * sx * s));
                self.local(first, &(Axis::X.pauli() * s));
                self.phase -= 3.0 * FRAC_PI_4;
            }
        }
    }

    fn flush(&mut self) {
        for qubit in 0..2 {
            if let Some(matrix) = self.pending[qubit].take() {
                self.steps.push(Step::Local { qubit, matrix });
            }
        }
    }

    fn finish(mut self) -> TwoQubitCircuit {
        self.flush();
        TwoQubitCircuit {
            steps: self.steps,
            phase: self.phase,
        }
    }
}

#[cfg(test)]
mod tests;
