//! The gate table checks itself: every gate is tested the moment it is listed.

use nalgebra::DMatrix;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::matrix::{close, unitarity_deviation};
use crate::random::random_angle;

/// Every gate with a few sets of angles, special values among them.
fn each_gate(mut check: impl FnMut(Gate, &[f64])) {
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    for gate in Gate::ALL {
        for _ in 0..if gate.num_angles() == 0 { 1 } else { 20 } {
            let angles: Vec<f64> = (0..gate.num_angles())
                .map(|_| random_angle(&mut rng))
                .collect();
            check(gate, &angles);
        }
    }
}

fn symbolic(angles: &[f64]) -> Vec<Angle> {
    angles.iter().map(|&a| a.into()).collect()
}

#[test]
fn records_stand_in_the_order_of_the_enum() {
    for (place, gate) in Gate::ALL.into_iter().enumerate() {
        assert_eq!((gate as usize, gate.record().gate), (place, gate));
    }
}

#[test]
fn names_and_aliases_lead_back_to_their_gate() {
    let mut names: Vec<&str> = Gate::ALL
        .iter()
        .flat_map(|g| g.aliases().iter().copied().chain([g.name()]))
        .collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a name is used twice");
    assert!(
        Gate::ALL
            .iter()
            .all(|g| Gate::from_name(g.name()) == Some(*g))
    );
    assert_eq!(Gate::from_name("cnot"), Some(Gate::CX));
}

#[test]
fn matrices_are_unitary_and_agree_with_their_small_forms() {
    each_gate(|gate, angles| {
        let matrix = gate.matrix(angles);
        assert_eq!(matrix.nrows(), 1 << gate.num_qubits(), "{gate}");
        assert!(unitarity_deviation(&matrix) < 1e-14, "{gate}");
        if let Some(small) = gate.matrix1(angles) {
            assert!(
                close(&matrix, &DMatrix::from_fn(2, 2, |r, k| small[(r, k)]), 0.0),
                "{gate}"
            );
        }
        if let Some(small) = gate.matrix2(angles) {
            assert!(
                close(
                    &matrix,
                    &DMatrix::from_fn(4, 4, |r, k| small[(r, k)]),
                    1e-15
                ),
                "{gate}"
            );
        }
        assert_eq!(gate.matrix1(angles).is_some(), gate.num_qubits() == 1);
        assert_eq!(gate.matrix2(angles).is_some(), gate.num_qubits() == 2);
    });
}

#[test]
fn definitions_equal_their_gate_with_the_global_phase() {
    each_gate(|gate, angles| {
        if let Some(definition) = gate.definition(&symbolic(angles)) {
            let product = definition.to_matrix().unwrap();
            assert!(
                close(&product, &gate.matrix(angles), 1e-13),
                "{gate} {angles:?}\n{product}\n{}",
                gate.matrix(angles)
            );
        } else {
            assert!(
                matches!(gate, Gate::GlobalPhase | Gate::U | Gate::CX),
                "{gate} has no definition"
            );
        }
    });
}

#[test]
fn inverses_undo_their_gate() {
    each_gate(|gate, angles| {
        if let Some((inverse, inverse_angles)) = gate.inverse(&symbolic(angles)) {
            let values: Vec<f64> = inverse_angles.iter().map(|a| a.value().unwrap()).collect();
            let product = inverse.matrix(&values) * gate.matrix(angles);
            assert!(
                close(
                    &product,
                    &DMatrix::identity(product.nrows(), product.nrows()),
                    1e-14
                ),
                "{gate} {angles:?}"
            );
        }
    });
}

#[test]
fn computed_properties_are_the_known_ones() {
    let diagonal: Vec<&str> = Gate::ALL
        .iter()
        .filter(|g| g.is_diagonal())
        .map(|g| g.name())
        .collect();
    let known = [
        "global_phase",
        "id",
        "z",
        "s",
        "sdg",
        "t",
        "tdg",
        "p",
        "rz",
        "u1",
        "cz",
        "cs",
        "csdg",
        "cp",
        "crz",
        "cu1",
        "rzz",
        "ccz",
    ];
    assert_eq!(diagonal, known);
    let clifford: Vec<&str> = Gate::ALL
        .iter()
        .filter(|g| g.is_clifford())
        .map(|g| g.name())
        .collect();
    let known = [
        "id", "x", "y", "z", "h", "s", "sdg", "sx", "sxdg", "cx", "cy", "cz", "swap", "iswap",
        "dcx", "ecr",
    ];
    assert_eq!(clifford, known);
    assert!(Gate::ECR.is_self_inverse() && !Gate::DCX.is_self_inverse());
    assert!(
        Gate::RZZ.is_symmetric()
            && Gate::CP.is_symmetric()
            && !Gate::CX.is_symmetric()
            && Gate::CCZ.is_symmetric()
    );
}

#[test]
fn the_first_qubit_is_the_control_and_the_least_significant_bit() {
    let cx = Gate::CX.matrix(&[]);
    // |01> (qubit 0 set) goes to |11>.
    assert_eq!(cx[(3, 1)].re, 1.0);
    assert_eq!(cx[(2, 2)].re, 1.0);
}

#[test]
fn relative_phase_toffolis_act_as_toffoli_up_to_phases() {
    for (gate, exact) in [(Gate::RCCX, Gate::CCX), (Gate::RC3X, Gate::C3X)] {
        let magnitudes = |g: Gate| g.matrix(&[]).map(|z| C64::from(z.norm()));
        assert!(
            close(&magnitudes(gate), &magnitudes(exact), 1e-14),
            "{gate}"
        );
    }
}
