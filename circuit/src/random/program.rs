//! Random programs: gates, and all that is not a gate.

use rand::{Rng, RngExt};

use super::{random_circuit, random_qubits};
use crate::{
    Circuit, Clbit, Expr, ForLoop, ForValues, Gate, IfElse, Operation, Qubit, Switch, SwitchCase,
    WhileLoop,
};

/// Gates with special structure, drawn more often than their number among all gates would have it.
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

/// How large a random program is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProgramSize {
    /// How many qubits it has, at least one.
    pub num_qubits: usize,
    /// How many classical bits it has, at least one.
    pub num_clbits: usize,
    /// How many instructions it has outside of all bodies, about.
    pub length: usize,
    /// How deep bodies nest.
    pub nesting: usize,
}

/// A random program of gates, matrices, measurements, resets, barriers and control flow, with jumps
/// out of loops and to their next round at every depth.
///
/// Every loop ends: `for` runs twice, and each round of a `while` puts 0 into the bit that it asks,
/// however it is left.
///
/// # Panics
/// When there is no qubit or no classical bit.
pub fn random_program(rng: &mut impl Rng, size: ProgramSize) -> Circuit {
    random_body(rng, size, Inside::NoLoop)
}

/// The innermost loop around a body.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    NoLoop,
    For,
    While,
}

/// The bit that every `while` asks.
const ASKED: usize = 0;

fn random_body(rng: &mut impl Rng, size: ProgramSize, inside: Inside) -> Circuit {
    let ProgramSize {
        num_qubits,
        num_clbits,
        ..
    } = size;
    let mut circuit = Circuit::new(num_qubits, num_clbits);
    for _ in 0..size.length {
        let qubit = Qubit::new(rng.random_range(0..num_qubits));
        match rng.random_range(0..26) {
            0 | 1 => push(&mut circuit, Operation::Measure(clbit(rng, size)), &[qubit]),
            2 => push(&mut circuit, Operation::Reset, &[qubit]),
            3 => {
                let width = rng.random_range(1..=num_qubits);
                let qubits = random_qubits(rng, num_qubits, width);
                push(&mut circuit, Operation::Barrier, &qubits);
            }
            4 | 5 if size.nesting > 0 => {
                let width = rng.random_range(1..=num_qubits);
                let qubits = random_qubits(rng, num_qubits, width);
                let operation = control_flow(rng, size.inner(width), inside);
                push(&mut circuit, operation, &qubits);
            }
            6..9 if inside != Inside::NoLoop => jump(rng, &mut circuit, inside),
            9 if num_qubits > 1 => {
                let block = random_circuit(rng, 2, 12, &Gate::ALL).to_matrix();
                let operation = block.and_then(Operation::unitary);
                let pair = random_qubits(rng, num_qubits, 2);
                push(&mut circuit, operation.expect("a unitary"), &pair);
            }
            draw => {
                let gates: &[Gate] = if draw < 13 { &Gate::ALL } else { &FAVOURITES };
                // A global phase is a gate too, but not an instruction.
                let one = random_circuit(rng, num_qubits, 1, gates);
                circuit.add_global_phase(one.global_phase().clone());
                for instruction in one.into_instructions() {
                    push(&mut circuit, instruction.operation, &instruction.qubits);
                }
            }
        }
    }
    circuit
}

impl ProgramSize {
    /// The size of a body on `width` of the qubits.
    fn inner(self, width: usize) -> Self {
        Self {
            num_qubits: width,
            length: 4,
            nesting: self.nesting - 1,
            ..self
        }
    }
}

