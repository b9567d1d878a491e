//! Verdicts against the matrices of random pairs, equal ones and ones with a mistake.

use ardea_circuit::matrix::close_up_to_phase;
use ardea_circuit::random::random_circuit;
use ardea_circuit::{Angle, Circuit, Clbit, Expr, Gate, Instruction, Layout, Operation, Qubit};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::compare::{Decision, Pair, check_with, pair_of};
use crate::{
    CheckOptions, Meaning, Method, Verdict, by_clusters, by_rotations, by_simulation, check,
};

mod fermions;
mod windows;

const ANY: &[Gate] = &[
    Gate::H,
    Gate::X,
    Gate::S,
    Gate::T,
    Gate::SX,
    Gate::RX,
    Gate::RY,
    Gate::RZ,
    Gate::U,
    Gate::CX,
    Gate::CZ,
    Gate::CP,
    Gate::Swap,
    Gate::ISwap,
    Gate::ECR,
    Gate::RXX,
    Gate::RYY,
    Gate::RZZ,
    Gate::RZX,
    Gate::XXPlusYY,
    Gate::CCX,
    Gate::CSwap,
    Gate::CRX,
    Gate::CU,
];
const CLIFFORD: &[Gate] = &[
    Gate::H,
    Gate::S,
    Gate::SX,
    Gate::Y,
    Gate::CX,
    Gate::CZ,
    Gate::Swap,
    Gate::ISwap,
    Gate::ECR,
];

fn options(meaning: Meaning) -> CheckOptions {
    CheckOptions {
        meaning,
        ..CheckOptions::default()
    }
}

