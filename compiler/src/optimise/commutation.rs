//! Whether two operations may change places, by exact rules.
//!
//! For each of its qubits an operation is of one [`Kind`]: Z-like when it commutes with Z on that qubit, and so on.
//! Two operations that are of the same kind on every qubit they share commute: both are sums of products whose factors
//! on a shared qubit are all 1 and that one Pauli matrix. Kinds of a gate with angles are those that hold for every
//! value of the angles; they are read off the matrix at several angles without special relations, so a controlled
//! rotation counts as what it is and not as what it becomes at one angle. Two Pauli rotations also commute when their
//! Pauli strings do, and two operations on the same pair of qubits when their matrices do.

use std::sync::OnceLock;

use ardea_circuit::{C64, Gate, Instruction, Operation, Pauli};
use nalgebra::DMatrix;
use smallvec::SmallVec;

use super::NEGLIGIBLE;

/// How an operation acts on one of its qubits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Commutes with every operator on the qubit: it acts as the identity there.
    Any,
    /// Commutes with Z on the qubit: block diagonal in its basis states.
    Z,
    /// Commutes with X.
    X,
    /// Commutes with Y.
    Y,
    /// None of these.
    Other,
}

/// One [`Kind`] per qubit of an operation.
pub(crate) type Kinds = SmallVec<[Kind; 4]>;

/// Unitary matrices on more qubits than this have their kinds left unknown.
const MAX_MATRIX_QUBITS: usize = 4;
/// Angle sets without special relations: what holds at each holds in general.
const GENERIC_ANGLES: [[f64; 4]; 2] = [
    [0.731, 1.137, -0.419, 2.253],
    [-1.913, 0.577, 2.771, -0.331],
];

struct GateFacts {
    kinds: Kinds,
    pauli: Option<SmallVec<[Pauli; 2]>>,
}

fn facts(gate: Gate) -> &'static GateFacts {
    static TABLE: OnceLock<Vec<GateFacts>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let matrices =
            |gate: Gate| GENERIC_ANGLES.map(|angles| gate.matrix(&angles[..gate.num_angles()]));
        let facts = |gate: Gate| GateFacts {
            kinds: kinds_of(&matrices(gate)),
            pauli: pauli_string(&matrices(gate)[0]),
        };
        Gate::ALL.iter().map(|&gate| facts(gate)).collect()
    });
    &table[gate as usize]
}

/// How `operation` acts on each of its `num_qubits` qubits.
pub(crate) fn kinds(operation: &Operation, num_qubits: usize) -> Kinds {
    if let Some(gate) = operation.as_gate() {
        return facts(gate).kinds.clone();
    }
    match operation {
        Operation::Controlled(op) => {
            let controls = op.state.len();
            let base = kinds(&op.base, num_qubits - controls);
            std::iter::repeat_n(Kind::Z, controls).chain(base).collect()
        }
        Operation::Unitary(gate) if num_qubits <= MAX_MATRIX_QUBITS => {
            kinds_of(std::slice::from_ref(gate.matrix()))
        }
        Operation::Call(call) => match &call.definition.body {
            Some(body) => kinds_of_body(body.instructions(), num_qubits),
            None => unknown(num_qubits),
        },
        _ => unknown(num_qubits),
    }
}

/// The Pauli string P of an operation that is `exp(-i angle P / 2)` up to phase, whatever the angle.
pub(crate) fn pauli(operation: &Operation) -> Option<&'static [Pauli]> {
    facts(operation.as_gate()?).pauli.as_deref()
}

/// Whether `a` and `b`, of kinds `ka` and `kb`, commute.
pub(crate) fn commute(a: &Instruction, ka: &[Kind], b: &Instruction, kb: &[Kind]) -> bool {
    let shared: SmallVec<[(usize, usize); 4]> = a
        .qubits
        .iter()
        .enumerate()
        .filter_map(|(i, q)| b.qubits.iter().position(|r| r == q).map(|j| (i, j)))
        .collect();
    if shared.iter().all(|&(i, j)| same_kind(ka[i], kb[j])) {
        return true;
    }
    if let (Some(p), Some(q)) = (pauli(&a.operation), pauli(&b.operation)) {
        let clashes = shared
            .iter()
            .filter(|&&(i, j)| p[i] != q[j] && p[i] != Pauli::I && q[j] != Pauli::I)
            .count();
        return clashes % 2 == 0;
    }
    shared.len() == 2 && a.qubits.len() == 2 && b.qubits.len() == 2 && matrices_commute(a, b)
}

fn same_kind(a: Kind, b: Kind) -> bool {
    a == Kind::Any || b == Kind::Any || (a == b && a != Kind::Other)
}

