//! Narrow states: gates applied as they are read.
//!
//! A state of a few qubits fits into the first caches, and a gate on it takes less time than to plan it. So up to
//! [`WIDEST`] qubits nothing is planned: each gate becomes the few coefficients that its kernel wants, on the stack, and
//! acts at once. Runs of gates on one qubit are multiplied first ([`pending`]).
//!
//! Real and imaginary parts are kept apart in chunks of [`LANES`] numbers, which compilers turn into vectors of any
//! width: a gate on one of the four lowest qubits combines the lanes of each chunk, a gate on a higher one combines
//! chunks ([`apply`]). Every number is computed by the same multiplications and additions whatever the vector unit.

mod apply;
mod gates;
mod lanes;
mod pending;
#[cfg(test)]
mod tests;

use ardea_circuit::{Circuit, Instruction, Operation};
use num_complex::Complex;

use crate::engine::Active;
use crate::error::SimulatorError;
use crate::kernels::{Buffer, Kernel, Real, Simd, Width};
use crate::options::SimOptions;
use crate::plan::phase_of;
use apply::Amplitudes;
use gates::Gate;
use pending::Pending;

/// Wider states are planned.
pub(crate) const WIDEST: usize = 10;

/// The state that the circuit's gates make of |0...0>, or `None` where there is anything else than gates on one and two
/// qubits: such circuits are planned. Instructions marked in `skip` are left out.
///
/// # Errors
/// Those of gates without a matrix, and of the state's allocation.
pub(crate) fn state<T: Real>(
    circuit: &Circuit,
    active: &Active,
    skip: &[bool],
    options: &SimOptions,
) -> Result<Option<Buffer<Complex<T>>>, SimulatorError> {
    let instructions = || circuit.instructions().iter().zip(skip);
    if active.qubits.len() > WIDEST || !instructions().all(is_direct) {
        return Ok(None);
    }
    let run = Run {
        circuit,
        active,
        skip,
        phase: phase_of(circuit)?,
        options,
    };
    let width = options.width.unwrap_or_else(Width::detect);
    let Some(amplitudes) = T::dispatch(width, run) else {
        return Ok(None);
    };
    if options.is_interrupted() {
        return Err(SimulatorError::Interrupted);
    }
    if let Some(progress) = &options.progress {
        progress.report(1.0);
    }
    let mut state = Buffer::zeroed(1 << active.qubits.len(), "the state")?;
    amplitudes.write(&mut state);
    Ok(Some(state))
}

/// Whether an instruction is left out, does nothing, or is a gate that is read here.
fn is_direct((instruction, &skipped): (&Instruction, &bool)) -> bool {
    let operation = &instruction.operation;
    let is_gate = matches!(operation, Operation::Unitary(_)) || operation.as_gate().is_some();
    skipped || operation.is_directive() || is_gate && instruction.qubits.len() <= 2
}

/// All gates of a circuit.
struct Run<'a> {
    circuit: &'a Circuit,
    active: &'a Active,
    skip: &'a [bool],
    phase: f64,
    options: &'a SimOptions,
}

/// Gates between two looks at whether the run is to end.
const WATCH: usize = 4096;

impl<T: Real> Kernel<T> for Run<'_> {
    /// `None` where a gate turns out to have no matrix; unfinished where the run was interrupted.
    type Output = Option<Amplitudes<T>>;

    #[inline(always)]
    fn run<S: Simd<T>>(self, _: S) -> Option<Amplitudes<T>> {
        let qubits = self.active.qubits.len();
        let mut amplitudes = Amplitudes::<T>::zero(qubits, self.phase);
        let mut pending = Pending::new(qubits);
        let instructions = self.circuit.instructions().iter().zip(self.skip);
        for (position, (instruction, &skipped)) in instructions.enumerate() {
            if position % WATCH == 0 && self.options.is_interrupted() {
                break;
            }
            let operation = &instruction.operation;
            if skipped || operation.is_directive() {
                continue;
            }
            match *instruction.qubits {
                [] => amplitudes.turn(gates::phase(operation)?),
                [qubit] => {
                    // Where the qubit is idle, the gate is the identity.
                    if let Some(qubit) = self.active.number(qubit.index()) {
                        pending.push(qubit as usize, &operation.matrix1()?);
                    }
                }
                [first, second] => {
                    let first = self.active.number(first.index())? as usize;
                    let second = self.active.number(second.index())? as usize;
                    let mut gate = Gate::of(operation, first, second)?;
                    for qubit in [first, second] {
                        if pending.stays(qubit, &gate) {
                            continue;
                        }
                        let Some(before) = pending.take(qubit) else {
                            continue;
                        };
                        if !gate.absorb(qubit, &before, qubits) {
                            amplitudes.apply_one(qubit, &before);
                        }
                    }
                    amplitudes.apply_two(&gate);
                }
                _ => return None,
            }
        }
        for qubit in 0..qubits {
            if let Some(last) = pending.take(qubit) {
                amplitudes.apply_one(qubit, &last);
            }
        }
        Some(amplitudes)
    }
}
