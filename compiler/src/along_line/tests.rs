use std::collections::BTreeSet;
use std::f64::consts::PI;

use ardea_circuit::{Circuit, Gate, Layout};
use ardea_device::Target;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::line::{Line, Manner, Walk};
use super::stars::Stars;
use super::*;
use crate::optimise::testing::check_on_random_programs;
use crate::verify::{Placed, Verdict, compare};
use crate::{CompileOptions, Preserve};

fn fourier(num_qubits: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits, 0);
    for hub in (0..num_qubits).rev() {
        circuit.h(hub).unwrap();
        for other in (0..hub).rev() {
            let angle = PI / f64::from(1 << (hub - other));
            circuit.cp(angle, other, hub).unwrap();
        }
    }
    circuit
}

fn assert_same(before: &Circuit, after: &Circuit, last: Vec<Qubit>, what: &str) {
    let trivial = Layout::trivial(before.num_qubits());
    let layout = Layout {
        initial: trivial.initial.clone(),
        last,
    };
    let before = Placed {
        circuit: before,
        layout: &trivial,
    };
    let after = Placed {
        circuit: after,
        layout: &layout,
    };
    let verdict = compare(before, after, Preserve::Unitary);
    assert!(matches!(verdict, Verdict::Equal), "{what}: {verdict:?}");
}

#[test]
fn random_programs_keep_their_meaning() {
    check_on_random_programs(&PhasesAlongLine, Preserve::Unitary, 200);
}

/// Phases between random pairs, and now and then something that holds them up.
#[test]
fn every_manner_on_any_order_keeps_the_unitary() {
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    for trial in 0..300 {
        let num_qubits = rng.random_range(2..7);
        let mut circuit = Circuit::new(num_qubits, 0);
        for _ in 0..rng.random_range(5..30) {
            let a = rng.random_range(0..num_qubits);
            let b = (a + rng.random_range(1..num_qubits)) % num_qubits;
            let angle = rng.random_range(-3.0..3.0);
            match rng.random_range(0..12) {
                0 => circuit.h(a),
                1 => circuit.x(a),
                2 => circuit.u(angle, 0.3, 0.7, a),
                3 => circuit.cx(a, b),
                4 => circuit.iswap(a, b),
                5 => circuit.t(a),
                6 | 7 => circuit.cp(angle, a, b),
                _ => circuit.rzz(angle, a, b),
            }
            .unwrap();
        }
        let stars = Stars::of(&circuit).unwrap();
        for order in stars.orders() {
            for walk in [Walk::Through, Walk::ToTheEnd, Walk::Back] {
                for whole in [true, false] {
                    let manner = Manner { walk, whole };
                    let line = Line::new(&circuit, &order, manner, usize::MAX);
                    let (_, written, last) = line.write(&stars).unwrap();
                    let what = format!("trial {trial}, {manner:?}, {order:?}\n{circuit:?}");
                    assert_same(&circuit, &written, last, &what);
                }
            }
        }
    }
}

#[test]
fn a_fourier_transform_takes_about_two_cx_for_each_pair() {
    for num_qubits in [4, 6, 30] {
        let target = Target::line(num_qubits).unwrap();
        let options = CompileOptions::default();
        let mut context = Context::new(&target, &options, num_qubits);
        let before = fourier(num_qubits);
        let mut after = before.clone();
        let change = PhasesAlongLine.run(&mut after, &mut context).unwrap();
        assert!(change.is_changed());
        let count = crate::translate::count_after_merging(&after);
        assert!(
            count <= num_qubits * (num_qubits + 2),
            "{num_qubits} qubits: {count}"
        );
        assert!(after.two_qubit_depth() <= 8 * num_qubits);
        let pairs: BTreeSet<[Qubit; 2]> = after
            .instructions()
            .iter()
            .filter_map(|instruction| match *instruction.qubits {
                [a, b] => Some([a.min(b), a.max(b)]),
                _ => None,
            })
            .collect();
        assert_eq!(pairs.len(), num_qubits - 1, "{pairs:?}");
        if num_qubits <= 6 {
            assert_same(&before, &after, context.current_layout().last, "fourier");
        }
    }
}

#[test]
fn few_pairs_are_left_alone() {
    let target = Target::line(9).unwrap();
    let options = CompileOptions::default();
    let mut circuit = Circuit::new(9, 0);
    for other in 1..9 {
        circuit.cz(0, other).unwrap();
    }
    let mut context = Context::new(&target, &options, 9);
    let before = circuit.clone();
    let change = PhasesAlongLine.run(&mut circuit, &mut context).unwrap();
    assert!(!change.is_changed());
    assert_eq!(circuit, before);
    assert_eq!(circuit.count_ops().get(Gate::CZ.name()), Some(&8));
}