fn control_flow(rng: &mut impl Rng, size: ProgramSize, inside: Inside) -> Operation {
    match rng.random_range(0..8) {
        0..3 => Operation::IfElse(Box::new(IfElse {
            condition: Expr::Bit(clbit(rng, size)),
            then_body: random_body(rng, size, inside),
            else_body: rng.random_bool(0.5).then(|| random_body(rng, size, inside)),
        })),
        3 => {
            let mut case = |values: &[u64]| SwitchCase {
                values: values.to_vec(),
                body: random_body(rng, size, inside),
            };
            Operation::Switch(Box::new(Switch {
                cases: vec![case(&[0, 3]), case(&[1])],
                subject: Expr::Register((0..size.num_clbits.min(2)).map(Clbit::new).collect()),
            }))
        }
        4..7 => Operation::For(Box::new(ForLoop {
            variable: None,
            values: ForValues::List(vec![0, 1]),
            body: random_body(rng, size, Inside::For),
        })),
        _ => {
            let mut body = random_body(rng, size, Inside::While);
            clear_asked(&mut body);
            Operation::While(Box::new(WhileLoop {
                condition: Expr::Bit(Clbit::new(ASKED)),
                body,
            }))
        }
    }
}

/// A jump, now and then for certain, otherwise by a condition.
fn jump(rng: &mut impl Rng, circuit: &mut Circuit, inside: Inside) {
    if rng.random_bool(0.2) {
        return leave(rng, circuit, inside);
    }
    let mut then_body = Circuit::new(1, circuit.num_clbits());
    leave(rng, &mut then_body, inside);
    let choice = IfElse {
        condition: Expr::Bit(Clbit::new(rng.random_range(0..circuit.num_clbits()))),
        then_body,
        else_body: None,
    };
    let qubit = Qubit::new(rng.random_range(0..circuit.num_qubits()));
    push(circuit, Operation::IfElse(Box::new(choice)), &[qubit]);
}

fn leave(rng: &mut impl Rng, circuit: &mut Circuit, inside: Inside) {
    if rng.random_bool(0.5) {
        return push(circuit, Operation::Break, &[]);
    }
    if inside == Inside::While {
        clear_asked(circuit);
    }
    push(circuit, Operation::Continue, &[]);
}

fn clear_asked(circuit: &mut Circuit) {
    let qubit = [Qubit::new(0)];
    push(circuit, Operation::Reset, &qubit);
    push(circuit, Operation::Measure(Clbit::new(ASKED)), &qubit);
}

fn clbit(rng: &mut impl Rng, size: ProgramSize) -> Clbit {
    Clbit::new(rng.random_range(0..size.num_clbits))
}

fn push(circuit: &mut Circuit, operation: Operation, qubits: &[Qubit]) {
    circuit
        .push(operation, qubits)
        .expect("the qubits are distinct and in range");
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    fn count(circuit: &Circuit, test: &impl Fn(&Operation) -> bool) -> usize {
        let inner = |operation: &Operation| -> usize {
            operation.bodies().iter().map(|b| count(b, test)).sum()
        };
        let all = circuit.instructions().iter().map(|i| &i.operation);
        all.map(|operation| usize::from(test(operation)) + inner(operation))
            .sum()
    }

    #[test]
    fn programs_hold_every_kind_of_operation() {
        let size = ProgramSize {
            num_qubits: 3,
            num_clbits: 3,
            length: 12,
            nesting: 2,
        };
        let draw = |seed| random_program(&mut Pcg64Mcg::seed_from_u64(seed), size);
        let programs: Vec<Circuit> = (0..200).map(draw).collect();
        let found = |test: &dyn Fn(&Operation) -> bool| -> usize {
            programs.iter().map(|p| count(p, &|o| test(o))).sum()
        };
        let kinds: [&dyn Fn(&Operation) -> bool; 8] = [
            &|o| matches!(o, Operation::Break),
            &|o| matches!(o, Operation::Continue),
            &|o| matches!(o, Operation::IfElse(_)),
            &|o| matches!(o, Operation::Switch(_)),
            &|o| matches!(o, Operation::For(_)),
            &|o| matches!(o, Operation::While(_)),
            &|o| matches!(o, Operation::Unitary(_)),
            &|o| matches!(o, Operation::IfElse(_)) && o.leaves_loop(),
        ];
        for (position, kind) in kinds.into_iter().enumerate() {
            assert!(found(kind) >= 10, "kind {position}: {}", found(kind));
        }
        assert_eq!(draw(7), draw(7));
    }
}
