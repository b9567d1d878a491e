//! Narrow states: gates become steps as they are read.
//!
//! A state of a few qubits fits into the first caches, where a gate takes less time than a plan of tiles and sweeps. So
//! up to [`WIDEST`] qubits nothing is planned: gates are multiplied where that is obviously cheaper ([`read`]), sorted
//! by what they mix ([`gates`]), and written down as the records that a kernel runs through ([`steps`]).
//!
//! Long circuits run in batches, so that steps never take memory worth counting. Short ones can be kept
//! ([`BriefCircuit`]) and run again without being read.

mod costs;
mod gates;
mod pool;
mod read;
mod sink;
mod steps;
#[cfg(test)]
mod tests;

use ardea_circuit::{C64, Circuit, Instruction, Operation};
use num_complex::Complex;

use crate::engine::{Active, is_small, norm_warning};
use crate::error::SimulatorError;
use crate::kernels::{Amplitudes, Buffer, Real, Steps, Width};
use crate::options::SimOptions;
use crate::plan::phase_of;
use crate::state::StateVector;
use read::{Manner, Reader};

/// Wider states are planned.
pub(crate) const WIDEST: usize = 13;

/// Steps that are collected before they are run.
const BATCH: usize = 1 << 10;

/// Steps of a circuit that is kept.
const MAX_KEPT: usize = 1 << 13;

/// Numbers of these steps: 4 MiB in double precision.
const MAX_NUMBERS: usize = 1 << 19;

/// Gates between two looks at whether the run is to end.
const WATCH: usize = 4096;

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
    let qubits = active.qubits.len();
    if qubits > WIDEST || !instructions().all(|(one, &skipped)| skipped || is_direct(one)) {
        return Ok(None);
    }
    let width = options.width.unwrap_or_else(Width::detect);
    let mut reader = Reader::<T>::new(qubits, width, Manner::Quick, circuit.len());
    reader.turn(phase_of(circuit)?);
    let mut amplitudes = None;
    for (position, (instruction, &skipped)) in instructions().enumerate() {
        if position % WATCH == 0 && options.is_interrupted() {
            return Err(SimulatorError::Interrupted);
        }
        if skipped {
            continue;
        }
        if read(&mut reader, active, instruction).is_none() {
            return Ok(None);
        }
        if reader.steps().len() >= BATCH {
            let state = match &mut amplitudes {
                Some(state) => state,
                None => amplitudes.insert(Amplitudes::product(reader.started(), width)?),
            };
            state.run(reader.steps());
            reader.steps().clear();
        }
    }
    let (steps, start, factor) = reader.finish();
    let mut amplitudes = match amplitudes {
        Some(state) => state,
        None => Amplitudes::product(&start, width)?,
    };
    amplitudes.run(&steps);
    if let Some(progress) = &options.progress {
        progress.report(1.0);
    }
    Ok(Some(amplitudes.finish(factor)?.0))
}

/// Whether an instruction does nothing, or is a gate that is read here.
fn is_direct(instruction: &Instruction) -> bool {
    let operation = &instruction.operation;
    let is_gate = matches!(operation, Operation::Unitary(_)) || operation.as_gate().is_some();
    operation.is_directive() || is_gate && instruction.qubits.len() <= 2
}

/// Hands an instruction to the reader; `None` where it has no matrix.
fn read<T: Real>(reader: &mut Reader<T>, active: &Active, instruction: &Instruction) -> Option<()> {
    let operation = &instruction.operation;
    if operation.is_directive() {
        return Some(());
    }
    match *instruction.qubits {
        [] => reader.turn(gates::phase(operation)?),
        [qubit] => {
            // Where the qubit is idle, the gate is the identity.
            if let Some(qubit) = active.number(qubit.index()) {
                reader.one(qubit as usize, &operation.matrix1()?);
            }
        }
        [first, second] => {
            let first = active.number(first.index())? as usize;
            let second = active.number(second.index())? as usize;
            let matrix = gates::matrix_of(operation, first, second)?;
            reader.two(first.min(second), first.max(second), matrix);
        }
        _ => return None,
    }
    Some(())
}

/// How much work is put into a circuit before it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// It runs once: what is done before counts as much as the run.
    Once,
    /// It runs many times: only the runs count.
    Often,
}

/// A circuit of few gates on few qubits that was read and is ready to run, any number of times.
#[derive(Debug)]
pub struct BriefCircuit<T: Real> {
    num_qubits: usize,
    active: Vec<usize>,
    width: Width,
    start: Vec<[C64; 2]>,
    steps: Steps<T>,
    factor: C64,
}

impl<T: Real> BriefCircuit<T> {
    /// Reads a circuit; `None` where it is not brief, or has anything else than gates with numbers for angles on one
    /// and two qubits.
    pub fn read(circuit: &Circuit, effort: Effort) -> Option<Self> {
        let instructions = circuit.instructions();
        if circuit.num_qubits() > WIDEST
            || !is_small(circuit)
            || !instructions.iter().all(is_direct)
        {
            return None;
        }
        let active = Active::of(circuit);
        match effort {
            Effort::Once => Self::read_as(circuit, &active, Manner::Quick),
            Effort::Often => {
                let manners = [Manner::Thorough, Manner::Pooled];
                let all = manners.map(|manner| Self::read_as(circuit, &active, manner));
                let work = |found: &Self| found.steps.work();
                all.into_iter()
                    .flatten()
                    .min_by(|a, b| work(a).total_cmp(&work(b)))
            }
        }
    }

    fn read_as(circuit: &Circuit, active: &Active, manner: Manner) -> Option<Self> {
        let width = Width::detect();
        let mut reader = Reader::<T>::new(active.qubits.len(), width, manner, circuit.len());
        reader.turn(circuit.global_phase().value()?);
        for instruction in circuit.instructions() {
            read(&mut reader, active, instruction)?;
            if reader.steps().len() > MAX_KEPT || reader.steps().num_numbers() > MAX_NUMBERS {
                return None;
            }
        }
        let (mut steps, start, factor) = reader.finish();
        steps.shrink_to_fit();
        Some(Self {
            num_qubits: circuit.num_qubits(),
            active: active.qubits.clone(),
            width,
            start,
            steps,
            factor,
        })
    }

    /// How much a run does, to compare two readings of the same circuit.
    pub fn work(&self) -> f64 {
        self.steps.work()
    }

    /// Qubits that the circuit uses.
    pub fn num_active_qubits(&self) -> usize {
        self.active.len()
    }

    /// Whether a run takes so few microseconds that nobody need be asked whether it should go on.
    pub fn is_instant(&self) -> bool {
        const MOST_UPDATES: usize = 1 << 18;
        (self.steps.len() + 1) << self.active.len() <= MOST_UPDATES
    }

    /// The state that the circuit makes of |0...0>, and a warning where its norm is not 1.
    ///
    /// # Errors
    /// [`SimulatorError::AllocationFailed`] and [`SimulatorError::NotFinite`].
    pub fn run(&self) -> Result<(StateVector<T>, Option<String>), SimulatorError> {
        let mut amplitudes = Amplitudes::product(&self.start, self.width)?;
        amplitudes.run(&self.steps);
        let (state, weight) = amplitudes.finish(self.factor)?;
        let norm = weight.sqrt();
        if !norm.is_finite() || norm == 0.0 {
            return Err(SimulatorError::NotFinite { norm });
        }
        let state = StateVector::new(state, &self.active, self.num_qubits);
        Ok((state, norm_warning::<T>(norm)))
    }
}
