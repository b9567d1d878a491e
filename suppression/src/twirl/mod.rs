//! Twirling: a circuit in many versions that mean the same, so that errors average instead of adding up.
//!
//! Each version has random Paulis around its two-qubit gates and before its measurements. Together they turn coherent
//! errors of gates into random Paulis (`group.rs` says how far), and errors of readout into ones that do not depend on
//! the outcome (van den Berg, Minev, Temme 2022, arXiv:2012.09738). On its own that changes the average error of a
//! circuit little; it makes errors add up slower, and it is what extrapolation and readout mitigation rely on.
//!
//! A circuit is compiled once. A version merges the Paulis into the runs of one-qubit gates beside them and writes those
//! runs anew: `rz` costs nothing, and a run that has pulses already keeps their number. Only where two-qubit gates
//! followed each other with no pulse in between can one be added. Each version implements the same operator, its global
//! phase included.

mod flips;
mod group;
mod measured;
mod walk;

#[cfg(test)]
mod tests;

pub use flips::Flips;

use std::collections::BTreeMap;

use ardea_circuit::{Circuit, Gate, Operation};
use ardea_compiler::GateSet;
use ardea_compiler::translate::{NativeBasis, Wiring};
use ardea_device::Target;
use rand::RngExt;
use rayon::prelude::*;

use crate::error::SuppressionError;
use crate::seeds::{Purpose, generator};
use group::{Member, members};
use measured::Twirlable;
use walk::Walk;

/// Which gates are twirled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GateTwirl {
    /// None.
    #[default]
    Off,
    /// All two-qubit gates, in bodies of control flow too.
    TwoQubit,
}

/// Which measurements are twirled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MeasurementTwirl {
    /// None.
    #[default]
    Off,
    /// All outside of control flow whose bit no condition reads and no other measurement writes.
    Final,
}

/// One version of a twirled circuit.
#[derive(Clone, Debug, PartialEq)]
pub struct Randomisation {
    /// The version.
    pub circuit: Circuit,
    /// The classical bits that it reports inverted.
    pub flips: Flips,
}

/// A compiled circuit, ready to be randomised.
#[derive(Debug)]
pub struct Twirler<'a> {
    circuit: &'a Circuit,
    basis: NativeBasis<'a>,
    gates: GateTwirl,
    groups: BTreeMap<GateKey, Vec<Member>>,
    twirlable: Twirlable,
}

/// A gate and its angle, in bits.
type GateKey = (Gate, Option<u64>);

impl<'a> Twirler<'a> {
    /// Prepares `circuit`, which is in the gates of `target`.
    ///
    /// # Errors
    /// [`SuppressionError::Unsuitable`] for a circuit with symbols, and when the target's one-qubit gates are of a kind
    /// that the compiler does not know.
    pub fn new(
        circuit: &'a Circuit,
        target: &'a Target,
        gates: GateTwirl,
        measurements: MeasurementTwirl,
    ) -> Result<Self, SuppressionError> {
        if circuit.is_symbolic() {
            return Err(SuppressionError::Unsuitable {
                method: "twirling",
                reason: "it has symbols without a value; bind them first".to_owned(),
            });
        }
        let gate_set = if uses_fractional(circuit) {
            GateSet::Fractional
        } else {
            GateSet::Standard
        };
        let mut groups = BTreeMap::new();
        if gates == GateTwirl::TwoQubit {
            find_groups(circuit, &mut groups);
        }
        Ok(Self {
            circuit,
            basis: NativeBasis::new(target, gate_set, Wiring::Physical)?,
            gates,
            groups,
            twirlable: match measurements {
                MeasurementTwirl::Off => Twirlable::default(),
                MeasurementTwirl::Final => Twirlable::of(circuit),
            },
        })
    }

    /// How many gates of the circuit are twirled, bodies included.
    pub fn num_gates(&self) -> usize {
        match self.gates {
            GateTwirl::Off => 0,
            GateTwirl::TwoQubit => self.count_in(self.circuit),
        }
    }

    /// How many measurements are twirled.
    pub fn num_measurements(&self) -> usize {
        self.twirlable.measurements.len()
    }

    /// Version number `index`, which depends on nothing else but the seed.
    ///
    /// Version 2k + 1 inverts just the measurements that version 2k leaves alone, so that two such versions together have
    /// every bit inverted in half of their shots: what differs between reading 0 and reading 1 cancels between them instead
    /// of adding to the scatter.
    pub fn randomise(&self, seed: u64, index: u64) -> Randomisation {
        let flips = self.flipped(seed, index);
        let mut random = generator(seed, Purpose::Twirl, index);
        Walk::new(self, &mut random).randomised(&flips)
    }

    /// The positions of the measurements that a version inverts, in order.
    fn flipped(&self, seed: u64, index: u64) -> Vec<usize> {
        let mut random = generator(seed, Purpose::Flips, index / 2);
        let is_opposite = index % 2 == 1;
        let positions = self.twirlable.measurements.keys().copied();
        positions
            .filter(|_| random.random_bool(0.5) != is_opposite)
            .collect()
    }

    /// The first `count` versions.
    pub fn versions(&self, seed: u64, count: u64) -> Vec<Randomisation> {
        (0..count)
            .into_par_iter()
            .map(|index| self.randomise(seed, index))
            .collect()
    }

    fn group(&self, operation: &Operation) -> Option<&[Member]> {
        self.groups.get(&key(operation)?).map(Vec::as_slice)
    }

    fn count_in(&self, circuit: &Circuit) -> usize {
        let count = |operation: &Operation| {
            let inner: usize = operation.bodies().iter().map(|b| self.count_in(b)).sum();
            inner + usize::from(self.group(operation).is_some())
        };
        let all = circuit.instructions().iter();
        all.map(|instruction| count(&instruction.operation)).sum()
    }
}

fn key(operation: &Operation) -> Option<GateKey> {
    match operation {
        Operation::Gate(gate) if gate.num_qubits() == 2 => Some((*gate, None)),
        Operation::Rotation(gate, angle) if gate.num_qubits() == 2 => {
            Some((*gate, Some(angle.to_bits())))
        }
        _ => None,
    }
}

/// Adds the group of every gate on two qubits that has more than the identity to be dressed with.
fn find_groups(circuit: &Circuit, groups: &mut BTreeMap<GateKey, Vec<Member>>) {
    for instruction in circuit.instructions() {
        for body in instruction.operation.bodies() {
            find_groups(body, groups);
        }
        let Some((gate, angle)) = key(&instruction.operation) else {
            continue;
        };
        if groups.contains_key(&(gate, angle)) {
            continue;
        }
        let angles: Vec<f64> = angle.map(f64::from_bits).into_iter().collect();
        if let Some(found) = gate.matrix2(&angles).map(|matrix| members(&matrix))
            && found.len() > 1
        {
            groups.insert((gate, angle), found);
        }
    }
}

/// Whether the circuit was compiled with gates of any angle, so that more of them do no harm.
fn uses_fractional(circuit: &Circuit) -> bool {
    circuit.instructions().iter().any(|instruction| {
        let operation = &instruction.operation;
        matches!(operation.as_gate(), Some(Gate::RX | Gate::RZZ))
            || operation.bodies().into_iter().any(uses_fractional)
    })
}
