//! Random programs for the tests of this folder: every standard gate, and all that is not a gate.

use ardea_circuit::random::{random_circuit, random_qubits};
use ardea_circuit::{
    Circuit, Clbit, Expr, ForLoop, ForValues, Gate, Layout, Operation, Qubit, WhileLoop,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::verify::{Placed, Verdict, compare};
use crate::{Change, CompileOptions, Context, Pass, Preserve};

/// Runs `pass` on `count` random programs and compares each with its input in the sense of `preserve`; returns how
/// many the pass changed.
pub(crate) fn check_on_random_programs(pass: &impl Pass, preserve: Preserve, count: u64) -> usize {
    let target = ardea_device::Target::all_to_all(4).unwrap();
    let options = CompileOptions {
        preserve,
        ..CompileOptions::default()
    };
    let mut changed = 0;
    for seed in 0..count {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let before = match seed % 3 {
            0 => random_circuit(&mut rng, 4, 12, &Gate::ALL),
            _ => random_program(&mut rng, 4, 3, 14, 2),
        };
        let mut after = before.clone();
        let mut context = Context::new(&target, &options, 4);
        changed += usize::from(pass.run(&mut after, &mut context) == Ok(Change::Changed));
        let verdict = compare(
            Placed {
                circuit: &before,
                layout: &Layout::trivial(4),
            },
            Placed {
                circuit: &after,
                layout: &context.current_layout(),
            },
            preserve,
        );
        assert!(
            !matches!(verdict, Verdict::Different(_)),
            "seed {seed}: {verdict:?}\n{before:?}\nbecame\n{after:?}"
        );
    }
    changed
}

/// A random program of gates, measurements, resets, barriers and, `nesting` deep, control flow.
pub(crate) fn random_program(
    rng: &mut Pcg64Mcg,
    num_qubits: usize,
    num_clbits: usize,
    length: usize,
    nesting: usize,
) -> Circuit {
    // Gates with special structure more often than their number among all gates would have it.
    const FAVOURITES: [Gate; 14] = [
        Gate::H,
        Gate::X,
        Gate::S,
        Gate::RZ,
        Gate::CX,
        Gate::CX,
        Gate::CZ,
        Gate::CP,
        Gate::Swap,
        Gate::CCX,
        Gate::RZZ,
        Gate::RXX,
        Gate::CRX,
        Gate::T,
    ];
    let mut circuit = Circuit::new(num_qubits, num_clbits);
    for _ in 0..length {
        let qubit = rng.random_range(0..num_qubits);
        let clbit = rng.random_range(0..num_clbits);
        match rng.random_range(0..22) {
            0 | 1 => drop(circuit.measure(qubit, clbit).unwrap()),
            2 => drop(circuit.reset(qubit).unwrap()),
            3 => drop(circuit.barrier(&[]).unwrap()),
            4 if nesting > 0 => control_flow(rng, &mut circuit, nesting),
            5 if num_qubits > 1 => {
                let block = random_circuit(rng, 2, 12, &Gate::ALL).to_matrix().unwrap();
                let pair = random_qubits(rng, num_qubits, 2);
                circuit
                    .push(Operation::unitary(block).unwrap(), &pair)
                    .unwrap();
            }
            6..9 => append(
                &mut circuit,
                &random_circuit(rng, num_qubits, 1, &Gate::ALL),
            ),
            _ => append(
                &mut circuit,
                &random_circuit(rng, num_qubits, 1, &FAVOURITES),
            ),
        }
    }
    circuit
}

fn append(circuit: &mut Circuit, other: &Circuit) {
    circuit.add_global_phase(other.global_phase().clone());
    for instruction in other.instructions() {
        circuit.push_instruction(instruction.clone()).unwrap();
    }
}

fn control_flow(rng: &mut Pcg64Mcg, circuit: &mut Circuit, nesting: usize) {
    let width = rng.random_range(1..=circuit.num_qubits());
    let qubits: Vec<Qubit> = random_qubits(rng, circuit.num_qubits(), width);
    let num_clbits = circuit.num_clbits();
    let condition = Expr::Bit(Clbit::new(rng.random_range(0..num_clbits)));
    let mut body = || random_program(rng, width, num_clbits, 4, nesting - 1);
    let operation = match nesting % 2 {
        0 => {
            let (then_body, else_body) = (body(), body());
            let else_body = rng.random_bool(0.5).then_some(else_body);
            Operation::IfElse(Box::new(ardea_circuit::IfElse {
                condition,
                then_body,
                else_body,
            }))
        }
        _ => {
            let mut body = body();
            if rng.random_bool(0.5) {
                // A loop that is left in the middle now and then.
                let mut leave = Circuit::new(1, num_clbits);
                leave.push(Operation::Break, &[]).unwrap();
                let choice = ardea_circuit::IfElse {
                    condition: condition.clone(),
                    then_body: leave,
                    else_body: None,
                };
                body.push(Operation::IfElse(Box::new(choice)), &[Qubit::new(0)])
                    .unwrap();
                let tail = random_program(rng, width, num_clbits, 2, 0);
                append(&mut body, &tail);
            }
            if rng.random_bool(0.3) {
                body.push(Operation::Reset, &[Qubit::new(0)]).unwrap();
                body.measure(0, 0).unwrap();
                Operation::While(Box::new(WhileLoop {
                    condition: Expr::Bit(Clbit::new(0)),
                    body,
                }))
            } else {
                let values = ForValues::List(vec![0, 1]);
                Operation::For(Box::new(ForLoop {
                    variable: None,
                    values,
                    body,
                }))
            }
        }
    };
    circuit.push(operation, &qubits).unwrap();
}
