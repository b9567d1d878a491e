//! The free-fermion engine: circuits of matchgates on neighbours of a line, at any width.
//!
//! In an order of the qubits, gates `exp(i(a XX + b YY + c XY + d YX))` on neighbours, phases `rz` and flips `x` turn the
//! 2n Majorana operators into sums of each other. The state that they make of |0...0> is Gaussian: its covariance matrix
//! `M_ab = i <g_a g_b>` (for a and b different) holds everything (Terhal and DiVincenzo 2002, arXiv:quant-ph/0108010;
//! Bravyi 2005, arXiv:quant-ph/0404180). A gate turns four rows and columns ([`gates`]); a Pauli string is a product
//! of Majorana operators, and its value a Pfaffian by Wick's theorem ([`pfaffian`]); outcomes are drawn qubit by qubit,
//! each measurement leaving a Gaussian state of the others ([`measure`]).

mod gates;
mod measure;
mod pfaffian;
mod state;
#[cfg(test)]
mod tests;

use ardea_circuit::{C64, Circuit, SparsePauliSum};

use crate::blocks::{Engine, Frame, read};
use crate::counts::{Counts, Outcome};
use crate::error::SimulatorError;
use crate::memory;
use crate::method::Method;
use crate::options::SimOptions;
use crate::pool;
use gates::{Collector, Gates};
use state::State;

const ENGINE: Engine = Engine {
    method: Method::FreeFermion,
    reason: "it is no matchgate, also together with its neighbours on the same two qubits",
};

/// A circuit that the engine can run.
pub(crate) struct Compiled {
    frame: Frame,
    gates: Gates,
}

impl Compiled {
    /// Reads `circuit`.
    ///
    /// # Errors
    /// [`SimulatorError::Refused`] for a gate that is no matchgate, or that couples qubits that are no neighbours on
    /// any line which the circuit could follow.
    pub(crate) fn new(circuit: &Circuit, options: &SimOptions) -> Result<Self, SimulatorError> {
        let (frame, collector) = read(circuit, options, ENGINE, Collector::new)?;
        let gates = collector.finish().map_err(|origin| {
            let reason = "it couples qubits that are no neighbours on the line of all others";
            ENGINE.refusal(&origin, reason)
        })?;
        Ok(Self { frame, gates })
    }

    pub(crate) fn active_qubits(&self) -> usize {
        self.frame.active.qubits.len()
    }

    pub(crate) fn num_steps(&self) -> usize {
        self.gates.list.len()
    }

    /// Draws the final measurements: counts and, when asked for, the outcome of each shot in order.
    ///
    /// # Errors
    /// [`SimulatorError::TooLarge`] before anything is allocated, [`SimulatorError::Interrupted`].
    pub(crate) fn run(
        &self,
        circuit: &Circuit,
        options: &SimOptions,
    ) -> Result<(Counts, Vec<Outcome>), SimulatorError> {
        let state = self.state(options)?;
        pool::on_threads(options.threads, || {
            measure::sample(&state, &self.frame, circuit, options)
        })?
    }

    /// The expectation values of `operators` before the final measurements.
    ///
    /// # Errors
    /// As [`Compiled::run`].
    pub(crate) fn expectations(
        &self,
        operators: &[&SparsePauliSum],
        options: &SimOptions,
    ) -> Result<Vec<C64>, SimulatorError> {
        let state = self.state(options)?;
        let majoranas = state.majoranas();
        let value = |operator: &&SparsePauliSum| {
            let mut sum = C64::ZERO;
            for (string, factor) in operator.terms() {
                if options.is_interrupted() {
                    return Err(SimulatorError::Interrupted);
                }
                sum += factor * state.expectation(string, &majoranas, &self.frame.active);
            }
            Ok(sum)
        };
        operators.iter().map(value).collect()
    }

    /// The state at the end of the gates.
    fn state(&self, options: &SimOptions) -> Result<State, SimulatorError> {
        let n = self.active_qubits();
        // The covariances and, for each thread, those of the qubits that are still to be measured; the strings of the
        // Majorana operators take less.
        let threads = pool::resolve(options.threads) as u128;
        let needed = (n as u128)
            .checked_mul(n as u128)
            .and_then(|square| square.checked_mul(32 * (3 + threads)))
            .and_then(|bytes| bytes.checked_add(threads * measure::WAITING_BYTES));
        memory::check_bytes(
            || format!("the covariance matrix of {n} qubits"),
            needed,
            options.memory_cap,
        )?;
        let mut state = State::zero(self.gates.order.clone());
        for gate in &self.gates.list {
            if options.is_interrupted() {
                return Err(SimulatorError::Interrupted);
            }
            state.apply(gate);
        }
        Ok(state)
    }
}
