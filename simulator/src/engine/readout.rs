//! From a basis state to the bits that are read, misreadings included.

use super::Reading;
use crate::counts::Outcome;
use crate::noisy::{Confusion, NoisyCircuit};
use crate::random::Random;

/// The measurements at the end of a noisy circuit, and how each qubit is misread.
#[derive(Debug)]
pub(crate) struct Readout {
    readings: Vec<Reading>,
    confusion: Vec<Option<Confusion>>,
}

impl Readout {
    pub(crate) fn new(noisy: &NoisyCircuit, readings: &[Reading]) -> Self {
        let wires = (0..noisy.num_qubits()).map(ardea_circuit::Qubit::new);
        Self {
            readings: readings.to_vec(),
            confusion: wires.map(|wire| noisy.readout(wire)).collect(),
        }
    }

    /// How a qubit of the circuit is misread.
    pub(crate) fn confusion(&self, wire: usize) -> Option<Confusion> {
        self.confusion[wire]
    }

    /// The bits of a shot whose final measurement finds `basis`. Each reading has its own random number, from `site` on.
    pub(crate) fn outcome(
        &self,
        bits: &Outcome,
        basis: u64,
        random: Random,
        shot: u64,
        site: u64,
    ) -> Outcome {
        let mut outcome = bits.clone();
        for (site, reading) in (site..).zip(&self.readings) {
            let found = reading.of(basis);
            let bit = match self.confusion[reading.wire] {
                Some(confusion) => confusion.read(found, random.uniform(shot, site)),
                None => found,
            };
            outcome.set(reading.bit, bit);
        }
        outcome
    }
}
