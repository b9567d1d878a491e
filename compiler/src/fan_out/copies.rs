//! Which gates of a circuit copy one bit to qubits that are still |0>.

use ardea_circuit::{Circuit, Gate, Instruction, Operation, Qubit};

use crate::optimise::{Kind, kinds};

/// Fewer qubits than this gain nothing from another order.
const FEWEST: usize = 4;

/// A bit and its copies.
#[derive(Clone, Debug)]
pub(super) struct FanOut {
    root: Qubit,
    copies: Vec<Qubit>,
    /// The instructions that copy; all may happen when the first of them does.
    pub(super) gates: Vec<usize>,
}

impl FanOut {
    pub(super) fn width(&self) -> usize {
        self.copies.len() + 1
    }

    /// The root, then its copies.
    pub(super) fn wires(&self) -> impl Iterator<Item = Qubit> + '_ {
        std::iter::once(self.root).chain(self.copies.iter().copied())
    }
}

/// What a wire holds at some place of the circuit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wire {
    /// |0>, and nothing happened to it yet.
    Fresh,
    /// |0>, behind a barrier.
    Fenced,
    /// A copy of the root of this fan-out, up to a phase.
    Copy(usize),
    /// Something else; once part of this fan-out.
    Other(Option<usize>),
}

/// The fan-outs of a circuit in which every gate on several qubits is a copy, no two share a qubit, and one is wide
/// enough to be worth it; `None` for all other circuits.
pub(super) fn fan_outs(circuit: &Circuit) -> Option<Vec<FanOut>> {
    let mut wires = vec![Wire::Fresh; circuit.num_qubits()];
    let mut found: Vec<FanOut> = Vec::new();
    for (at, instruction) in circuit.instructions().iter().enumerate() {
        match &*instruction.qubits {
            &[control, target] if is_copy(instruction) => {
                join(control, target, at, &mut wires, &mut found)?;
            }
            &[qubit] => {
                let wire = &mut wires[qubit.index()];
                *wire = match *wire {
                    // A turn about Z does not touch the bit.
                    Wire::Copy(index) if is_turn(&instruction.operation) => Wire::Copy(index),
                    Wire::Copy(index) => Wire::Other(Some(index)),
                    Wire::Fresh | Wire::Fenced => Wire::Other(None),
                    other => other,
                };
            }
            qubits if instruction.operation == Operation::Barrier => {
                // No copy is moved across it.
                for qubit in qubits {
                    let wire = &mut wires[qubit.index()];
                    *wire = match *wire {
                        Wire::Copy(index) => Wire::Other(Some(index)),
                        Wire::Fresh if !found.is_empty() => Wire::Fenced,
                        other => other,
                    };
                }
            }
            _ => return None,
        }
    }
    found
        .iter()
        .any(|fan_out| fan_out.width() >= FEWEST)
        .then_some(found)
}

/// Notes one copy; `None` where the control or the target is not what a copy needs.
fn join(
    control: Qubit,
    target: Qubit,
    at: usize,
    wires: &mut [Wire],
    found: &mut Vec<FanOut>,
) -> Option<()> {
    if wires[target.index()] != Wire::Fresh {
        return None;
    }
    let index = match wires[control.index()] {
        Wire::Copy(index) => index,
        Wire::Other(None) => {
            found.push(FanOut {
                root: control,
                copies: Vec::new(),
                gates: Vec::new(),
            });
            found.len() - 1
        }
        // A copy of |0> is no copy, and a qubit of two trees would have to sit in both.
        Wire::Fresh | Wire::Fenced | Wire::Other(Some(_)) => return None,
    };
    found[index].copies.push(target);
    found[index].gates.push(at);
    wires[control.index()] = Wire::Copy(index);
    wires[target.index()] = Wire::Copy(index);
    Some(())
}

fn is_copy(instruction: &Instruction) -> bool {
    instruction.operation == Operation::Gate(Gate::CX)
}

fn is_turn(operation: &Operation) -> bool {
    operation.is_unitary() && kinds(operation, 1).as_slice() == [Kind::Z]
}
