//! Moves measurements behind the swaps that follow them.
//!
//! ```text
//! before                        after
//! measure $0 -> c[0];           swap $0, $1;
//! swap $0, $1;                  cz $0, $2;
//! cz $0, $2;                    measure $1 -> c[0];
//! ```
//!
//! A router swaps through a qubit that has been measured already, which turns a final measurement into one in the
//! middle of the circuit: slower, and hard on its neighbours. The measurement of a qubit that only swaps touch
//! afterwards is made where the qubit ends, after everything else.

use ardea_circuit::{Circuit, Clbit, Gate, Instruction, Operation, Qubit};

use crate::{Change, CompileError, Context, Pass};

/// Puts off measurements as long as only swaps touch their qubits; see the [module](self).
#[derive(Clone, Copy, Debug, Default)]
pub struct DeferMeasurements;

impl Pass for DeferMeasurements {
    fn name(&self) -> &'static str {
        "defer-measurements"
    }

    fn run(&self, circuit: &mut Circuit, _: &mut Context<'_>) -> Result<Change, CompileError> {
        defer(circuit)
    }
}

fn defer(circuit: &mut Circuit) -> Result<Change, CompileError> {
    let mut out = circuit.same_shape();
    out.add_global_phase(circuit.global_phase().clone());
    out.reserve(circuit.len());
    // In the order in which they were met.
    let mut waiting: Vec<(Qubit, Clbit)> = Vec::new();
    for instruction in circuit.instructions() {
        let Instruction { operation, qubits } = instruction;
        if operation.as_gate() == Some(Gate::Swap) {
            for (qubit, _) in &mut waiting {
                *qubit = match *qubit {
                    q if q == qubits[0] => qubits[1],
                    q if q == qubits[1] => qubits[0],
                    q => q,
                };
            }
        } else if !waiting.is_empty() {
            let fenced = circuit.fenced_qubits(instruction);
            let bits = circuit.fenced_clbits(instruction);
            let meets =
                |(qubit, bit): &(Qubit, Clbit)| fenced.contains(qubit) || bits.contains(bit);
            let (now, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(meets);
            measure(&mut out, &now)?;
            waiting = later;
        }
        match operation {
            Operation::Measure(bit) => waiting.push((qubits[0], *bit)),
            _ => drop(out.push_instruction(instruction.clone())?),
        }
    }
    measure(&mut out, &waiting)?;
    let change = Change::when(out.instructions() != circuit.instructions());
    *circuit = out;
    Ok(change)
}

fn measure(out: &mut Circuit, waiting: &[(Qubit, Clbit)]) -> Result<(), CompileError> {
    for &(qubit, bit) in waiting {
        out.push(Operation::Measure(bit), &[qubit])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ardea_circuit::Expr;

    use super::*;
    use crate::Preserve;
    use crate::optimise::testing::check_on_random_programs;

    fn names(circuit: &Circuit) -> Vec<String> {
        circuit
            .instructions()
            .iter()
            .map(|instruction| instruction.operation.name())
            .collect()
    }

    #[test]
    fn a_measurement_follows_its_qubit_through_swaps() {
        let mut circuit = Circuit::new(3, 1);
        circuit
            .h(0)
            .unwrap()
            .measure(0, 0)
            .unwrap()
            .swap(0, 1)
            .unwrap()
            .cz(0, 2)
            .unwrap();
        assert_eq!(defer(&mut circuit), Ok(Change::Changed));
        assert_eq!(names(&circuit), ["h", "swap", "cz", "measure"]);
        assert_eq!(circuit.instructions()[3].qubits[0], Qubit::new(1));
    }

    #[test]
    fn a_measurement_comes_before_what_needs_it() {
        let mut body = Circuit::new(1, 2);
        body.x(0).unwrap();
        let mut circuit = Circuit::new(2, 2);
        circuit
            .measure(0, 0)
            .unwrap()
            .measure(1, 1)
            .unwrap()
            .h(1)
            .unwrap()
            .barrier(&[0])
            .unwrap();
        circuit
            .if_else(Expr::Bit(Clbit::new(0)), body, None, &[1])
            .unwrap()
            .measure(0, 0)
            .unwrap();
        let before = circuit.clone();
        assert_eq!(defer(&mut circuit), Ok(Change::Changed));
        assert_eq!(
            names(&circuit),
            ["measure", "h", "measure", "barrier", "if_else", "measure"]
        );
        assert_ne!(before, circuit);
    }

    #[test]
    fn random_programs_keep_their_meaning() {
        for preserve in [Preserve::Counts, Preserve::State, Preserve::Unitary] {
            let changed = check_on_random_programs(&DeferMeasurements, preserve, 100);
            assert!(changed > 20, "{preserve}: {changed}");
        }
    }
}
