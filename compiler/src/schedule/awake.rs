//! Which qubits hold a state that idling can harm.
//!
//! A qubit that nothing has acted on yet is in its ground state, and one that has been reset is there again: time
//! does nothing to it, and a pulse would only take it out. One that has been measured has given its bit away.
//! All others are *awake*.

use ardea_circuit::{Instruction, Operation, Qubit};

/// One flag per qubit.
#[derive(Clone)]
pub(super) struct Awake(Vec<bool>);

impl Awake {
    /// Before the first instruction: none.
    pub(super) fn none(num_qubits: usize) -> Self {
        Awake(vec![false; num_qubits])
    }

    /// At the start of a body on these qubits. A loop's body runs again after itself, so there all are awake.
    pub(super) fn inside(&self, instruction: &Instruction) -> Self {
        let again = matches!(
            instruction.operation,
            Operation::For(_) | Operation::While(_)
        );
        Awake(
            instruction
                .qubits
                .iter()
                .map(|&q| again || self.is(q))
                .collect(),
        )
    }

    #[inline]
    pub(super) fn is(&self, qubit: Qubit) -> bool {
        self.0[qubit.index()]
    }

    /// Takes an instruction into account that lasts this many ticks. One without duration is virtual (a change of
    /// frame), which leaves a ground state as it is.
    #[inline]
    pub(super) fn follow(&mut self, instruction: &Instruction, ticks: u64) {
        let awake = match instruction.operation {
            Operation::Measure(_) | Operation::Reset => false,
            Operation::Barrier | Operation::Delay(..) | Operation::Break | Operation::Continue => {
                return;
            }
            _ if ticks == 0 && instruction.qubits.len() < 2 => return,
            _ => true,
        };
        for qubit in instruction.qubits.iter() {
            self.0[qubit.index()] = awake;
        }
    }
}
