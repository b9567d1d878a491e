use ardea_circuit::{Circuit, Clbit, Expr};

use super::*;
use crate::optimise::testing::check_on_random_programs;

const COUNTS: Rules = Rules {
    measured: Need::Dephased,
    blocks: Blocks::Gathered,
    gates: GateSet::Standard,
};
const STATE: Rules = Rules {
    measured: Need::Live,
    blocks: Blocks::Gathered,
    gates: GateSet::Standard,
};

fn names(circuit: &Circuit) -> Vec<String> {
    circuit
        .instructions()
        .iter()
        .map(|instruction| instruction.operation.name())
        .collect()
}

fn for_counts(circuit: &Circuit) -> Vec<String> {
    let mut out = circuit.clone();
    remove(
        &mut out,
        &mut vec![Need::Dead; circuit.num_qubits()],
        COUNTS,
    )
    .unwrap();
    names(&out)
}

#[test]
fn diagonal_gates_before_measurements_go() {
    let mut circuit = Circuit::new(3, 3);
    circuit
        .h(0)
        .unwrap()
        .cx(0, 1)
        .unwrap()
        .rz(0.3, 0)
        .unwrap()
        .cz(0, 1)
        .unwrap()
        .ccz(0, 1, 2)
        .unwrap();
    circuit
        .measure(0, 0)
        .unwrap()
        .measure(1, 1)
        .unwrap()
        .measure(2, 2)
        .unwrap();
    assert_eq!(
        for_counts(&circuit),
        ["h", "cx", "measure", "measure", "measure"]
    );
}

#[test]
fn a_diagonal_gate_stays_when_one_of_its_qubits_goes_on() {
    let mut circuit = Circuit::new(2, 2);
    circuit
        .h(0)
        .unwrap()
        .h(1)
        .unwrap()
        .cz(0, 1)
        .unwrap()
        .h(1)
        .unwrap()
        .measure(0, 0)
        .unwrap()
        .measure(1, 1)
        .unwrap();
    assert_eq!(for_counts(&circuit).len(), circuit.len());
}

#[test]
fn diagonal_gates_go_through_permutations_of_basis_states() {
    let mut circuit = Circuit::new(2, 2);
    circuit
        .h(0)
        .unwrap()
        .cp(0.3, 0, 1)
        .unwrap()
        .cx(0, 1)
        .unwrap()
        .x(0)
        .unwrap()
        .swap(0, 1)
        .unwrap();
    circuit.measure(0, 0).unwrap().measure(1, 1).unwrap();
    assert_eq!(
        for_counts(&circuit),
        ["h", "cx", "x", "swap", "measure", "measure"]
    );
}

#[test]
fn what_is_not_measured_goes() {
    let mut circuit = Circuit::new(3, 1);
    circuit
        .h(0)
        .unwrap()
        .cx(0, 1)
        .unwrap()
        .measure(0, 0)
        .unwrap()
        .cx(0, 2)
        .unwrap()
        .h(2)
        .unwrap()
        .barrier(&[1, 2])
        .unwrap();
    assert_eq!(for_counts(&circuit), ["h", "measure"]);
}

#[test]
fn a_condition_keeps_what_it_acts_on() {
    let mut body = Circuit::new(1, 2);
    body.x(0).unwrap();
    let mut circuit = Circuit::new(2, 2);
    circuit
        .h(0)
        .unwrap()
        .h(1)
        .unwrap()
        .cz(0, 1)
        .unwrap()
        .measure(0, 0)
        .unwrap();
    circuit
        .if_else(Expr::Bit(Clbit::new(0)), body, None, &[1])
        .unwrap()
        .measure(1, 1)
        .unwrap();
    // X permutes the outcomes of the second qubit, but which one it does depends on the first: both kept live.
    assert!(for_counts(&circuit).contains(&"if_else".to_owned()));
}

#[test]
fn the_state_is_kept_where_it_is_asked_for() {
    let mut circuit = Circuit::new(2, 1);
    circuit
        .h(0)
        .unwrap()
        .s(0)
        .unwrap()
        .measure(0, 0)
        .unwrap()
        .h(1)
        .unwrap()
        .reset(1)
        .unwrap()
        .t(1)
        .unwrap();
    let mut out = circuit.clone();
    remove(&mut out, &mut [Need::Live; 2], STATE).unwrap();
    assert_eq!(names(&out), ["h", "s", "measure", "reset", "t"]);
}

#[test]
fn random_programs_keep_their_meaning() {
    for preserve in [Preserve::Counts, Preserve::State, Preserve::Unitary] {
        let changed = check_on_random_programs(
            &RemoveUnobserved {
                blocks: Blocks::AnyGate,
            },
            preserve,
            150,
        );
        assert!(
            preserve != Preserve::Counts || changed > 50,
            "{preserve}: {changed}"
        );
    }
}