/// The product of two operations on the same two qubits, `later` after `earlier`, in the qubit order of `earlier`.
pub(crate) fn product_on_pair(
    earlier: &Instruction,
    later: &Instruction,
) -> Option<nalgebra::Matrix4<C64>> {
    let first = earlier.operation.matrix2()?;
    let second = later.operation.matrix2()?;
    let second = if earlier.qubits[0] == later.qubits[0] {
        second
    } else {
        ardea_circuit::matrix::swap_qubits(&second)
    };
    Some(second * first)
}

fn matrices_commute(a: &Instruction, b: &Instruction) -> bool {
    let (Some(ab), Some(ba)) = (product_on_pair(a, b), product_on_pair(b, a)) else {
        return false;
    };
    let ba = if a.qubits[0] == b.qubits[0] {
        ba
    } else {
        ardea_circuit::matrix::swap_qubits(&ba)
    };
    ab.iter()
        .zip(ba.iter())
        .all(|(x, y)| (x - y).norm() < NEGLIGIBLE)
}

fn unknown(num_qubits: usize) -> Kinds {
    std::iter::repeat_n(Kind::Other, num_qubits).collect()
}

/// A kind that every instruction of a body has on a qubit, for each qubit.
fn kinds_of_body(body: &[Instruction], num_qubits: usize) -> Kinds {
    let mut out: Kinds = std::iter::repeat_n(Kind::Any, num_qubits).collect();
    for instruction in body {
        let inner = kinds(&instruction.operation, instruction.qubits.len());
        for (qubit, kind) in instruction.qubits.iter().zip(inner) {
            let slot = &mut out[qubit.index()];
            *slot = match (*slot, kind) {
                (Kind::Any, kind) | (kind, Kind::Any) => kind,
                (a, b) if a == b => a,
                _ => Kind::Other,
            };
        }
    }
    out
}

/// The kinds that hold for all of `matrices`, which are of one size.
fn kinds_of(matrices: &[DMatrix<C64>]) -> Kinds {
    let num_qubits = matrices[0].nrows().trailing_zeros() as usize;
    let commutes = |qubit: usize, pauli: Pauli| {
        matrices
            .iter()
            .all(|matrix| commutes_with(matrix, qubit, pauli))
    };
    (0..num_qubits)
        .map(
            |qubit| match [Pauli::Z, Pauli::X, Pauli::Y].map(|pauli| commutes(qubit, pauli)) {
                [true, true, _] => Kind::Any,
                [true, false, _] => Kind::Z,
                [false, true, _] => Kind::X,
                [false, false, true] => Kind::Y,
                _ => Kind::Other,
            },
        )
        .collect()
}

/// Whether U P = P U for P on one qubit.
fn commutes_with(matrix: &DMatrix<C64>, qubit: usize, pauli: Pauli) -> bool {
    // P|b> = value(b) |b ^ flip>.
    let (flip, value): (usize, fn(bool) -> C64) = match pauli {
        Pauli::I => return true,
        Pauli::X => (1, |_| C64::new(1.0, 0.0)),
        Pauli::Y => (1, |b| C64::new(0.0, if b { -1.0 } else { 1.0 })),
        Pauli::Z => (0, |b| C64::new(if b { -1.0 } else { 1.0 }, 0.0)),
    };
    let (flip, bit) = (flip << qubit, |index: usize| index >> qubit & 1 == 1);
    let size = matrix.nrows();
    (0..size).all(|row| {
        (0..size).all(|column| {
            let up = matrix[(row, column ^ flip)] * value(bit(column));
            let pu = value(bit(row ^ flip)) * matrix[(row ^ flip, column)];
            (up - pu).norm() < NEGLIGIBLE
        })
    })
}

/// The Pauli string P when the matrix is `e^(i a) (cos + i sin P)` with both parts there, or P itself, up to phase.
fn pauli_string(matrix: &DMatrix<C64>) -> Option<SmallVec<[Pauli; 2]>> {
    let size = matrix.nrows();
    let num_qubits = size.trailing_zeros() as usize;
    if num_qubits == 0 || num_qubits > 2 {
        return None;
    }
    let mut found = None;
    for code in 1..1usize << (2 * num_qubits) {
        let string: SmallVec<[Pauli; 2]> = (0..num_qubits)
            .map(|q| [Pauli::I, Pauli::X, Pauli::Y, Pauli::Z][code >> (2 * q) & 3])
            .collect();
        let overlap: C64 = (0..size)
            .map(|column| {
                let (row, value) = pauli_entry(&string, column);
                matrix[(row, column)] * value.conj()
            })
            .sum();
        if overlap.norm() > NEGLIGIBLE {
            if found.is_some() {
                return None;
            }
            found = Some(string);
        }
    }
    found
}

