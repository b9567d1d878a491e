use ardea_circuit::{Angle, Circuit, Clbit, Expr};

use super::super::edge_block;
use super::*;
use crate::optimise::testing::check_on_random_programs;

const GATHERED: Rules = Rules {
    blocks: Blocks::Gathered,
    gates: GateSet::Standard,
};

fn simplified(circuit: &Circuit) -> Circuit {
    let mut out = circuit.clone();
    simplify(
        &mut out,
        vec![Some(State::ZERO); circuit.num_qubits()],
        GATHERED,
    )
    .unwrap();
    if circuit.is_unitary() && !circuit.is_symbolic() {
        let column = |circuit: &Circuit| circuit.to_matrix().unwrap().column(0).into_owned();
        let difference = (column(circuit) - column(&out)).norm();
        assert!(
            difference < 1e-9,
            "{difference}: {circuit:?} became {out:?}"
        );
    }
    out
}

fn names(circuit: &Circuit) -> Vec<String> {
    circuit
        .instructions()
        .iter()
        .map(|instruction| instruction.operation.name())
        .collect()
}

#[test]
fn certain_controls_go() {
    let mut circuit = Circuit::new(4, 0);
    circuit
        .h(3)
        .unwrap()
        .x(0)
        .unwrap()
        .ccx(0, 3, 2)
        .unwrap()
        .ccx(1, 3, 2)
        .unwrap()
        .cswap(0, 2, 3)
        .unwrap();
    assert_eq!(names(&simplified(&circuit)), ["h", "x", "cx", "swap"]);
}

#[test]
fn phases_of_known_states_go_to_the_global_phase() {
    let mut circuit = Circuit::new(2, 0);
    circuit
        .rz(0.3, 0)
        .unwrap()
        .t(1)
        .unwrap()
        .x(0)
        .unwrap()
        .rz(0.4, 0)
        .unwrap()
        .p(0.2, 0)
        .unwrap()
        .rzz(0.7, 0, 1)
        .unwrap();
    assert_eq!(names(&simplified(&circuit)), ["x"]);
}

#[test]
fn symbolic_phases_of_known_states_go_too() {
    let mut circuit = Circuit::new(2, 0);
    circuit
        .h(1)
        .unwrap()
        .rz(Angle::symbol("a"), 0)
        .unwrap()
        .rzz(Angle::symbol("b"), 0, 1)
        .unwrap();
    let out = simplified(&circuit);
    assert_eq!(names(&out), ["h", "rz"]);
    assert_eq!(*out.global_phase(), Angle::symbol("a") * -0.5);
}

#[test]
fn targets_that_are_left_alone_kick_the_phase_back() {
    let mut circuit = Circuit::new(3, 0);
    circuit
        .h(0)
        .unwrap()
        .h(1)
        .unwrap()
        .x(2)
        .unwrap()
        .h(2)
        .unwrap();
    circuit
        .cx(0, 1)
        .unwrap()
        .cx(1, 2)
        .unwrap()
        .ccx(0, 1, 2)
        .unwrap();
    assert_eq!(
        names(&simplified(&circuit)),
        ["h", "h", "x", "h", "z", "cz"]
    );
}

#[test]
fn the_operator_is_kept_when_the_start_is_unknown() {
    let mut circuit = Circuit::new(2, 0);
    circuit
        .cx(0, 1)
        .unwrap()
        .reset(0)
        .unwrap()
        .cx(0, 1)
        .unwrap();
    let mut out = circuit.clone();
    simplify(&mut out, vec![None; 2], GATHERED).unwrap();
    assert_eq!(names(&out), ["cx", "reset"]);
}

#[test]
fn resets_of_known_states_go() {
    let mut circuit = Circuit::new(1, 1);
    circuit
        .reset(0)
        .unwrap()
        .x(0)
        .unwrap()
        .reset(0)
        .unwrap()
        .h(0)
        .unwrap()
        .measure(0, 0)
        .unwrap()
        .reset(0)
        .unwrap();
    assert_eq!(
        names(&simplified(&circuit)),
        ["x", "x", "h", "measure", "reset"]
    );
}

#[test]
fn a_choice_knows_its_start_and_leaves_nothing_known() {
    let mut body = Circuit::new(1, 1);
    body.z(0).unwrap().x(0).unwrap();
    let mut circuit = Circuit::new(2, 1);
    circuit.h(1).unwrap().measure(1, 0).unwrap();
    circuit
        .if_else(Expr::Bit(Clbit::new(0)), body, None, &[0])
        .unwrap()
        .cx(0, 1)
        .unwrap();
    let out = simplified(&circuit);
    assert_eq!(names(&out), ["h", "measure", "if_else", "cx"]);
    assert_eq!(out.instructions()[2].operation.bodies()[0].len(), 1);
}

#[test]
fn random_programs_keep_their_meaning() {
    for preserve in [Preserve::Counts, Preserve::State, Preserve::Unitary] {
        let changed = check_on_random_programs(
            &SimplifyKnownStates {
                blocks: Blocks::AnyGate,
            },
            preserve,
            150,
        );
        assert!(changed > 30, "{preserve}: {changed}");
    }
}

#[test]
fn gathered_blocks_on_known_states_get_cheaper() {
    let mut rng = rand_pcg::Pcg64Mcg::new(5);
    let mut block = || {
        let gates = [Gate::U, Gate::CX, Gate::RXX, Gate::RZZ];
        ardea_circuit::random::random_circuit(&mut rng, 2, 20, &gates)
            .to_matrix()
            .unwrap()
    };
    let mut circuit = Circuit::new(3, 0);
    circuit
        .unitary(block(), &[0, 1])
        .unwrap()
        .unitary(block(), &[2, 1])
        .unwrap()
        .unitary(block(), &[0, 2])
        .unwrap();
    let out = simplified(&circuit);
    let costs: Vec<usize> = out
        .instructions()
        .iter()
        .map(|instruction| {
            edge_block::cost(&instruction.operation.matrix2().unwrap(), GateSet::Standard)
        })
        .collect();
    assert_eq!(costs, [1, 2, 3]);
}
