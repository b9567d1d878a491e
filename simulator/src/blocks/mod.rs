//! Circuits as blocks of two qubits, for the engines that keep a conserved quantity.
//!
//! `rxx` does not conserve the number of excitations, and neither does `h`; but `rxx ryy` does, and so does a hop
//! written with `h`, `cx` and `rz`. So gates on the same pair are gathered first ([`gather`]) and judged as one matrix.
//! A qubit that is certainly 0 or 1 lets a block do what it could not do in general, such as to move a full mode
//! into an empty one with `ry` and `cx` ([`known`]). What is left goes to an engine's [`Sink`].

mod gather;
mod known;
mod read;

use ardea_circuit::{C64, Circuit, Clbit, Operation};
use nalgebra::{Matrix2, Matrix4};

use crate::engine::{Active, terminal_measurements};
use crate::error::SimulatorError;
use crate::method::Method;
use crate::options::SimOptions;

/// Matrix entries below this are zero.
pub(crate) const TOLERANCE: f64 = 1e-10;

/// What an engine makes of a circuit's blocks. Qubits are numbers of active qubits; index bit 0 of a matrix or table
/// belongs to the first one. The functions that return whether the engine takes a block change nothing when it does
/// not.
pub(crate) trait Sink {
    /// The instruction from which the next blocks come.
    fn comes_from(&mut self, origin: &Origin);

    /// X on a qubit that is certainly 0 or 1 and was in no block so far.
    fn flip(&mut self, qubit: u32);

    /// A global factor.
    fn scale(&mut self, factor: C64);

    /// A gate on one qubit that may be anything.
    fn single(&mut self, qubit: u32, matrix: &Matrix2<C64>) -> bool;

    /// A gate on two qubits.
    fn pair(&mut self, qubits: [u32; 2], matrix: &Matrix4<C64>) -> bool;

    /// A diagonal gate on three or more qubits.
    fn diagonal(&mut self, qubits: &[u32], table: &[C64]) -> bool;
}

/// An instruction, for messages.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) position: usize,
    pub(crate) name: String,
}

/// What every block engine needs to know of a circuit beside its blocks.
pub(crate) struct Frame {
    pub(crate) active: Active,
    /// Measurements of the final state, in program order.
    pub(crate) terminal: Vec<(Option<u32>, Clbit)>,
}

/// An engine's name and its reason to refuse a block.
#[derive(Clone, Copy)]
pub(crate) struct Engine {
    pub(crate) method: Method,
    pub(crate) reason: &'static str,
}

impl Engine {
    pub(crate) fn refusal(self, origin: &Origin, reason: &str) -> SimulatorError {
        SimulatorError::Refused {
            method: self.method,
            position: origin.position,
            name: origin.name.clone(),
            reason: reason.to_owned(),
        }
    }
}

/// Reads a circuit of gates and final measurements into `sink`.
///
/// # Errors
/// [`SimulatorError::Refused`] for the first instruction that stands in the engine's way, and
/// [`SimulatorError::BadArgument`] for an initial state.
pub(crate) fn read<S: Sink>(
    circuit: &Circuit,
    options: &SimOptions,
    engine: Engine,
    sink: impl FnOnce(usize) -> S,
) -> Result<(Frame, S), SimulatorError> {
    if options.initial_state.is_some() {
        let what = format!(
            "the {} engine starts from |0...0>; leave the initial state out or choose the method `statevector`",
            engine.method
        );
        return Err(SimulatorError::BadArgument { what });
    }
    let active = Active::of(circuit);
    let is_terminal = terminal_measurements(circuit);
    let mut terminal = Vec::new();
    let mut gather = gather::Gather::new(active.qubits.len(), engine, sink(active.qubits.len()));
    for (position, instruction) in circuit.instructions().iter().enumerate() {
        let operation = &instruction.operation;
        let origin = || Origin {
            position,
            name: operation.name(),
        };
        let numbers: Option<Vec<u32>> = instruction
            .qubits
            .iter()
            .map(|qubit| active.number(qubit.index()))
            .collect();
        match (operation, numbers) {
            (Operation::Measure(bit), _) if is_terminal[position] => {
                terminal.push((active.number(instruction.qubits[0].index()), *bit));
            }
            _ if operation.is_directive() => {}
            (Operation::Measure(_) | Operation::Reset, None) => {} // an idle qubit is and stays |0>
            (Operation::Measure(_) | Operation::Reset, _) => {
                let reason = "it measures or resets a qubit before the end of the circuit";
                return Err(engine.refusal(&origin(), reason));
            }
            (gate, numbers) if gate.is_unitary() => {
                // Only the identity acts on an idle qubit.
                if let Some(numbers) = numbers {
                    read::push(&mut gather, gate, &numbers, &origin(), 0)?;
                }
            }
            _ => return Err(engine.refusal(&origin(), "it is control flow")),
        }
        if options.is_interrupted() {
            return Err(SimulatorError::Interrupted);
        }
    }
    let phase = crate::plan::phase_of(circuit)?;
    let mut sink = gather.finish()?;
    sink.scale(C64::cis(phase));
    Ok((Frame { active, terminal }, sink))
}

/// Whether a matrix has no entry that changes the number of ones.
pub(crate) fn conserves_number(matrix: &Matrix4<C64>) -> bool {
    (0..4usize).all(|row| {
        (0..4usize).all(|column| {
            row.count_ones() == column.count_ones() || matrix[(row, column)].norm() < TOLERANCE
        })
    })
}