/// The row and value of the one entry of a Pauli string's column.
fn pauli_entry(string: &[Pauli], column: usize) -> (usize, C64) {
    let mut row = column;
    let mut value = C64::new(1.0, 0.0);
    for (qubit, pauli) in string.iter().enumerate() {
        let set = column >> qubit & 1 == 1;
        match pauli {
            Pauli::I => {}
            Pauli::X => row ^= 1 << qubit,
            Pauli::Y => {
                row ^= 1 << qubit;
                value *= C64::new(0.0, if set { -1.0 } else { 1.0 });
            }
            Pauli::Z => value *= if set { -1.0 } else { 1.0 },
        }
    }
    (row, value)
}

#[cfg(test)]
mod tests {
    use ardea_circuit::{Circuit, Gate, Operation, Qubit};

    use super::*;

    fn of(gate: Gate) -> Kinds {
        facts(gate).kinds.clone()
    }

    #[test]
    fn kinds_follow_the_matrices() {
        assert_eq!(of(Gate::CX)[..], [Kind::Z, Kind::X]);
        assert_eq!(of(Gate::CRX)[..], [Kind::Z, Kind::X]);
        assert_eq!(of(Gate::CRY)[..], [Kind::Z, Kind::Y]);
        assert_eq!(of(Gate::CP)[..], [Kind::Z, Kind::Z]);
        assert_eq!(of(Gate::CCX)[..], [Kind::Z, Kind::Z, Kind::X]);
        assert_eq!(of(Gate::H)[..], [Kind::Other]);
        assert_eq!(of(Gate::I)[..], [Kind::Any]);
        assert_eq!(of(Gate::RZX)[..], [Kind::Z, Kind::X]);
        assert_eq!(of(Gate::Swap)[..], [Kind::Other, Kind::Other]);
    }

    #[test]
    fn pauli_strings_follow_the_matrices() {
        assert_eq!(
            facts(Gate::RYY).pauli.as_deref(),
            Some(&[Pauli::Y, Pauli::Y][..])
        );
        assert_eq!(
            facts(Gate::RZX).pauli.as_deref(),
            Some(&[Pauli::Z, Pauli::X][..])
        );
        assert_eq!(facts(Gate::T).pauli.as_deref(), Some(&[Pauli::Z][..]));
        assert_eq!(facts(Gate::H).pauli, None);
        assert_eq!(facts(Gate::CX).pauli, None);
    }

    #[test]
    fn a_rule_that_says_commuting_is_right_for_every_pair_of_gates() {
        let angles = [0.37, -1.21, 0.83, 2.2];
        let gates: Vec<Gate> = Gate::ALL
            .iter()
            .copied()
            .filter(|gate| (1..=3).contains(&gate.num_qubits()))
            .collect();
        let places: [&[usize]; 6] = [&[0], &[1], &[0, 1], &[1, 0], &[1, 2], &[2, 0, 1]];
        let mut commuting = 0;
        for &a in &gates {
            for &b in &gates {
                for on_b in places.iter().filter(|on| on.len() == b.num_qubits()) {
                    let on_a: Vec<usize> = (0..a.num_qubits()).collect();
                    let (x, y) = (
                        instruction(a, &angles, &on_a),
                        instruction(b, &angles, on_b),
                    );
                    let (kx, ky) = (
                        kinds(&x.operation, x.qubits.len()),
                        kinds(&y.operation, y.qubits.len()),
                    );
                    if commute(&x, &kx, &y, &ky) {
                        commuting += 1;
                        let forwards = matrix(&[x.clone(), y.clone()]);
                        let backwards = matrix(&[y, x]);
                        assert!((forwards - backwards).norm() < 1e-9, "{a} {b} on {on_b:?}");
                    }
                }
            }
        }
        assert!(commuting > 1_000, "{commuting}");
    }

    fn instruction(gate: Gate, angles: &[f64], on: &[usize]) -> Instruction {
        let operation = Operation::with_values(gate, &angles[..gate.num_angles()]).unwrap();
        Instruction {
            operation,
            qubits: on.iter().map(|&q| Qubit::new(q)).collect(),
        }
    }

    fn matrix(instructions: &[Instruction]) -> DMatrix<C64> {
        let mut circuit = Circuit::new(3, 0);
        for instruction in instructions {
            circuit.push_instruction(instruction.clone()).unwrap();
        }
        circuit.to_matrix().unwrap()
    }
}
