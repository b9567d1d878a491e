//! The planner's algebra, and how many sweeps through memory the plans of known circuits take.

use std::f64::consts::PI;

use ardea_circuit::Circuit;
use num_complex::Complex64;

use super::classify::product;
use super::cost::CostModel;
use super::diagonals::merge_diagonals;
use super::extent::Extent;
use super::fuse::Item;
use crate::engine::plan;
use crate::kernels::Shape;
use crate::options::SimOptions;

fn sweeps(circuit: &Circuit) -> usize {
    plan(circuit, &SimOptions::default()).unwrap().num_sweeps()
}

#[test]
fn a_fourier_transform_of_26_qubits_takes_6_sweeps() {
    let mut circuit = Circuit::new(26, 0);
    for target in (0..26).rev() {
        circuit.h(target).unwrap();
        for control in (0..target).rev() {
            let angle = PI / 2f64.powi((target - control) as i32);
            circuit.cp(angle, control, target).unwrap();
        }
    }
    (0..13).for_each(|low| drop(circuit.swap(low, 25 - low).map(|_| ())));
    assert!(sweeps(&circuit) <= 6, "{} sweeps", sweeps(&circuit));
}

#[test]
fn a_run_of_diagonal_gates_takes_one_sweep() {
    let mut circuit = Circuit::new(26, 0);
    for qubit in 0..26 {
        circuit.rz(0.1 + qubit as f64, qubit).unwrap();
        circuit.t(qubit).unwrap();
        for other in 0..qubit {
            circuit.rzz(0.3, other, qubit).unwrap();
            circuit.cz(other, qubit).unwrap();
        }
    }
    assert_eq!(sweeps(&circuit), 1);
}

fn phases(qubits: &[u32], seed: f64) -> Shape {
    let entry = |i: usize| Complex64::cis(seed * (i + 1) as f64);
    Shape::Diagonal {
        qubits: qubits.to_vec(),
        table: (0..1 << qubits.len()).map(entry).collect(),
    }
}

fn close(a: &[Complex64], b: &[Complex64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).norm() < 1e-12)
}

#[test]
fn merged_diagonals_are_the_product_of_their_tables() {
    let shapes = [
        phases(&[5, 2], 0.3),
        phases(&[], 0.7),
        phases(&[7], 1.1),
        phases(&[2, 7, 3], 0.2),
    ];
    let costs = CostModel::default();
    let items: Vec<Item> = shapes
        .iter()
        .map(|shape| Item::new(shape.clone(), &costs))
        .collect();
    let merged = merge_diagonals(&items, &costs);
    assert_eq!(merged.len(), 1);
    let qubits = [2, 3, 5, 7];
    let apart: Vec<&Shape> = shapes.iter().collect();
    let whole = merged[0].shape();
    assert!(close(
        &product(&apart, &qubits),
        &product(&[&whole], &qubits)
    ));
}

#[test]
fn a_product_of_shapes_is_the_product_of_their_matrices() {
    let c = Complex64::new;
    let turn = Shape::Dense {
        targets: vec![4],
        controls: vec![(1, true)],
        matrix: vec![c(0.6, 0.0), c(0.0, 0.8), c(0.0, 0.8), c(0.6, 0.0)],
    };
    let swap = Shape::Permutation {
        targets: vec![4, 1],
        controls: vec![],
        image: vec![0, 2, 1, 3],
    };
    let phase = Shape::Diagonal {
        qubits: vec![4],
        table: vec![Complex64::ONE, Complex64::I],
    };
    // Index bit 0 is qubit 1. Control on 1, then the qubits change places, then i where qubit 4 is 1.
    let found = product(&[&turn, &swap, &phase], &[1, 4]);
    let (zero, one) = (Complex64::ZERO, Complex64::ONE);
    #[rustfmt::skip]
    let expected = [
        one, zero, zero, zero,
        zero, zero, one, zero,
        zero, c(0.0, 0.6), zero, c(-0.8, 0.0),
        zero, c(-0.8, 0.0), zero, c(0.0, 0.6),
    ];
    assert!(close(&found, &expected), "{found:?}");
}

#[test]
fn steps_commute_where_they_share_only_diagonal_qubits() {
    let extent = |support, mixed| Extent { support, mixed };
    let controlled = extent(0b011, 0b010);
    assert!(controlled.commutes(extent(0b101, 0b100)));
    assert!(!controlled.commutes(extent(0b010, 0)));
    assert!(controlled.blocks(0b010) && !controlled.blocks(0b011) && !controlled.blocks(0));
}
