//! Runs of Clifford gates, read from any operations that are Clifford: by name, by angle, or by matrix.

use ardea_circuit::Operation;
use ardea_circuit::clifford::{CliffordForm, CliffordGate};

use super::refusal;
use crate::engine::GateRun;
use crate::error::SimulatorError;
use crate::options::SimOptions;
use crate::plan::MAX_DEPTH;

/// Gates collected while a circuit is compiled.
#[derive(Debug, Default)]
pub(super) struct CliffordRun {
    gates: Vec<CliffordGate>,
    channels: Vec<Placed>,
}

/// A complete run of gates on the numbers of active qubits. Global phases are left out: a stabilizer state has none.
#[derive(Debug)]
pub(super) struct Gates {
    gates: Vec<CliffordGate>,
    channels: Vec<Placed>,
}

/// A channel of random Paulis among the gates.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    /// How many gates of the run are before it.
    pub(super) after: usize,
    /// Its number.
    pub(super) channel: usize,
    pub(super) qubits: [u32; 2],
}

impl Gates {
    /// The gates, first to last.
    pub(super) fn iter(&self) -> impl Iterator<Item = CliffordGate> + '_ {
        self.gates.iter().copied()
    }

    /// The channels among them, in order.
    pub(super) fn channels(&self) -> &[Placed] {
        &self.channels
    }

    pub(super) fn len(&self) -> usize {
        self.gates.len()
    }

    /// Whether all of them are Pauli gates, without noise.
    pub(super) fn are_paulis(&self) -> bool {
        self.channels.is_empty()
            && self.iter().all(|gate| {
                matches!(
                    gate,
                    CliffordGate::X(_) | CliffordGate::Y(_) | CliffordGate::Z(_)
                )
            })
    }
}

impl GateRun for CliffordRun {
    type Done = Gates;

    fn push(
        &mut self,
        operation: &Operation,
        qubits: &[u32],
        position: usize,
    ) -> Result<(), SimulatorError> {
        self.push_nested(operation, qubits, 0)?
            .map_or(Ok(()), |()| Err(refusal(operation.name(), position)))
    }

    fn add_phase(&mut self, _: f64) {}

    fn len(&self) -> usize {
        self.gates.len()
    }

    fn finish(&mut self, _: usize, _: &SimOptions) -> Result<Option<Gates>, SimulatorError> {
        let gates = std::mem::take(&mut self.gates);
        let channels = std::mem::take(&mut self.channels);
        let is_empty = gates.is_empty() && channels.is_empty();
        Ok((!is_empty).then_some(Gates { gates, channels }))
    }
}

/// Some for an operation that is no Clifford gate.
type NotClifford = Option<()>;

impl CliffordRun {
    /// Puts a channel on one or two qubits behind the gates so far.
    pub(super) fn add_channel(&mut self, channel: usize, qubits: &[u32]) {
        self.channels.push(Placed {
            after: self.gates.len(),
            channel,
            qubits: [qubits[0], qubits[qubits.len() - 1]],
        });
    }

    fn push_nested(
        &mut self,
        operation: &Operation,
        qubits: &[u32],
        depth: usize,
    ) -> Result<NotClifford, SimulatorError> {
        if depth > MAX_DEPTH {
            return Err(SimulatorError::TooDeep {
                name: operation.name(),
                limit: MAX_DEPTH,
            });
        }
        if operation.is_directive() || qubits.is_empty() {
            return Ok(None);
        }
        // A narrow gate is judged as a whole: a definition may be Clifford though its parts are not.
        if let Some(form) = CliffordForm::of(operation) {
            let number = |q: usize| qubits[q] as usize;
            self.gates
                .extend(form.gates().iter().map(|gate| gate.map(number)));
            return Ok(None);
        }
        let Operation::Call(call) = operation else {
            return Ok(Some(()));
        };
        if call.definition.body.is_none() {
            return Ok(Some(()));
        }
        for instruction in operation.definition()?.instructions() {
            let inner: Vec<u32> = instruction
                .qubits
                .iter()
                .map(|qubit| qubits[qubit.index()])
                .collect();
            if let Some(not) = self.push_nested(&instruction.operation, &inner, depth + 1)? {
                return Ok(Some(not));
            }
        }
        Ok(None)
    }
}
