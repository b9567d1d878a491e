//! The circuits that calibrate the readout of an experiment, and what follows from their counts.

use std::collections::BTreeMap;

use ardea_circuit::{Circuit, Clbit, Operation, Qubit};
use ardea_device::Target;
use ardea_noise::shares;
use ardea_simulator::Counts;

use super::experiment::Job;
use super::options::{Calibration, Readout, ReadoutMethod};
use crate::error::SuppressionError;
use crate::readout::{Batches, ReadoutErrors, calibration_circuits, estimate_errors};
use crate::seeds::{Purpose, seed};
use crate::twirl::{GateTwirl, MeasurementTwirl, Twirler};

/// Versions of |0...0> that TREX measures, in pairs of opposites.
const VERSIONS: u64 = 32;

/// How the readout of an experiment is calibrated. Bit k of its circuits is read from the k-th of `qubits`.
#[derive(Clone, Debug)]
pub(super) struct CalibrationPlan {
    pub(super) readout: Readout,
    pub(super) qubits: Vec<Qubit>,
    /// What each circuit prepares; empty for TREX.
    prepared: Vec<Vec<bool>>,
    /// What the device itself says, where it is asked.
    known: Option<ReadoutErrors>,
    /// The circuit of TREX before its measurements are twirled.
    zero: Circuit,
}

/// What is known of the readout once the circuits have run.
pub(super) enum Calibrated {
    Errors(ReadoutErrors),
    Zero(Batches),
}

impl CalibrationPlan {
    /// The plan and its circuits.
    pub(super) fn new(
        readout: Readout,
        qubits: Vec<Qubit>,
        target: &Target,
        base_seed: u64,
    ) -> Result<(Self, Vec<Job>), SuppressionError> {
        let mut zero = Circuit::new(target.num_qubits(), qubits.len());
        for (bit, &qubit) in qubits.iter().enumerate() {
            zero.push(Operation::Measure(Clbit::new(bit)), &[qubit])?;
        }
        let mut plan = Self {
            readout,
            qubits,
            prepared: vec![],
            known: None,
            zero,
        };
        let Calibration::Circuits { pattern, shots } = readout.calibration else {
            plan.known = Some(ReadoutErrors::from_target(target));
            return Ok((plan, vec![]));
        };
        let jobs = if readout.method == ReadoutMethod::Trex {
            plan.twirled(target, base_seed, shots)?
        } else {
            let circuits = calibration_circuits(target, &plan.qubits, pattern)?;
            plan.prepared = circuits.iter().map(|one| one.prepared.clone()).collect();
            let each = shares(shots, circuits.len() as u64);
            circuits
                .into_iter()
                .zip(each)
                .map(|(one, shots)| Job::new(one.circuit, shots.max(1)))
                .collect()
        };
        Ok((plan, jobs))
    }

    fn twirled(
        &self,
        target: &Target,
        base_seed: u64,
        shots: u64,
    ) -> Result<Vec<Job>, SuppressionError> {
        let twirler = Twirler::new(&self.zero, target, GateTwirl::Off, MeasurementTwirl::Final)?;
        let versions = VERSIONS.min(shots.max(1)).next_multiple_of(2);
        let twirls = twirler.versions(seed(base_seed, Purpose::Calibration, 0), versions);
        let jobs = twirls.into_iter().zip(shares(shots.max(1), versions));
        Ok(jobs
            .map(|(version, shots)| Job {
                flips: version.flips,
                ..Job::new(version.circuit, shots)
            })
            .collect())
    }

    /// What the counts of the circuits say.
    ///
    /// `batches` has them, with flips undone, as counts of a circuit of its own shape.
    pub(super) fn learn(
        &self,
        counts: &[Vec<Counts>],
        batches: impl FnOnce(&Circuit) -> Result<Batches, SuppressionError>,
    ) -> Result<Calibrated, SuppressionError> {
        if let Some(known) = &self.known {
            return Ok(Calibrated::Errors(known.clone()));
        }
        if self.readout.method == ReadoutMethod::Trex {
            return Ok(Calibrated::Zero(batches(&self.zero)?));
        }
        let pairs = self.prepared.iter().zip(counts);
        let runs = pairs.flat_map(|(prepared, draws)| draws.iter().map(|one| (&prepared[..], one)));
        Ok(Calibrated::Errors(estimate_errors(&self.qubits, runs)?))
    }

    /// The bit of the calibration that each qubit is read into.
    pub(super) fn places(&self) -> BTreeMap<Qubit, Clbit> {
        let qubits = self.qubits.iter().enumerate();
        qubits.map(|(k, &qubit)| (qubit, Clbit::new(k))).collect()
    }
}
