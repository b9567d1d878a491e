//! Which physical qubit holds which input qubit, before and after a compiled circuit.

use crate::Qubit;

/// The placement that travels with a compiled circuit: nothing about which physical qubit holds
/// which logical one may be lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// For each input qubit, the physical qubit that holds it before the first instruction.
    pub initial: Vec<Qubit>,
    /// For each input qubit, the physical qubit that holds it after the last instruction.
    pub last: Vec<Qubit>,
}

impl Layout {
    /// The layout in which input qubit `i` stays on physical qubit `i`.
    pub fn trivial(num_qubits: usize) -> Self {
        let initial: Vec<Qubit> = (0..num_qubits).map(Qubit::new).collect();
        Self {
            last: initial.clone(),
            initial,
        }
    }

    /// The layout of a circuit placed at `initial` whose wires were then permuted: what was on
    /// physical qubit `q` before ends on `moved(q)`.
    pub fn followed_by(&self, mut moved: impl FnMut(Qubit) -> Qubit) -> Self {
        Self {
            initial: self.initial.clone(),
            last: self.last.iter().map(|&q| moved(q)).collect(),
        }
    }
}