/// What one method says about a pair.
fn by(
    method: fn(&Pair<'_>) -> Decision,
    a: &Circuit,
    b: &Circuit,
    options: &CheckOptions,
) -> Verdict {
    check_with(&[(Method::None, method)], a, b, options)
        .unwrap()
        .verdict
}

/// The circuit with its gates spelled differently, neighbours that commute exchanged, and its qubits moved by swaps.
fn disguised(circuit: &Circuit, rng: &mut Pcg64Mcg) -> (Circuit, Layout) {
    let n = circuit.num_qubits();
    let spare = 2;
    let mut at: Vec<usize> = (0..n + spare).collect();
    for i in 0..at.len() {
        at.swap(i, rng.random_range(i..n + spare));
    }
    let initial = at[..n].iter().map(|&q| Qubit::new(q)).collect();
    let mut out = Circuit::new(n + spare, circuit.num_clbits());
    let mut list: Vec<Instruction> = circuit.instructions().to_vec();
    for i in 1..list.len() {
        let apart = list[i]
            .qubits
            .iter()
            .all(|q| !list[i - 1].qubits.contains(q));
        if apart && list[i].operation.is_unitary() && rng.random_bool(0.5) {
            list.swap(i - 1, i);
        }
    }
    for instruction in list {
        if rng.random_bool(0.3) {
            let (p, q) = (
                rng.random_range(0..n + spare),
                rng.random_range(0..n + spare),
            );
            if p != q {
                out.swap(p, q).unwrap();
                at.iter_mut().for_each(|place| {
                    *place = if *place == p {
                        q
                    } else if *place == q {
                        p
                    } else {
                        *place
                    };
                });
            }
        }
        if rng.random_bool(0.3) {
            let q = rng.random_range(0..n + spare);
            out.h(q)
                .unwrap()
                .rx(0.37, q)
                .unwrap()
                .rx(-0.37, q)
                .unwrap()
                .h(q)
                .unwrap();
        }
        let qubits: Vec<Qubit> = instruction
            .qubits
            .iter()
            .map(|q| Qubit::new(at[q.index()]))
            .collect();
        match instruction.operation.definition() {
            Ok(definition) if rng.random_bool(0.5) => {
                out.append(&definition, &qubits, &[]).unwrap();
            }
            _ => {
                out.push(instruction.operation, &qubits).unwrap();
            }
        }
    }
    let last = at[..n].iter().map(|&q| Qubit::new(q)).collect();
    (out, Layout { initial, last })
}

/// The circuit with one mistake.
fn mistaken(circuit: &Circuit, rng: &mut Pcg64Mcg) -> Circuit {
    let mut list = circuit.instructions().to_vec();
    let place = rng.random_range(0..list.len());
    match rng.random_range(0..4) {
        0 => {
            list.remove(place);
        }
        1 => {
            let qubit = list[place].qubits[0];
            list.insert(
                place,
                Instruction {
                    operation: Operation::Rotation(Gate::RZ, 1e-3),
                    qubits: [qubit][..].into(),
                },
            );
        }
        2 => {
            let swapped: Vec<Qubit> = list[place].qubits.iter().rev().copied().collect();
            list[place].qubits = swapped[..].into();
        }
        _ => {
            let (p, q) = (Qubit::new(0), Qubit::new(1));
            list.insert(
                place,
                Instruction {
                    operation: Operation::Gate(Gate::CX),
                    qubits: [p, q][..].into(),
                },
            );
        }
    }
    let mut out = circuit.same_shape();
    list.into_iter().for_each(|instruction| {
        out.push_instruction(instruction).unwrap();
    });
    out
}

#[test]
fn disguised_circuits_are_equal_in_every_meaning() {
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    for round in 0..120 {
        let n = 2 + round % 4;
        let circuit = random_circuit(&mut rng, n, 12, if round % 3 == 0 { CLIFFORD } else { ANY });
        let (other, layout) = disguised(&circuit, &mut rng);
        for meaning in [Meaning::Unitary, Meaning::State, Meaning::Counts] {
            let options = CheckOptions {
                layout_after: Some(layout.clone()),
                ..options(meaning)
            };
            let report = check(&circuit, &other, &options).unwrap();
            assert_eq!(report.verdict, Verdict::Equal, "round {round}: {report:?}");
            for method in [
                by_rotations::decide,
                by_rotations::decide_by_windows,
                by_clusters::decide,
                by_simulation::decide,
            ] {
                let verdict = by(method, &circuit, &other, &options);
                assert_ne!(verdict, Verdict::Different, "round {round}: {meaning}");
            }
        }
    }
}

#[test]
fn no_method_contradicts_the_matrices() {
    let mut rng = Pcg64Mcg::seed_from_u64(2);
    let (mut found, mut decided, mut witnessed) = (0, 0, 0);
    for round in 0..300 {
        let n = 2 + round % 3;
        let circuit = random_circuit(&mut rng, n, 10, if round % 3 == 0 { CLIFFORD } else { ANY });
        let other = mistaken(&circuit, &mut rng);
        let same = close_up_to_phase(
            &circuit.to_matrix().unwrap(),
            &other.to_matrix().unwrap(),
            1e-9,
        );
        let options = options(Meaning::Unitary);
        let truth = if same {
            Verdict::Equal
        } else {
            Verdict::Different
        };
        let report = check(&circuit, &other, &options).unwrap();
        assert_eq!(
            report.verdict,
            truth,
            "round {round}: {report:?}\n{}\n{}",
            circuit.draw(),
            other.draw()
        );
        if let Some(witness) = &report.witness {
            assert!(
                (witness.before - witness.after).abs() > 1e-10,
                "round {round}: {witness:?}"
            );
            witnessed += 1;
        }
        found += usize::from(!same);
        let verdict = by(by_rotations::decide, &circuit, &other, &options);
        assert!(
            [truth, Verdict::Unknown].contains(&verdict),
            "round {round}: {verdict}"
        );
        decided += usize::from(verdict == truth);
        for method in [by_rotations::decide_by_windows, by_clusters::decide] {
            let verdict = by(method, &circuit, &other, &options);
            assert!(
                [truth, Verdict::Unknown].contains(&verdict),
                "round {round}: {verdict}"
            );
        }
        assert_eq!(by(by_simulation::decide, &circuit, &other, &options), truth);
    }
    assert!(witnessed == found, "{witnessed} of {found}");
    assert!(found > 150 && decided > 100, "{found} {decided}");
}

#[test]
fn clifford_circuits_are_decided_at_any_width_with_a_witness_that_holds() {
    let mut rng = Pcg64Mcg::seed_from_u64(3);
    for round in 0..60 {
        let n = if round % 2 == 0 { 3 } else { 150 };
        let circuit = random_circuit(&mut rng, n, 8 * n, CLIFFORD);
        let (other, layout) = disguised(&circuit, &mut rng);
        let equal = CheckOptions {
            layout_after: Some(layout),
            ..options(Meaning::Unitary)
        };
        let report = check_with(
            &[(Method::PauliRotations, by_rotations::decide)],
            &circuit,
            &other,
            &equal,
        )
        .unwrap();
        assert_eq!(report.verdict, Verdict::Equal);
        let wrong = mistaken(&circuit, &mut rng);
        let report = check_with(
            &[(Method::PauliRotations, by_rotations::decide)],
            &circuit,
            &wrong,
            &options(Meaning::Unitary),
        )
        .unwrap();
        if n > 3 {
            assert_ne!(report.verdict, Verdict::Unknown);
        }
        if let Some(witness) = report.witness {
            // Simulation finds it where the mistake is no Clifford gate.
            let least = if n > 3 { 0.5 } else { 1e-6 };
            assert!(
                (witness.before - witness.after).abs() > least,
                "{witness:?}"
            );
        }
    }
}

#[test]
fn a_wrong_layout_is_noticed() {
    let mut circuit = Circuit::new(2, 0);
    circuit.h(0).unwrap().cx(0, 1).unwrap().rx(0.3, 0).unwrap();
    let layout = |a: [usize; 2], b: [usize; 2]| {
        let list = |places: [usize; 2]| places.iter().map(|&q| Qubit::new(q)).collect();
        Some(Layout {
            initial: list(a),
            last: list(b),
        })
    };
    let verdict = |layout_after| {
        let options = CheckOptions {
            layout_after,
            ..options(Meaning::Unitary)
        };
        check(&circuit, &circuit, &options).unwrap().verdict
    };
    assert_eq!(verdict(layout([0, 1], [0, 1])), Verdict::Equal);
    assert_eq!(verdict(layout([0, 1], [1, 0])), Verdict::Different);
    assert_eq!(verdict(layout([1, 0], [0, 1])), Verdict::Different);
}

#[test]
fn what_only_a_state_or_its_counts_keep_is_equal_in_that_sense_only() {
    let mut long = Circuit::new(2, 2);
    long.cz(0, 1)
        .unwrap()
        .h(0)
        .unwrap()
        .rz(0.3, 1)
        .unwrap()
        .cx(0, 1)
        .unwrap();
    let mut short = Circuit::new(2, 2);
    short.h(0).unwrap().cx(0, 1).unwrap();
    let verdict =
        |a: &Circuit, b: &Circuit, meaning| check(a, b, &options(meaning)).unwrap().verdict;
    assert_eq!(verdict(&long, &short, Meaning::State), Verdict::Equal);
    assert_eq!(verdict(&long, &short, Meaning::Unitary), Verdict::Different);
    // Phases before a measurement are not seen in the counts.
    long.rz(0.7, 0)
        .unwrap()
        .measure(0, 0)
        .unwrap()
        .measure(1, 1)
        .unwrap();
    short.measure(0, 0).unwrap().measure(1, 1).unwrap();
    assert_eq!(verdict(&long, &short, Meaning::Counts), Verdict::Equal);
    let mut exchanged = Circuit::new(2, 2);
    exchanged
        .h(0)
        .unwrap()
        .measure(0, 1)
        .unwrap()
        .measure(1, 0)
        .unwrap();
    assert_eq!(
        verdict(&long, &exchanged, Meaning::Counts),
        Verdict::Different
    );
}

#[test]
fn measured_values_that_are_used_again_are_followed() {
    // Teleportation with conditions, and with the conditions as controls before the measurement.
    let build = |deferred: bool| {
        let mut circuit = Circuit::new(3, 3);
        circuit
            .ry(0.4, 0)
            .unwrap()
            .h(1)
            .unwrap()
            .cx(1, 2)
            .unwrap()
            .cx(0, 1)
            .unwrap()
            .h(0)
            .unwrap();
        if deferred {
            circuit.cx(1, 2).unwrap().cz(0, 2).unwrap();
            circuit.measure(0, 0).unwrap().measure(1, 1).unwrap();
        } else {
            circuit.measure(0, 0).unwrap().measure(1, 1).unwrap();
            let fix = |gate: Gate| {
                let mut body = Circuit::new(1, 3);
                body.push(Operation::Gate(gate), &[Qubit::new(0)]).unwrap();
                body
            };
            circuit
                .if_else(Expr::Bit(Clbit::new(1)), fix(Gate::X), None, &[2])
                .unwrap();
            circuit
                .if_else(Expr::Bit(Clbit::new(0)), fix(Gate::Z), None, &[2])
                .unwrap();
        }
        circuit.measure(2, 2).unwrap();
        circuit
    };
    let verdict =
        |a: &Circuit, b: &Circuit| check(a, b, &options(Meaning::Counts)).unwrap().verdict;
    assert_eq!(verdict(&build(false), &build(true)), Verdict::Equal);
    let mut plain = Circuit::new(3, 3);
    plain.h(0).unwrap().h(1).unwrap().ry(0.4, 2).unwrap();
    plain
        .measure(0, 0)
        .unwrap()
        .measure(1, 1)
        .unwrap()
        .measure(2, 2)
        .unwrap();
    assert_eq!(verdict(&build(false), &plain), Verdict::Equal);
    let mut tilted = Circuit::new(3, 3);
    tilted.h(0).unwrap().h(1).unwrap().ry(0.41, 2).unwrap();
    tilted
        .measure(0, 0)
        .unwrap()
        .measure(1, 1)
        .unwrap()
        .measure(2, 2)
        .unwrap();
    assert_eq!(verdict(&build(false), &tilted), Verdict::Different);
}

#[test]
fn symbols_make_the_verdict_probable() {
    let build = |angles: [Angle; 2]| {
        let mut circuit = Circuit::new(2, 0);
        let [first, second] = angles;
        circuit
            .rz(first, 0)
            .unwrap()
            .cx(0, 1)
            .unwrap()
            .rz(second, 0)
            .unwrap();
        circuit
    };
    let (a, b) = (Angle::symbol("a"), Angle::symbol("b"));
    let split = build([a.clone(), b.clone()]);
    let verdict = |other| {
        check(&split, &other, &options(Meaning::Unitary))
            .unwrap()
            .verdict
    };
    assert_eq!(
        verdict(build([a.clone() + b.clone(), Angle::ZERO])),
        Verdict::ProbablyEqual
    );
    assert_eq!(verdict(build([a, b * 2.0])), Verdict::Different);
}

#[test]
fn hopeless_circuits_end_quickly_with_unknown() {
    let mut rng = Pcg64Mcg::seed_from_u64(4);
    let a = random_circuit(&mut rng, 100, 1_000, ANY);
    let b = random_circuit(&mut rng, 100, 1_000, ANY);
    let report = check(&a, &b, &options(Meaning::Counts)).unwrap();
    assert!(
        matches!(report.verdict, Verdict::Unknown | Verdict::Different),
        "{report:?}"
    );
    let mut looping = Circuit::new(1, 1);
    looping
        .while_loop(Expr::Bit(Clbit::new(0)), Circuit::new(1, 1), &[0])
        .unwrap();
    assert_eq!(
        check(&looping, &looping, &options(Meaning::Counts))
            .unwrap()
            .verdict,
        Verdict::Unknown
    );
}

#[test]
fn circuits_that_cannot_be_compared_are_refused() {
    let wide = Circuit::new(3, 0);
    assert!(check(&wide, &Circuit::new(2, 0), &options(Meaning::Unitary)).is_err());
    let layout = Layout {
        initial: vec![Qubit::new(0); 3],
        last: vec![Qubit::new(7); 3],
    };
    let bad = CheckOptions {
        layout_after: Some(layout),
        ..options(Meaning::Unitary)
    };
    assert!(check(&wide, &wide, &bad).is_err());
    let tolerance = CheckOptions {
        tolerance: f64::NAN,
        ..options(Meaning::Unitary)
    };
    assert!(check(&wide, &wide, &tolerance).is_err());
}

#[test]
fn wide_circuits_without_gates_cost_nothing() {
    let wide = Circuit::new(1 << 20, 1 << 20);
    assert_eq!(
        check(&wide, &wide, &options(Meaning::Unitary))
            .unwrap()
            .verdict,
        Verdict::Equal
    );
    assert!(
        pair_of(&wide, &wide, &options(Meaning::Unitary))
            .unwrap()
            .inputs
            .is_empty()
    );
}

#[test]
fn resynthesised_and_routed_blocks_are_equal_at_any_width() {
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    let n = 40;
    let (mut plain, mut routed) = (Circuit::new(n, 0), Circuit::new(n, 0));
    let mut at: Vec<usize> = (0..n).collect();
    // What was done to each wire of the second circuit and has to be undone before its next block.
    let mut owed: Vec<[f64; 3]> = vec![[0.0; 3]; n];
    for layer in 0..6 {
        for first in (layer % 2..n - 1).step_by(2) {
            let block = random_circuit(&mut rng, 2, 8, &[Gate::U, Gate::CX, Gate::RXX]);
            plain
                .append(&block, &[Qubit::new(first), Qubit::new(first + 1)], &[])
                .unwrap();
            let places = [at[first], at[first + 1]];
            for place in places {
                let [a, b, c] = owed[place];
                routed.u(-a, -c, -b, place).unwrap();
                owed[place] = [0, 1, 2].map(|_| rng.random::<f64>());
            }
            routed.append(&block, &places.map(Qubit::new), &[]).unwrap();
            routed.swap(places[0], places[1]).unwrap();
            at.swap(first, first + 1);
            for place in places {
                let [a, b, c] = owed[place];
                routed.u(a, b, c, place).unwrap();
            }
        }
    }
    for (place, [a, b, c]) in owed.into_iter().enumerate() {
        routed.u(-a, -c, -b, place).unwrap();
    }
    let layout = Layout {
        initial: (0..n).map(Qubit::new).collect(),
        last: at.into_iter().map(Qubit::new).collect(),
    };
    let options = CheckOptions {
        layout_after: Some(layout),
        ..options(Meaning::Unitary)
    };
    let report = check_with(
        &[(Method::Clusters, by_clusters::decide)],
        &plain,
        &routed,
        &options,
    )
    .unwrap();
    assert_eq!(report.verdict, Verdict::Equal, "{report:?}");
    routed.rz(1e-3, 7).unwrap();
    assert_ne!(
        check(&plain, &routed, &options).unwrap().verdict,
        Verdict::Equal
    );
}

#[test]
fn what_the_zero_state_does_not_notice_is_equal_as_a_state_at_any_width() {
    let n = 40;
    let build = |noise: bool| {
        let mut circuit = Circuit::new(n, 0);
        if noise {
            for q in 0..n - 1 {
                circuit.cx(q, q + 1).unwrap().cz(q, q + 1).unwrap();
                circuit.rz(0.4, q).unwrap().crx(0.3, q, q + 1).unwrap();
            }
        }
        (0..n).for_each(|q| {
            circuit.h(q).unwrap();
        });
        (0..n - 1).for_each(|q| {
            circuit.rzz(0.3, q, q + 1).unwrap();
        });
        (0..n).for_each(|q| {
            circuit.rx(0.2, q).unwrap();
        });
        (0..n - 1).for_each(|q| {
            circuit.rzz(0.7, q, q + 1).unwrap();
        });
        circuit
    };
    let (plain, noisy) = (build(false), build(true));
    let verdict = |meaning| check(&plain, &noisy, &options(meaning)).unwrap().verdict;
    assert_eq!(verdict(Meaning::State), Verdict::Equal);
    assert_ne!(verdict(Meaning::Unitary), Verdict::Equal);
}
