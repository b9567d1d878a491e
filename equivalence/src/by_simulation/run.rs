//! A program as a circuit for the simulator, and its final state for an input.

use std::sync::Arc;

use ardea_circuit::{C64, Circuit, Gate, Operation, Qubit};
use ardea_simulator::{SimOptions, SimulatorError, StateVector, statevector};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::compare::Pair;
use crate::program::{Program, Step};

/// What goes in.
pub(super) enum Input {
    /// |0...0>.
    Zero,
    /// An even draw from all states of the inputs.
    Random(u64),
    /// Half of a Bell pair for each input, the other halves after all other positions.
    Bell,
    /// `u(theta, phi, lambda)` on |0> for each input.
    Product(Vec<[f64; 3]>),
}

/// The program as a circuit of `total` qubits, and the position of each wire at the start. Swaps only rename.
pub(super) fn circuit_of(
    program: &Program,
    places: &[usize],
    total: usize,
) -> Result<(Circuit, Vec<usize>), String> {
    let mut at = places.to_vec();
    let mut backwards: Vec<(Operation, Vec<Qubit>)> = Vec::with_capacity(program.steps.len());
    for step in program.steps.iter().rev() {
        if let Step::Swap(a, b) = *step {
            at.swap(a, b);
        } else {
            let qubits = step
                .wires()
                .iter()
                .map(|&wire| Qubit::new(at[wire]))
                .collect();
            backwards.push((step.operation(), qubits));
        }
    }
    let mut circuit = Circuit::new(total, 0);
    for (operation, qubits) in backwards.into_iter().rev() {
        circuit
            .push(operation, &qubits)
            .map_err(|error| error.to_string())?;
    }
    circuit.add_global_phase(program.phase);
    Ok((circuit, at))
}

/// Runs of both sides.
pub(super) struct Simulation<'p> {
    pub(super) pair: &'p Pair<'p>,
    /// Positions, those for the other halves of Bell pairs left out.
    pub(super) total: usize,
}

impl Simulation<'_> {
    /// The final state of one side; `read` is put after it on each position.
    pub(super) fn run(
        &self,
        side: usize,
        places: &[usize],
        input: &Input,
        read: Option<(Gate, usize)>,
    ) -> Result<StateVector<f64>, String> {
        let program = if side == 0 {
            &self.pair.before
        } else {
            &self.pair.after
        };
        let inputs = self.pair.inputs.len();
        let total = self.total
            + if matches!(input, Input::Bell) {
                inputs
            } else {
                0
            };
        let (body, at) = circuit_of(program, places, total)?;
        let mut circuit = Circuit::new(total, 0);
        let problem = |error: ardea_circuit::CircuitError| error.to_string();
        let mut options = SimOptions {
            memory_cap: self.pair.options.memory,
            ..SimOptions::default()
        };
        match input {
            Input::Zero => {}
            Input::Bell => {
                for (input, &position) in at.iter().enumerate().take(inputs) {
                    circuit.h(self.total + input).map_err(problem)?;
                    circuit.cx(self.total + input, position).map_err(problem)?;
                }
            }
            Input::Product(angles) => {
                for (angles, &position) in angles.iter().zip(&at) {
                    let gate = Operation::with_values(Gate::U, angles).map_err(problem)?;
                    circuit
                        .push(gate, &[Qubit::new(position)])
                        .map_err(problem)?;
                }
            }
            Input::Random(seed) => {
                self.fits(total, 2)?;
                options.initial_state = Some(random_state(*seed, &at[..inputs], total));
            }
        }
        circuit.extend(&body);
        if let Some((gate, count)) = read {
            for position in 0..count {
                circuit
                    .push(Operation::Gate(gate), &[Qubit::new(position)])
                    .map_err(problem)?;
            }
        }
        let state = statevector::<f64>(&circuit, &options).map_err(in_words)?;
        state.into_full().map_err(in_words)
    }

    /// Whether that many states fit, beside the simulator's own check.
    pub(super) fn fits(&self, qubits: usize, states: u32) -> Result<(), String> {
        let bytes = 1u128
            .checked_shl(qubits as u32 + 4)
            .unwrap_or(u128::MAX)
            .saturating_mul(u128::from(states));
        let available = ardea_simulator::available_memory(self.pair.options.memory);
        if qubits >= 60 || bytes > available.bytes {
            return Err(format!(
                "states of {qubits} qubits do not fit in memory ({})",
                available.limit
            ));
        }
        Ok(())
    }
}

pub(super) fn in_words(error: SimulatorError) -> String {
    error.to_string()
}

/// Whether the work stays within the limit.
pub(super) fn affordable(pair: &Pair<'_>, qubits: usize, runs: usize) -> Result<(), String> {
    let steps = |program: &Program| {
        program
            .steps
            .iter()
            .filter(|step| !matches!(step, Step::One(..) | Step::Swap(..)))
            .count()
            + 1
    };
    let work = (steps(&pair.before) + steps(&pair.after)) as f64
        * runs as f64
        * 2f64.powi(qubits.min(1000) as i32);
    if work > pair.options.work {
        return Err(format!(
            "simulating {qubits} qubits would touch {work:.0e} amplitudes, more than the limit of {:.0e}",
            pair.options.work
        ));
    }
    Ok(())
}

fn random_state(seed: u64, at: &[usize], total: usize) -> Arc<[C64]> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut gauss = || {
        let (u, v): (f64, f64) = (rng.random(), rng.random());
        C64::from_polar((-2.0 * (1.0 - u).ln()).sqrt(), std::f64::consts::TAU * v)
    };
    let mut state = vec![C64::default(); 1 << total];
    let mut norm = 0.0;
    for value in 0..1usize << at.len() {
        let index: usize = at
            .iter()
            .enumerate()
            .map(|(bit, &place)| (value >> bit & 1) << place)
            .sum();
        state[index] = gauss();
        norm += state[index].norm_sqr();
    }
    let scale = 1.0 / f64::sqrt(norm);
    state.iter_mut().for_each(|amplitude| *amplitude *= scale);
    state.into()
}
