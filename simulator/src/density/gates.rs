//! Gates and channels as shapes on a state of twice as many qubits.
//!
//! The entry `<r| rho |c>` of a density matrix of n qubits is amplitude `r + c 2^n`. A gate U turns rho into U rho U†, so
//! it acts as U on the low qubits and as its conjugate on the high ones; a channel is one matrix on a qubit of each.

use ardea_circuit::{C64, Operation};

use crate::channel::Channel;
use crate::engine::GateRun;
use crate::error::SimulatorError;
use crate::kernels::Shape;
use crate::noisy::NoisyCircuit;
use crate::options::SimOptions;
use crate::plan::{Lowered, Plan, shape_of};

/// What measurements in the middle of a circuit become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measurements {
    /// Instructions with outcomes.
    Draw,
    /// Channels: nobody looks at the outcome.
    Forget,
}

/// Collects plans for density matrices.
pub(super) struct DensityGates<'a> {
    noisy: &'a NoisyCircuit,
    qubits: u32,
    measurements: Measurements,
    /// For each channel its rows.
    superoperators: Vec<Vec<C64>>,
    reset: Vec<C64>,
    dephasing: Vec<C64>,
    pending: Lowered,
}

impl<'a> DensityGates<'a> {
    pub(super) fn new(
        noisy: &'a NoisyCircuit,
        qubits: usize,
        measurements: Measurements,
    ) -> Result<Self, SimulatorError> {
        let channels = noisy.channels();
        Ok(Self {
            noisy,
            qubits: qubits as u32,
            measurements,
            superoperators: (0..channels.len()).map(|i| rows(channels.get(i))).collect(),
            reset: rows(&Channel::amplitude_damping(1.0)?),
            dephasing: rows(&Channel::phase_damping(1.0)?),
            pending: Lowered::default(),
        })
    }

    fn push_superoperator(&mut self, rows: &[C64], qubits: &[u32]) {
        let high = qubits.iter().map(|qubit| qubit + self.qubits);
        let both: Vec<u32> = qubits.iter().copied().chain(high).collect();
        self.pending.shapes.extend(shape_of(&both, rows));
    }
}

impl GateRun for DensityGates<'_> {
    type Done = Plan;

    fn add_phase(&mut self, _radians: f64) {} // a density matrix has no global phase

    fn push(
        &mut self,
        operation: &Operation,
        qubits: &[u32],
        position: usize,
    ) -> Result<(), SimulatorError> {
        if let Some(place) = self.noisy.channels().place(operation) {
            if !self.noisy.channels().get(place).is_identity() {
                let rows = std::mem::take(&mut self.superoperators[place]);
                self.push_superoperator(&rows, qubits);
                self.superoperators[place] = rows;
            }
            return Ok(());
        }
        let mut gate = Lowered::default();
        gate.push(operation, qubits, position)?;
        for shape in gate.shapes {
            let column = conjugate(&shape, self.qubits);
            self.pending.shapes.push(shape);
            self.pending.shapes.push(column);
        }
        Ok(())
    }

    fn absorb(&mut self, operation: &Operation, qubit: u32) -> bool {
        let rows = match operation {
            Operation::Reset => self.reset.clone(),
            _ if self.measurements == Measurements::Forget => self.dephasing.clone(),
            _ => return false,
        };
        self.push_superoperator(&rows, &[qubit]);
        true
    }

    fn len(&self) -> usize {
        self.pending.shapes.len()
    }

    fn finish(
        &mut self,
        qubits: usize,
        options: &SimOptions,
    ) -> Result<Option<Plan>, SimulatorError> {
        let pending = std::mem::take(&mut self.pending);
        if pending.shapes.is_empty() {
            return Ok(None);
        }
        let plan = Plan::new(pending, 2 * qubits, options.fusion)?;
        Ok((plan.num_steps() > 0).then_some(plan))
    }
}

/// The superoperator row by row, without rounding dust.
fn rows(channel: &Channel) -> Vec<C64> {
    let matrix = channel.superoperator();
    let clean = |x: f64| if x.abs() < 1e-15 { 0.0 } else { x };
    matrix
        .transpose()
        .iter()
        .map(|z| C64::new(clean(z.re), clean(z.im)))
        .collect()
}

/// The conjugate of a shape, `shift` qubits higher.
fn conjugate(shape: &Shape, shift: u32) -> Shape {
    let up = |qubits: &[u32]| qubits.iter().map(|qubit| qubit + shift).collect();
    let all_up = |controls: &[(u32, bool)]| {
        controls
            .iter()
            .map(|&(q, value)| (q + shift, value))
            .collect()
    };
    match shape {
        Shape::Dense {
            targets,
            controls,
            matrix,
        } => Shape::Dense {
            targets: up(targets),
            controls: all_up(controls),
            matrix: matrix.iter().map(C64::conj).collect(),
        },
        Shape::Diagonal { qubits, table } => Shape::Diagonal {
            qubits: up(qubits),
            table: table.iter().map(C64::conj).collect(),
        },
        Shape::Permutation {
            targets,
            controls,
            image,
        } => Shape::Permutation {
            targets: up(targets),
            controls: all_up(controls),
            image: image.clone(),
        },
    }
}
