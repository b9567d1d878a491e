//! Clifford blocks written with fewer two-qubit gates, before routing.
//!
//! ```text
//! before                                   after (6 two-qubit gates became 3)
//! cx q[0], q[1]; cx q[0], q[2];            cx q[2], q[3];
//! cx q[0], q[3]; cx q[1], q[2];            cx q[1], q[2];
//! cx q[1], q[3]; cx q[2], q[3];            cx q[0], q[1];
//! ```
//!
//! What a block permutes besides is not written at all: later gates go to the renamed wires, and the layout tells where
//! each qubit ended. A block on wires that are still in |0> only has to prepare a state, unless the operator itself is
//! asked for. Fewer gates are not always fewer after routing, so a compilation should try both.

use ardea_circuit::{Circuit, Instruction, Qubit};

use super::block::{Block, Replacement, Untouched};
use super::collect::{Piece, pieces};
use super::on_graph::Couplings;
use super::reduction::Synthesised;
use super::search;
use crate::{Change, CompileError, Context, Pass, Properties};

/// Replaces Clifford blocks by cheaper ones on any pairs of qubits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResynthesizeClifford {
    /// How often each block is tried.
    pub tries: usize,
}

/// Blocks on more wires are left alone: they would take seconds.
const MAX_WIRES: usize = 1024;
/// The same where a state is prepared.
const MAX_STATE_WIRES: usize = 200;

impl Pass for ResynthesizeClifford {
    fn name(&self) -> &'static str {
        "resynthesize-clifford"
    }

    fn invalidates(&self) -> Properties {
        Properties::ROUTED | Properties::BASIS | Properties::SCHEDULED
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        let mut out = circuit.same_shape();
        out.add_global_phase(circuit.global_phase().clone());
        out.reserve(circuit.len());
        let mut wires: Vec<Qubit> = (0..circuit.num_qubits()).map(Qubit::new).collect();
        let mut change = Change::Unchanged;
        let mut untouched = Untouched::at_start(circuit, context.options.preserve);
        for piece in pieces(circuit) {
            let members = match piece {
                Piece::Single(position) => vec![position],
                Piece::Block(members) => {
                    let found = self.cheaper(circuit, &members, context.seed, &untouched);
                    if let Some(found) = found {
                        untouched.touch(circuit, &members);
                        out.add_global_phase(found.phase);
                        write(&mut out, &found.block, &found.new, &mut wires);
                        change = Change::Changed;
                        continue;
                    }
                    members
                }
            };
            untouched.touch(circuit, &members);
            for position in members {
                let Instruction { operation, qubits } = &circuit.instructions()[position];
                out.push_valid(Instruction {
                    operation: operation.clone(),
                    qubits: qubits.map(|q| wires[q.index()]),
                });
            }
        }
        if change.is_changed() {
            *circuit = out;
            context.permute_last(&wires);
        }
        Ok(change)
    }
}

impl ResynthesizeClifford {
    fn cheaper(
        &self,
        circuit: &Circuit,
        members: &[usize],
        seed: u64,
        untouched: &Untouched,
    ) -> Option<Replacement> {
        let block = Block::of(circuit, members)?;
        // Two wires are for the Weyl decomposition.
        if block.wires.len() < 3 || block.wires.len() > MAX_WIRES {
            return None;
        }
        let before = block.cost().0;
        if before == 0 {
            return None;
        }
        if untouched.includes(&block.wires) && block.wires.len() <= MAX_STATE_WIRES {
            let anywhere = Couplings::complete(block.wires.len());
            if let Some((new, phase)) = block.prepared(&anywhere, before) {
                return Some(Replacement { block, new, phase });
            }
        }
        let new = search::anywhere(&block.tableau(), self.tries, seed)?;
        if new.cost().0 >= before {
            return None;
        }
        let phase = block.phase_to(&new)?;
        Some(Replacement { block, new, phase })
    }
}

/// Writes the gates of `new` on the wires that the block's qubits are on, and follows what it permutes.
fn write(out: &mut Circuit, block: &Block, new: &Synthesised, wires: &mut [Qubit]) {
    let n = block.wires.len();
    // Gates go where the inputs are: local wire w of `new` is the wire of the input that enters there.
    let mut place = vec![Qubit::new(0); n];
    for (input, &wire) in new.first.iter().enumerate() {
        place[wire] = wires[block.wires[input].index()];
    }
    for gate in &new.gates {
        let (operation, qubits) = gate.to_operation();
        out.push_valid(Instruction {
            operation,
            qubits: qubits.map(|q| place[q.index()]),
        });
    }
    for (output, &wire) in new.last.iter().enumerate() {
        wires[block.wires[output].index()] = place[wire];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Preserve;
    use crate::optimise::testing::check_on_random_programs;

    #[test]
    fn programs_mean_the_same() {
        for preserve in [Preserve::Unitary, Preserve::State, Preserve::Counts] {
            let pass = ResynthesizeClifford { tries: 2 };
            let changed = check_on_random_programs(&pass, preserve, 300);
            assert!(changed > 20, "{changed}");
        }
    }
}
