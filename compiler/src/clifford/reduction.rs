//! From a reduced operator back to gates.

use ardea_circuit::clifford::{CliffordGate, Tableau};

use super::pair::Axis;
use super::symplectic::{Step, Symplectic};

/// The gates that reduce an operator, and what they leave of it.
#[derive(Clone, Debug)]
pub(crate) struct Reduction {
    /// The controlled Pauli gates, in the order in which they are appended to the operator.
    pub(crate) steps: Vec<Step>,
    /// The qubit on which the images of each input end.
    pub(crate) wires: Vec<usize>,
    /// What each input's X and Z have become there, as x + 2 z.
    pairs: Vec<(u8, u8)>,
}

impl Reduction {
    /// Of an operator that `steps` have reduced to `matrix`.
    pub(crate) fn new(matrix: &Symplectic, steps: Vec<Step>, wires: Vec<usize>) -> Self {
        let pairs = wires
            .iter()
            .enumerate()
            .map(|(input, &wire)| matrix.pair(input, wire))
            .collect();
        Self {
            steps,
            wires,
            pairs,
        }
    }
}

/// A Clifford operator in gates: inputs enter on the wires `first`, outputs leave on the wires `last`.
#[derive(Clone, Debug)]
pub(crate) struct Synthesised {
    /// Input i is on wire `first[i]` before the first gate.
    pub(crate) first: Vec<usize>,
    /// The gates, first to last.
    pub(crate) gates: Vec<CliffordGate>,
    /// Output i is on wire `last[i]` after the last gate.
    pub(crate) last: Vec<usize>,
}

impl Synthesised {
    /// The operator of this tableau, which `reduction` reduces: its inputs may have to enter elsewhere. None when the
    /// gates do not make the operator, which would be a fault of the reduction.
    pub(crate) fn forwards(tableau: &Tableau, reduction: &Reduction) -> Option<Self> {
        let n = tableau.num_qubits();
        let mut gates = Vec::new();
        for (&wire, &pair) in reduction.wires.iter().zip(&reduction.pairs) {
            gates.extend(turn_to(pair, wire));
        }
        for step in reduction.steps.iter().rev() {
            gates.extend(step_gates(*step));
        }
        let mut out = Self {
            first: reduction.wires.clone(),
            gates,
            last: (0..n).collect(),
        };
        let paulis = out.tableau().paulis_to(tableau)?;
        out.gates.extend(paulis);
        Some(out)
    }

    /// The operator whose inverse has this tableau, where `reduction` reduces that inverse: outputs may leave elsewhere.
    pub(crate) fn backwards(inverse: &Tableau, reduction: &Reduction) -> Option<Self> {
        let forwards = Self::forwards(inverse, reduction)?;
        Some(Self {
            first: forwards.last,
            gates: forwards
                .gates
                .into_iter()
                .rev()
                .map(CliffordGate::inverse)
                .collect(),
            last: forwards.first,
        })
    }

    /// Gates on wires that keep their places.
    pub(crate) fn in_place(num_qubits: usize, gates: Vec<CliffordGate>) -> Self {
        Self {
            first: (0..num_qubits).collect(),
            gates,
            last: (0..num_qubits).collect(),
        }
    }

    /// What the gates do between the wires that inputs and outputs are on.
    pub(crate) fn tableau(&self) -> Tableau {
        let n = self.first.len();
        let mut tableau = Tableau::identity(n);
        permutation_gates(&self.first).for_each(|gate| tableau.append(gate));
        self.gates.iter().for_each(|&gate| tableau.append(gate));
        let mut back = vec![0; n];
        for (output, &wire) in self.last.iter().enumerate() {
            back[wire] = output;
        }
        permutation_gates(&back).for_each(|gate| tableau.append(gate));
        tableau
    }
}

/// Swaps that take what is on qubit i to qubit `to[i]`, for all i.
pub(crate) fn permutation_gates(to: &[usize]) -> impl Iterator<Item = CliffordGate> {
    // Where what belongs on each qubit is now.
    let mut at: Vec<usize> = vec![0; to.len()];
    for (from, &to) in to.iter().enumerate() {
        at[to] = from;
    }
    let mut gates = Vec::new();
    for q in 0..to.len() {
        let from = at[q];
        if from != q {
            gates.push(CliffordGate::Swap(q, from));
            // What was on q is on `from` now.
            if let Some(other) = at.iter().position(|&place| place == q) {
                at[other] = from;
            }
            at[q] = q;
        }
    }
    gates.into_iter()
}

/// One-qubit gates that take X and Z to these Paulis, up to signs.
fn turn_to(pair: (u8, u8), q: usize) -> Vec<CliffordGate> {
    const X: u8 = 1;
    const Z: u8 = 2;
    const Y: u8 = 3;
    match pair {
        (Z, X) => vec![CliffordGate::H(q)],
        (Y, Z) => vec![CliffordGate::S(q)],
        (X, Y) => vec![CliffordGate::SX(q)],
        (Z, Y) => vec![CliffordGate::H(q), CliffordGate::S(q)],
        (Y, X) => vec![CliffordGate::S(q), CliffordGate::H(q)],
        _ => vec![],
    }
}

/// A controlled Pauli gate in elementary gates.
pub(crate) fn step_gates(step: Step) -> Vec<CliffordGate> {
    let Step { a, s, b, t } = step;
    let mut gates = Vec::with_capacity(5);
    match (s, t) {
        (Axis::Z, Axis::X) => gates.push(CliffordGate::CX(a, b)),
        (Axis::X, Axis::Z) => gates.push(CliffordGate::CX(b, a)),
        _ => {
            gates.extend(to_z(s, a));
            gates.extend(to_z(t, b));
            gates.push(CliffordGate::CZ(a, b));
            gates.extend(to_z(t, b).into_iter().rev().map(CliffordGate::inverse));
            gates.extend(to_z(s, a).into_iter().rev().map(CliffordGate::inverse));
        }
    }
    gates
}

/// One-qubit gates that take the Pauli to Z, up to its sign.
pub(crate) fn to_z(axis: Axis, q: usize) -> Vec<CliffordGate> {
    match axis {
        Axis::X => vec![CliffordGate::H(q)],
        Axis::Y => vec![CliffordGate::SX(q)],
        _ => vec![],
    }
}
