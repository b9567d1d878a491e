//! Matrices as gates: exact circuits of controlled one-qubit gates.
//!
//! Rows of the matrix are brought to zero one after the other in the order of a Gray code, so that every
//! rotation mixes two basis states that differ in one bit: it is a one-qubit gate on that bit under
//! control of all others (Vartiainen, Möttönen, Salomaa, 2004, arXiv:quant-ph/0312218). This is not
//! short; a compiler that counts gates has its own synthesis.

use ardea_circuit::{C64, Circuit, CircuitError, Gate, Operation, Qubit};
use nalgebra::{DMatrix, Matrix2};

/// The widest matrix that is written; the circuit grows as the square of the matrix.
pub(super) const MAX_QUBITS: usize = 6;

/// A circuit with exactly this unitary matrix, global phase included.
pub(super) fn circuit_of(matrix: &DMatrix<C64>) -> Result<Circuit, CircuitError> {
    let num_qubits = matrix.nrows().trailing_zeros() as usize;
    let mut out = Circuit::new(num_qubits, 0);
    if num_qubits == 0 {
        out.add_global_phase(matrix[(0, 0)].arg());
        return Ok(out);
    }
    for factor in two_level_factors(matrix).into_iter().rev() {
        push_factor(&mut out, &factor)?;
    }
    Ok(out)
}

/// A unitary on the two basis states that agree with `state` but for bit `target`.
struct TwoLevel {
    target: usize,
    state: usize,
    matrix: Matrix2<C64>,
}

/// Factors whose product, the first on the left, is `matrix`.
fn two_level_factors(matrix: &DMatrix<C64>) -> Vec<TwoLevel> {
    let size = matrix.nrows();
    let gray = |k: usize| k ^ (k >> 1);
    let mut rest = matrix.clone();
    let mut factors = Vec::new();
    for column in 0..size - 1 {
        for k in (column + 1..size).rev() {
            let (upper, lower) = (gray(k - 1), gray(k));
            let (a, b) = (rest[(upper, gray(column))], rest[(lower, gray(column))]);
            let norm = (a.norm_sqr() + b.norm_sqr()).sqrt();
            let settled = if k == column + 1 {
                b.norm() == 0.0 && a == C64::new(1.0, 0.0)
            } else {
                b.norm() == 0.0
            };
            if settled || norm == 0.0 {
                continue;
            }
            // Takes (a, b) to (norm, 0).
            let rotation = Matrix2::new(a.conj() / norm, b.conj() / norm, -b / norm, a / norm);
            apply(&mut rest, upper, lower, &rotation);
            factors.push(two_level(upper, lower, rotation.adjoint()));
        }
    }
    let last = rest[(gray(size - 1), gray(size - 1))];
    if (last - 1.0).norm() > 0.0 {
        let phase = Matrix2::new(
            C64::new(1.0, 0.0),
            C64::default(),
            C64::default(),
            last / last.norm(),
        );
        factors.push(two_level(gray(size - 2), gray(size - 1), phase));
    }
    factors
}

fn apply(matrix: &mut DMatrix<C64>, upper: usize, lower: usize, rotation: &Matrix2<C64>) {
    for column in 0..matrix.ncols() {
        let (a, b) = (matrix[(upper, column)], matrix[(lower, column)]);
        matrix[(upper, column)] = rotation[(0, 0)] * a + rotation[(0, 1)] * b;
        matrix[(lower, column)] = rotation[(1, 0)] * a + rotation[(1, 1)] * b;
    }
}

fn two_level(upper: usize, lower: usize, matrix: Matrix2<C64>) -> TwoLevel {
    let target = (upper ^ lower).trailing_zeros() as usize;
    // The matrix is over (upper, lower); the gate over (bit clear, bit set).
    let swapped = Matrix2::new(
        matrix[(1, 1)],
        matrix[(1, 0)],
        matrix[(0, 1)],
        matrix[(0, 0)],
    );
    let matrix = if upper >> target & 1 == 0 {
        matrix
    } else {
        swapped
    };
    TwoLevel {
        target,
        state: upper,
        matrix,
    }
}

fn push_factor(out: &mut Circuit, factor: &TwoLevel) -> Result<(), CircuitError> {
    let mut body = Circuit::new(1, 0);
    let (angles, phase) = euler(&factor.matrix);
    body.push(Operation::with_values(Gate::U, &angles)?, &[Qubit::new(0)])?;
    body.add_global_phase(phase);
    let others: Vec<usize> = (0..out.num_qubits())
        .filter(|&q| q != factor.target)
        .collect();
    let state: Vec<bool> = others.iter().map(|&q| factor.state >> q & 1 == 1).collect();
    let controlled = if state.is_empty() {
        body
    } else {
        body.controlled(&state)?
    };
    let place: Vec<Qubit> = others
        .iter()
        .copied()
        .chain([factor.target])
        .map(Qubit::new)
        .collect();
    for instruction in controlled.instructions() {
        let qubits: Vec<Qubit> = instruction
            .qubits
            .iter()
            .map(|q| place[q.index()])
            .collect();
        out.push(instruction.operation.clone(), &qubits)?;
    }
    out.add_global_phase(controlled.global_phase().clone());
    Ok(())
}

/// `matrix = exp(i phase) U(theta, phi, lambda)`.
fn euler(matrix: &Matrix2<C64>) -> ([f64; 3], f64) {
    let (a, b, c, d) = (
        matrix[(0, 0)],
        matrix[(0, 1)],
        matrix[(1, 0)],
        matrix[(1, 1)],
    );
    let theta = 2.0 * c.norm().atan2(a.norm());
    if a.norm() < 1e-12 {
        let phase = (-b).arg();
        return ([theta, c.arg() - phase, 0.0], phase);
    }
    let phase = a.arg();
    if c.norm() < 1e-12 {
        return ([theta, 0.0, d.arg() - phase], phase);
    }
    ([theta, c.arg() - phase, (-b).arg() - phase], phase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(circuit: &Circuit) {
        let matrix = circuit.to_matrix().expect("small and numeric");
        let rebuilt = circuit_of(&matrix)
            .expect("unitary")
            .to_matrix()
            .expect("small and numeric");
        let difference = (matrix - rebuilt)
            .iter()
            .map(|z| z.norm())
            .fold(0.0, f64::max);
        assert!(difference < 1e-12, "{difference}");
    }

    #[test]
    fn any_small_unitary_is_rebuilt_with_its_phase() {
        for num_qubits in 1..=4usize {
            let mut circuit = Circuit::new(num_qubits, 0);
            check(&circuit);
            circuit.add_global_phase(0.7);
            check(&circuit);
            for q in 0..num_qubits {
                circuit.u(0.3 + q as f64, 1.1, -0.4, q).unwrap();
                check(&circuit);
                circuit.x(q).unwrap();
                if q > 0 {
                    circuit
                        .cx(q - 1, q)
                        .unwrap()
                        .rzz(0.9, q, q - 1)
                        .unwrap()
                        .ch(q, q - 1)
                        .unwrap();
                }
                check(&circuit);
            }
        }
    }
}
