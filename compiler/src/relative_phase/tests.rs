use ardea_circuit::random::{random_circuit, random_qubits};
use ardea_circuit::{Circuit, Gate, Instruction, Operation};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::Preserve;
use crate::optimise::testing::check_on_random_programs;
use crate::translate::Unroll;
use crate::{CompileOptions, Context};

fn num_cx(circuit: &Circuit) -> usize {
    let target = ardea_device::Target::all_to_all(circuit.num_qubits()).unwrap();
    let options = CompileOptions::default();
    let mut context = Context::new(&target, &options, circuit.num_qubits());
    let mut unrolled = circuit.clone();
    Unroll.run(&mut unrolled, &mut context).unwrap();
    unrolled.two_qubit_count()
}

/// Runs the pass and compares the operators, global phase included.
fn check(circuit: &Circuit) -> (usize, usize) {
    let mut after = circuit.clone();
    pair(&mut after).unwrap();
    let distance = (after.to_matrix().unwrap() - circuit.to_matrix().unwrap()).norm();
    assert!(distance < 1e-10, "{circuit:?}\nbecame\n{after:?}");
    (num_cx(circuit), num_cx(&after))
}

fn toffolis_on(num_qubits: usize, list: &[[usize; 3]]) -> Circuit {
    let mut circuit = Circuit::new(num_qubits, 0);
    for &[a, b, c] in list {
        circuit.ccx(a, b, c).unwrap();
    }
    circuit
}

#[test]
fn a_bit_that_is_computed_and_taken_back_costs_three_cx_each_time() {
    let tof_3 = toffolis_on(5, &[[0, 1, 3], [2, 3, 4], [0, 1, 3]]);
    assert_eq!(check(&tof_3), (18, 12));
    let tof_4 = [[0, 1, 4], [2, 4, 5], [3, 5, 6], [2, 4, 5], [0, 1, 4]];
    assert_eq!(check(&toffolis_on(7, &tof_4)), (30, 18));
}

#[test]
fn borrowed_qubits_need_four_cx_at_the_top_of_the_ladder() {
    let barenco_3 = [[2, 3, 4], [0, 1, 3], [2, 3, 4], [0, 1, 3]];
    assert_eq!(check(&toffolis_on(5, &barenco_3)), (24, 14));
}

#[test]
fn a_change_in_between_keeps_toffolis_whole() {
    let mut circuit = Circuit::new(4, 0);
    circuit.ccx(0, 1, 2).unwrap().h(0).unwrap();
    circuit.h(1).unwrap().ccx(0, 1, 2).unwrap();
    circuit.barrier(&[0, 1, 2]).unwrap().ccx(0, 1, 2).unwrap();
    assert_eq!(pair(&mut circuit), Ok(Change::Unchanged));
}

/// Toffoli gates among gates that move, mix and turn the bits, with stretches that are taken back later.
fn random(rng: &mut Pcg64Mcg) -> Circuit {
    let num_qubits = rng.random_range(3..=6);
    let mut circuit = Circuit::new(num_qubits, 0);
    let mut done: Vec<Instruction> = Vec::new();
    while done.len() < 30 {
        if rng.random_bool(0.15) && !done.is_empty() {
            let back = rng.random_range(1..=done.len().min(6));
            let skip = rng.random_range(0..=done.len() - back);
            let undone: Vec<Instruction> = done[skip..skip + back].iter().rev().cloned().collect();
            done.extend(undone.into_iter().map(|instruction| Instruction {
                operation: instruction.operation.inverse().unwrap(),
                ..instruction
            }));
            continue;
        }
        let gate = match rng.random_range(0..20) {
            0..=9 => Gate::CCX,
            10 => Gate::CCZ,
            11..=13 => Gate::CX,
            14 => Gate::X,
            15 => Gate::H,
            16 => [Gate::T, Gate::CZ, Gate::SX][rng.random_range(0..3)],
            17 => [Gate::Swap, Gate::ISwap, Gate::DCX, Gate::CY][rng.random_range(0..4)],
            18 => Gate::CSwap,
            _ => [Gate::Y, Gate::RCCX, Gate::CSX, Gate::ECR][rng.random_range(0..4)],
        };
        done.push(Instruction {
            operation: Operation::Gate(gate),
            qubits: random_qubits(rng, num_qubits, gate.num_qubits())
                .into_iter()
                .collect(),
        });
    }
    for instruction in done {
        circuit.push_instruction(instruction).unwrap();
    }
    circuit
}

#[test]
fn random_circuits_stay_the_same_operator() {
    let rng = &mut Pcg64Mcg::seed_from_u64(7);
    let mut shorter = 0;
    for _ in 0..400 {
        let (before, after) = check(&random(rng));
        assert!(after <= before);
        shorter += usize::from(after < before);
    }
    assert!(shorter > 200, "{shorter}");
}

#[test]
fn dense_random_toffoli_circuits_stay_the_same_operator() {
    let rng = &mut Pcg64Mcg::seed_from_u64(8);
    for _ in 0..200 {
        check(&random_circuit(
            rng,
            4,
            24,
            &[Gate::CCX, Gate::CCX, Gate::CX, Gate::CCZ],
        ));
    }
}

#[test]
fn random_programs_stay_the_same() {
    check_on_random_programs(&PairToffolis, Preserve::Unitary, 150);
}

#[test]
fn wires_are_followed_through_gates_that_permute_basis_states() {
    use Gate::*;
    for gate in [
        X, Y, CX, CY, Swap, ISwap, DCX, CCX, RCCX, C3X, RC3X, C4X, CSwap,
    ] {
        let num_qubits = gate.num_qubits();
        let matrix = gate.matrix(&[]);
        let instruction = Instruction {
            operation: Operation::Gate(gate),
            qubits: (0..num_qubits).map(Qubit::new).collect(),
        };
        let mut values = Values::new(num_qubits);
        values.pass(&instruction);
        for column in 0..1 << num_qubits {
            let row = (0..num_qubits)
                .map(|q| usize::from(values.evaluate(Qubit::new(q), column)) << q)
                .sum::<usize>();
            assert!(
                (matrix[(row, column)].norm() - 1.0).abs() < 1e-12,
                "{gate:?}"
            );
        }
    }
}
