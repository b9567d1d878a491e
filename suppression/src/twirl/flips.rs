//! Which classical bits a randomised circuit reports inverted, and putting that right.

use ardea_circuit::{Circuit, Clbit};
use ardea_simulator::{Counts, Outcome};

/// The classical bits that were measured behind an X of the twirl, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flips(Vec<Clbit>);

impl Flips {
    /// These bits, in any order.
    pub fn new(mut bits: Vec<Clbit>) -> Self {
        bits.sort_unstable();
        bits.dedup();
        Self(bits)
    }

    /// The bits, sorted.
    pub fn bits(&self) -> &[Clbit] {
        &self.0
    }

    /// Whether a bit is reported inverted.
    pub fn contains(&self, bit: Clbit) -> bool {
        self.0.binary_search(&bit).is_ok()
    }

    /// The counts with these bits inverted, as counts of `circuit`, whose registers they take.
    pub fn undo(&self, counts: &Counts, circuit: &Circuit) -> Counts {
        let mut out = Counts::new(circuit);
        for (outcome, times) in counts.iter() {
            out.add(self.undo_in(outcome), times);
        }
        out
    }

    fn undo_in(&self, outcome: &Outcome) -> Outcome {
        let mut outcome = outcome.clone();
        for &bit in &self.0 {
            outcome.set(bit, !outcome.get(bit));
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flipped_bits_are_inverted_in_every_outcome() {
        let circuit = Circuit::new(0, 3);
        let counts = Counts::from_texts(&circuit, [("000", 3), ("101", 4)]).unwrap();
        let flips = Flips::new(vec![Clbit::new(2), Clbit::new(0)]);
        let undone = flips.undo(&counts, &circuit);
        assert_eq!((undone.get("101"), undone.get("000")), (3, 4));
        assert_eq!(flips.undo(&undone, &circuit), counts);
    }
}
