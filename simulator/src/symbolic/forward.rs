//! One member of a family: its state and its counts.

use ardea_circuit::{Circuit, Operation};
use num_complex::{Complex, Complex64};

use super::form::Values;
use super::local::{Dressed, matrix_of};
use super::{Family, Structure};
use crate::counts::{Counts, Outcome};
use crate::engine::{statevector, terminal_measurements};
use crate::error::SimulatorError;
use crate::kernels::{Buffer, Pass, Real, Shape, Stage, Sweeper, TileLayout};
use crate::options::{MAX_SHOTS, SimOptions};
use crate::random::Random;
use crate::sample::{BATCH, Distribution};
use crate::state::StateVector;

/// The state of a small member, by the family's structure.
pub(super) fn state<T: Real>(
    family: &Family,
    structure: &Structure,
    dressed: &Dressed<'_>,
    values: &Values<'_>,
) -> Result<StateVector<T>, SimulatorError> {
    let qubits = family.qubits() as u32;
    let mut phase = structure.phase;
    for form in &structure.phases {
        phase += form.value(values)?;
    }
    let mut amplitudes = start::<T>(family, Complex64::cis(phase))?;
    let lanes = family.width.lanes::<T>();
    let largest = structure
        .forwards
        .iter()
        .map(|run| run.inside.count_ones())
        .max();
    let sweeper = Sweeper::<T>::new(largest.unwrap_or(0), family.width, 1)?;
    for run in &structure.forwards {
        let layout = TileLayout::new(qubits, run.inside, lanes);
        let shapes: Vec<Shape> = run
            .blocks
            .iter()
            .map(|&i| matrix_of(&structure.blocks[i], dressed))
            .collect();
        let stage = Stage::prepare(&shapes, &layout, layout.bits(), family.width)?;
        let pass = Pass {
            touched: (!0, !0),
            weigh: false,
        };
        let interrupt = family.options.interrupt.as_deref();
        sweeper.sweep(&mut amplitudes, &layout, &[stage], pass, interrupt)?;
    }
    Ok(StateVector::new(
        amplitudes,
        &family.active.qubits,
        family.circuit.num_qubits(),
    ))
}

/// The state of a large member, as any other circuit's.
pub(super) fn large_state<T: Real>(
    bound: &Circuit,
    options: &SimOptions,
) -> Result<StateVector<T>, SimulatorError> {
    statevector(bound, options)
}

/// The first state, times a phase.
fn start<T: Real>(family: &Family, phase: Complex64) -> Result<Buffer<Complex<T>>, SimulatorError> {
    let narrow = |z: Complex64| Complex::new(T::from_f64(z.re), T::from_f64(z.im));
    let mut amplitudes = Buffer::zeroed(1 << family.qubits(), "the state")?;
    match &family.options.initial_state {
        Some(given) => amplitudes
            .iter_mut()
            .zip(given.iter())
            .for_each(|(to, from)| *to = narrow(from * phase)),
        None => amplitudes[0] = narrow(phase),
    }
    Ok(amplitudes)
}

/// Counts of the measurements at the end of `circuit`, drawn from its state.
pub(super) fn counts<T: Real>(
    circuit: &Circuit,
    state: &StateVector<T>,
    shots: u64,
    seed: u64,
) -> Result<Counts, SimulatorError> {
    if shots > MAX_SHOTS {
        let what = format!("{shots} shots are more than the limit of {MAX_SHOTS}");
        return Err(SimulatorError::BadArgument { what });
    }
    let measured: Vec<_> = circuit
        .instructions()
        .iter()
        .zip(terminal_measurements(circuit))
        .filter_map(|(instruction, terminal)| match instruction.operation {
            Operation::Measure(bit) if terminal => Some((state.bit(instruction.qubits[0]), bit)),
            _ => None,
        })
        .collect();
    let mut counts = Counts::new(circuit);
    let distribution = Distribution::new(state.amplitudes());
    let mut first = 0;
    while first < shots {
        let end = shots.min(first + BATCH as u64);
        let batch: Vec<u64> = (first..end).collect();
        let draws = distribution.draw(Random::new(seed), &batch, 0);
        for same in draws.chunk_by(|a, b| a.1 == b.1) {
            let mut outcome = Outcome::zero(circuit.num_clbits());
            for &(qubit, bit) in &measured {
                outcome.set(bit, qubit.is_some_and(|qubit| same[0].1 >> qubit & 1 == 1));
            }
            counts.add(outcome, same.len() as u64);
        }
        first = end;
    }
    Ok(counts)
}
