//! The sector engine: circuits that conserve numbers of particles, on the amplitudes of one sector only.
//!
//! Qubits that hops connect share a number of particles; groups of qubits that only phases couple have one each. A
//! half-filled Hubbard chain of 12 sites conserves the up and the down particles: C(12,6)^2 = 853,776 amplitudes instead
//! of 2^24. The conserved groups are found in the circuit itself ([`steps`]), the basis states are ranked by
//! combinations ([`layout`]; the splitting into two indices is Lin's, Phys. Rev. B 42, 6561, 1990), and the steps work on
//! whole rows of the table that results ([`apply`], [`diagonal`]).

mod apply;
mod combinations;
mod diagonal;
mod layout;
mod measure;
mod steps;
#[cfg(test)]
mod tests;

use ardea_circuit::{C64, Circuit, SparsePauliSum};

use crate::blocks::{Engine, Frame, read};
use crate::counts::{Counts, Outcome};
use crate::error::SimulatorError;
use crate::kernels::{Buffer, Real};
use crate::memory;
use crate::method::Method;
use crate::options::SimOptions;
use crate::pool;
use crate::state::StateVector;
use layout::{Layout, Shape};
use steps::{Collector, Step, Steps};

const ENGINE: Engine = Engine {
    method: Method::Sector,
    reason: "it changes the number of particles (ones), also together with its neighbours on the same two qubits",
};

/// A circuit that the engine can run.
pub(crate) struct Compiled {
    frame: Frame,
    steps: Steps,
    shape: Shape,
}

/// The state at the end of the gates.
pub(crate) struct State {
    layout: Layout,
    amplitudes: Buffer<C64>,
}

impl Compiled {
    /// Reads `circuit`.
    ///
    /// # Errors
    /// [`SimulatorError::Refused`] for an instruction that changes the number of particles.
    pub(crate) fn new(circuit: &Circuit, options: &SimOptions) -> Result<Self, SimulatorError> {
        let (frame, collector) = read(circuit, options, ENGINE, Collector::new)?;
        let steps = collector.finish();
        let shape = Shape::of(&steps);
        Ok(Self {
            frame,
            steps,
            shape,
        })
    }

    /// Basis states of the sector, `None` when they are more than 2^127.
    pub(crate) fn dimension(&self) -> Option<u128> {
        self.shape.dimension()
    }

    pub(crate) fn active_qubits(&self) -> usize {
        self.frame.active.qubits.len()
    }

    pub(crate) fn num_steps(&self) -> usize {
        self.steps.list.len()
    }

    /// Whether the amplitudes fit in the memory that may be used.
    pub(crate) fn check_memory(&self, options: &SimOptions) -> Result<(), SimulatorError> {
        let what = || {
            let groups: Vec<String> = self
                .shape
                .groups
                .iter()
                .map(|group| format!("{} of {}", group.ones, group.qubits.len()))
                .collect();
            format!("a sector with {} particles", groups.join(" and "))
        };
        memory::check_bytes(what, self.shape.bytes(), options.memory_cap)
    }

    /// Runs the gates.
    ///
    /// # Errors
    /// [`SimulatorError::TooLarge`] before anything is allocated, [`SimulatorError::Interrupted`].
    pub(crate) fn run(&self, options: &SimOptions) -> Result<State, SimulatorError> {
        self.check_memory(options)?;
        pool::on_threads(options.threads, || {
            let layout = Layout::new(&self.shape, &self.steps.start)?;
            let mut amplitudes = Buffer::zeroed(layout.dimension(), "the sector")?;
            amplitudes[layout.index_of(&self.steps.start)] = self.steps.phase;
            apply::apply_all(&self.steps.list, &layout, &mut amplitudes, options)?;
            Ok(State { layout, amplitudes })
        })?
    }

    /// Draws the final measurements: counts and, when asked for, the outcome of each shot in order; and the state's
    /// norm.
    pub(crate) fn sample(
        &self,
        circuit: &Circuit,
        state: &State,
        options: &SimOptions,
    ) -> Result<(Counts, Vec<Outcome>, f64), SimulatorError> {
        pool::on_threads(options.threads, || {
            measure::sample(state, &self.frame, circuit, options)
        })?
    }

    /// The state with all amplitudes of the active qubits.
    ///
    /// # Errors
    /// [`SimulatorError::OutOfMemory`] where they do not fit.
    pub(crate) fn state_vector<T: Real>(
        &self,
        circuit: &Circuit,
        state: &State,
        options: &SimOptions,
    ) -> Result<StateVector<T>, SimulatorError> {
        let qubits = self.active_qubits();
        memory::check::<T>(qubits, 1, 0, options.memory_cap)?;
        let amplitudes = state.expanded::<T>(qubits)?;
        let active = &self.frame.active.qubits;
        Ok(StateVector::new(amplitudes, active, circuit.num_qubits()))
    }

    /// The expectation values of `operators`.
    pub(crate) fn expectations(
        &self,
        state: &State,
        operators: &[&SparsePauliSum],
        options: &SimOptions,
    ) -> Result<Vec<C64>, SimulatorError> {
        pool::on_threads(options.threads, || {
            let value = |operator: &&SparsePauliSum| {
                operator
                    .terms()
                    .iter()
                    .map(|(string, factor)| {
                        factor * measure::expectation(state, &self.frame, string)
                    })
                    .sum()
            };
            operators.iter().map(value).collect()
        })
    }
}

/// Whether a step's amplitudes are exchanged between particles' places.
fn moves(step: &Step) -> Option<[u32; 2]> {
    match step {
        Step::Mix { qubits, .. } => Some(*qubits),
        Step::Diagonal { .. } => None,
    }
}
