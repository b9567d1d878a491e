//! Along which axis a gate acts on each of its qubits.
//!
//! Gates that commute with Z on a qubit commute with each other as far as that qubit goes, and so do
//! those that commute with X: a layer of such gates may be routed in any order.

use std::sync::OnceLock;

use ardea_circuit::{C64, Gate, Operation};
use nalgebra::DMatrix;

/// What a gate commutes with on one qubit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Axis {
    /// With Z: controls, phases, diagonal gates.
    Z,
    /// With X: targets of controlled-X, rotations about x.
    X,
    /// With neither.
    Neither,
}

/// The axis of a unitary operation on its qubit number `position`.
pub(crate) fn axis(operation: &Operation, position: usize) -> Axis {
    if let Some(gate) = operation.as_gate() {
        return axes_of_gate(gate)[position];
    }
    match operation.matrix() {
        Ok(matrix) => axis_of(&matrix, position),
        Err(_) => Axis::Neither,
    }
}

/// Axes that hold for every value of a gate's angles.
fn axes_of_gate(gate: Gate) -> &'static [Axis] {
    const GENERIC_ANGLES: [f64; 4] = [0.731, 1.137, -0.419, 2.253];
    static TABLE: OnceLock<Vec<Vec<Axis>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let axes = |gate: &Gate| {
            let matrix = gate.matrix(&GENERIC_ANGLES[..gate.num_angles()]);
            (0..gate.num_qubits())
                .map(|position| axis_of(&matrix, position))
                .collect()
        };
        Gate::ALL.iter().map(axes).collect()
    });
    &table[gate as usize]
}

fn axis_of(matrix: &DMatrix<C64>, position: usize) -> Axis {
    const TOLERANCE: f64 = 1e-12;
    let (n, bit) = (matrix.nrows(), 1 << position);
    let all = |test: &dyn Fn(usize, usize) -> bool| (0..n).all(|r| (0..n).all(|c| test(r, c)));
    if all(&|r, c| (r ^ c) & bit == 0 || matrix[(r, c)].norm() < TOLERANCE) {
        return Axis::Z;
    }
    if all(&|r, c| (matrix[(r, c)] - matrix[(r ^ bit, c ^ bit)]).norm() < TOLERANCE) {
        return Axis::X;
    }
    Axis::Neither
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_along_z_and_targets_along_x() {
        let of = |gate: Gate| axes_of_gate(gate).to_vec();
        assert_eq!(of(Gate::CX), [Axis::Z, Axis::X]);
        assert_eq!(of(Gate::CP), [Axis::Z, Axis::Z]);
        assert_eq!(of(Gate::RXX), [Axis::X, Axis::X]);
        assert_eq!(of(Gate::RZX), [Axis::Z, Axis::X]);
        assert_eq!(of(Gate::CH), [Axis::Z, Axis::Neither]);
        assert_eq!(of(Gate::SX), [Axis::X]);
        assert_eq!(of(Gate::Swap), [Axis::Neither, Axis::Neither]);
    }
}
